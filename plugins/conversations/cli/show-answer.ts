import { styleText } from 'node:util';
import type { NodeView } from '../views.ts';
import { footer, remarks } from './footer.ts';
import { followTurn } from './follow.ts';
import { decide } from './decide.ts';
import { canMove, createSpinner } from './spinner.ts';
import { plainLine, PlainStream } from './text/plain.ts';
import { roomIn, type Talk } from './talk.ts';

/** Where an answer is written: on a screen as Markdown, elsewhere as it comes. */
interface Writer {
  write(text: string): void;
  end(): void;
  resized(): void;
}

/**
 * Shows an answer as it comes, asks where the bot has to, and gives its nodes; none when the person did not wait for the end. Throws
 * when the conversation cannot be read any more.
 */
export async function showAnswer(talk: Talk, turn: string): Promise<readonly NodeView[]> {
  const { client, live, lines, say, terminal } = talk;
  talk.seen.add(turn);
  const leaving = new AbortController();
  const spinner = createSpinner(terminal);
  const writer = await writerFor(talk);
  const resized = (): void => writer.resized();
  const undo = onKeys(talk, leaving);
  terminal.stdout.on('resize', resized);
  try {
    spinner.show();
    for await (const piece of followTurn(client, live, turn, leaving.signal)) {
      spinner.hide();
      if (piece.type === 'text') writer.write(piece.text);
      else writer.end();
      if (piece.type === 'tool') say(styleText('dim', `· ${toolLine(piece.node, roomIn(terminal))}`));
      if (piece.type === 'ask') await decide(talk, piece.node);
      if (piece.type === 'lost') say(styleText('yellow', 'The connection to the server is lost; it is tried again.'));
      if (piece.type === 'end') {
        for (const line of [...remarks(piece.nodes), footer(piece.nodes)]) if (line !== '') say(line);
        say('');
        return piece.nodes;
      }
      if (piece.type !== 'text') spinner.show();
    }
    return [];
  } finally {
    terminal.stdout.off('resize', resized);
    spinner.hide();
    writer.end();
    undo();
    lines.onInterrupt = () => undefined;
  }
}

/** Ctrl+C and /stop stop the answer; a second Ctrl+C, where that cannot be done, and Ctrl+D go on without it. */
function onKeys({ live, lines }: Talk, leaving: AbortController): () => void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) leaving.abort();
    isStopping = true;
    live.stop().catch(() => leaving.abort());
  };
  const leave = (): void => leaving.abort();
  lines.onInterrupt = stop;
  lines.onLeave = leave;
  lines.onEarly = (text) => {
    if (text.trim() !== '/stop') return false;
    stop();
    return true;
  };
  return () => {
    lines.onInterrupt = () => undefined;
    lines.onLeave = () => undefined;
    lines.onEarly = () => false;
  };
}

async function writerFor({ terminal }: Talk): Promise<Writer> {
  const { stdout } = terminal;
  if (canMove(stdout)) {
    const { BlockWriter } = await import('./text/block-writer.ts');
    return new BlockWriter({
      write: (text) => stdout.write(text),
      get columns() {
        return stdout.columns || 80;
      },
      get rows() {
        return stdout.rows || 24;
      },
    });
  }
  return plainWriter(stdout);
}

function plainWriter(stdout: NodeJS.WriteStream): Writer {
  const stream = new PlainStream();
  let isOpen = false;
  const put = (text: string): void => {
    if (text === '') return;
    stdout.write(text);
    isOpen = !text.endsWith('\n');
  };
  return {
    write: (text) => put(stream.push(text)),
    end() {
      put(stream.end());
      if (isOpen) put('\n');
    },
    resized: () => undefined,
  };
}

function toolLine({ tool, state }: NodeView, width: number): string {
  const end = state === 'rejected' ? ' (denied)' : tool?.isError ? ' (refused)' : '';
  const line = plainLine(`${tool?.name} ${tool?.arguments}`);
  const room = Math.max(10, width - end.length - 2);
  return `${line.length > room ? `${line.slice(0, room - 1)}…` : line}${end}`;
}
