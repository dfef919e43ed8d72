import { createInterface, type Interface } from 'node:readline/promises';
import { styleText } from 'node:util';
import type { Client, Terminal } from 'boternity';
import type { NodeView } from '../views.ts';
import { followTurn, type Live } from './follow.ts';

export interface ConverseOptions {
  readonly bot: string;
  readonly conversation: Live;
  readonly client: Client;
  readonly terminal: Terminal;
}

const help = `  /help      this list
  /history   the messages so far
  /exit      leave; also Ctrl+D. The conversation stays
  Ctrl+C     stops an answer; at an empty line it leaves`;

/** A conversation at the terminal. Everything sent is on the server; leaving loses nothing. */
export async function converse({ bot, conversation, client, terminal }: ConverseOptions): Promise<number> {
  const { stdin, stdout } = terminal;
  const { emoji, name, description } = (await client.call('bots.show', { bot })) as {
    emoji: string;
    name: string;
    description: string;
  };
  stdout.write(
    `${emoji} ${styleText('bold', name)}  ${styleText('dim', description)}\n${styleText('dim', `conversation ${conversation.id} · /help`)}\n`,
  );
  const lines = createInterface({ input: stdin, output: stdout, prompt: '› ' });
  const early: string[] = [];
  try {
    for (let text = await ask(lines, early); text !== undefined; text = await ask(lines, early)) {
      if (text.trim() === '') continue;
      if (text.startsWith('/')) {
        if (await isLeaving(text, conversation, terminal)) break;
        continue;
      }
      await answer(text, conversation, lines, early, terminal);
    }
  } finally {
    lines.close();
  }
  stdout.write(`${styleText('dim', `Go on later with: bnity chat ${bot} --resume ${conversation.id}`)}\n`);
  return 0;
}

/** The next line; undefined at Ctrl+D, and at Ctrl+C when nothing is typed. What was typed during an answer comes first. */
function ask(lines: Interface, early: string[]): Promise<string | undefined> {
  const typed = early.shift();
  if (typed !== undefined) return Promise.resolve(typed);
  return new Promise((resolve) => {
    const done = (text: string | undefined): void => {
      lines.off('line', done);
      lines.off('close', leave);
      lines.off('SIGINT', interrupt);
      resolve(text);
    };
    const leave = (): void => done(undefined);
    const interrupt = (): void => {
      if (lines.line === '') return leave();
      lines.write(null, { ctrl: true, name: 'u' });
    };
    lines.on('line', done);
    lines.on('close', leave);
    lines.on('SIGINT', interrupt);
    lines.prompt();
  });
}

async function isLeaving(command: string, conversation: Live, { stdout }: Terminal): Promise<boolean> {
  const [word = ''] = command.trim().split(' ');
  switch (word) {
    case '/exit':
    case '/quit':
    case '/q':
      return true;
    case '/history':
      stdout.write(
        `${
          (conversation.page?.nodes ?? [])
            .filter((node) => node.kind !== 'task')
            .map(historyLine)
            .join('\n') || 'Nothing yet.'
        }\n`,
      );
      return false;
    case '/help':
    case '/h':
    case '/?':
      stdout.write(`${help}\n`);
      return false;
    default:
      stdout.write(`There is no ${word}.\n${help}\n`);
      return false;
  }
}

async function answer(
  text: string,
  conversation: Live,
  lines: Interface,
  early: string[],
  { stdout }: Terminal,
): Promise<void> {
  const keep = (line: string): void => void early.push(line);
  const stop = (): void => void conversation.stop().catch(() => undefined);
  lines.on('SIGINT', stop);
  lines.on('line', keep);
  try {
    const { turn } = await conversation.send(text);
    for await (const piece of followTurn(conversation, turn)) {
      if (piece.type === 'text') stdout.write(piece.text);
      if (piece.type === 'tool')
        stdout.write(
          `${styleText('dim', `\n· ${piece.node.tool?.name} ${piece.node.tool?.arguments}${piece.node.tool?.isError ? ' (refused)' : ''}`)}\n`,
        );
      if (piece.type === 'end') stdout.write(noticesOf(piece.nodes) + footer(piece.nodes));
    }
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    stdout.write(`${styleText('red', message)}${hint ? `\n  → ${hint}` : ''}\n`);
  } finally {
    lines.off('SIGINT', stop);
    lines.off('line', keep);
  }
}

/** What to know beside the answer, each once. */
function noticesOf(nodes: readonly NodeView[]): string {
  const messages = new Set(nodes.flatMap((node) => node.run?.notices.map(({ message }) => message) ?? []));
  return [...messages].map((message) => `\n${styleText('yellow', message)}`).join('');
}

function footer(nodes: readonly NodeView[]): string {
  const last = nodes.at(-1);
  const run = last?.run;
  const tokens = nodes.reduce((sum, node) => sum + (node.run?.usage.input ?? 0) + (node.run?.usage.output ?? 0), 0);
  const seconds = nodes.reduce((sum, node) => sum + (node.run?.durationMs ?? 0), 0) / 1000;
  const facts = [
    tokens > 0 ? `${tokens} tokens` : '',
    `${seconds.toFixed(1)} s`,
    run ? `${run.model} via ${run.provider}` : '',
  ]
    .filter(Boolean)
    .join(' · ');
  const trouble =
    last?.state === 'finished'
      ? ''
      : `\n${styleText('yellow', last?.reason ?? 'There was no answer.')}${run?.error?.hint ? `\n  → ${run.error.hint}` : ''}`;
  return `${trouble}\n${styleText('dim', facts)}\n`;
}

function historyLine(node: NodeView): string {
  return node.kind === 'user' ? `${styleText('bold', '›')} ${node.text}` : node.text;
}
