import { styleText } from 'node:util';
import type { Client, Terminal } from 'boternity';
import type { NodeView } from '../views.ts';
import { followTurn, type Live } from './follow.ts';
import { Lines } from './lines.ts';
import { slash } from './slash.ts';

/** A person at the terminal and a bot. */
export interface Talk {
  readonly bot: string;
  readonly live: Live;
  readonly client: Client;
  readonly terminal: Terminal;
  readonly lines: Lines;
  readonly say: (text: string) => undefined;
}

export interface ConverseOptions {
  readonly bot: string;
  readonly conversation: Live;
  readonly client: Client;
  readonly terminal: Terminal;
}

/** A conversation at the terminal. Everything sent is on the server; leaving loses nothing. Answers `new` when another is wanted. */
export async function converse({
  bot,
  conversation: live,
  client,
  terminal,
}: ConverseOptions): Promise<number | 'new'> {
  const { stdin, stdout } = terminal;
  const { emoji, name, description } = await client.call('bots.show', { bot });
  const title = `${emoji} ${styleText('bold', name)}  ${styleText('dim', description)}`;
  stdout.write(`${title}\n${styleText('dim', `conversation ${live.id} · /help`)}\n`);
  using lines = new Lines(stdin, stdout);
  const say = (text: string): undefined => void stdout.write(`${text}\n`);
  const talk: Talk = { bot, live, client, terminal, lines, say };
  let hasLeft: 'leave' | 'new' | undefined;
  while (!hasLeft) {
    const text = await lines.ask();
    if (text === undefined) break;
    if (text.trim() === '') continue;
    try {
      if (!text.startsWith('/')) await answer(talk, async () => (await live.send(text)).turn);
      else {
        const done = await slash(text, talk);
        if (typeof done === 'string') hasLeft = done;
        else if (done) await answer(talk, () => Promise.resolve(done.turn));
      }
    } catch (error) {
      const { message, hint } = error as { message: string; hint?: string };
      say(`${styleText('red', message)}${hint ? `\n  → ${hint}` : ''}`);
    }
  }
  say(styleText('dim', `Go on later with: bnity chat ${bot} --resume ${live.id}`));
  return hasLeft === 'new' ? 'new' : 0;
}

/** Shows an answer as it comes, and asks where the bot has to. */
async function answer(talk: Talk, begin: () => Promise<string>): Promise<void> {
  const { live, lines, say, terminal } = talk;
  const { stdout } = terminal;
  lines.onInterrupt = () => void live.stop().catch(() => undefined);
  const waiting = showWaiting(terminal);
  try {
    const turn = await begin();
    for await (const piece of followTurn(live, turn, talk.client)) {
      waiting.hide();
      if (piece.type === 'text') stdout.write(piece.text);
      if (piece.type === 'tool') say(styleText('dim', `\n· ${toolLine(piece.node)}`));
      if (piece.type === 'ask') await decide(talk, piece.node);
      if (piece.type === 'end') stdout.write(noticesOf(piece.nodes) + footer(piece.nodes));
    }
  } finally {
    waiting.hide();
    lines.onInterrupt = () => undefined;
  }
}

function toolLine({ tool, state }: NodeView): string {
  const end = state === 'rejected' ? ' (denied)' : tool?.isError ? ' (refused)' : '';
  return `${tool?.name} ${tool?.arguments}${end}`;
}

async function decide({ client, live, lines, say }: Talk, node: NodeView): Promise<void> {
  const what = `${node.tool?.name} ${node.tool?.arguments}`;
  say(`\n${styleText('yellow', 'The bot wants to use')} ${what}`);
  const typed = (await lines.ask('Allow it? [y]es, [a]lways in this conversation, [n]o › ')) ?? 'n';
  const place = { conversation: live.id, call: node.id };
  const isAlways = /^a/i.test(typed.trim());
  const asked = /^[ya]/i.test(typed.trim())
    ? client.call('calls.approve', { ...place, for: isAlways ? 'conversation' : 'once' })
    : client.call('calls.deny', place);
  await asked.catch((error: unknown) => {
    // Somebody was faster, in another tab or at another terminal.
    if ((error as { code?: string }).code !== 'APPROVAL_MISSING') throw error;
  });
}

/** A word that says that something happens, until something does. */
function showWaiting({ stdout }: Terminal): { hide(): void } {
  if (!stdout.isTTY) return { hide: () => undefined };
  let isShown = true;
  stdout.write(styleText('dim', 'thinking…'));
  return {
    hide() {
      if (isShown) stdout.write('\r\u001B[K');
      isShown = false;
    },
  };
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
  const hint = run?.error ? `\n  → ${run.error.hint}` : '';
  const next = `\n  → /retry tries it again, /model <name> with another model`;
  const trouble =
    last?.state === 'finished'
      ? ''
      : `\n${styleText('yellow', last?.reason ?? 'There was no answer.')}${hint}${run?.error ? next : ''}`;
  return `${trouble}\n${styleText('dim', facts)}\n`;
}
