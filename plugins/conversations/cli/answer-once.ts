import type { Client, Terminal } from 'boternity';
import type { NodeView } from '../views.ts';
import { followTurn, type Live, type Piece } from './follow.ts';
import { plain, PlainStream } from './text/plain.ts';

export interface OnceOptions {
  readonly conversation: Live;
  readonly client: Client;
  readonly terminal: Terminal;
  /** Tools that would be asked for are allowed; nobody is there to be asked. */
  readonly mayAll: boolean;
}

/**
 * Sends a message, prints the answer and gives the exit code: 1 when the answer failed, 130 when it was interrupted. Standard output
 * holds nothing but the answer; with `--json` one JSON value a line, the last one of type `answer`.
 */
export async function answerOnce(message: string, options: OnceOptions): Promise<number> {
  const { conversation, client, terminal } = options;
  const { stderr, isJson, signal } = terminal;
  const stop = (): void => void conversation.stop().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  const sent = await conversation.send(message);
  const { turn } = sent;
  tell(terminal, { type: 'message', conversation: conversation.id, turn, message: sent.message });
  const text = new PlainStream();
  let nodes: readonly NodeView[] = [];
  for await (const piece of followTurn(client, conversation, turn, new AbortController().signal)) {
    await show(piece, text, options);
    if (piece.type === 'end') nodes = piece.nodes;
  }
  const last = nodes.at(-1);
  if (isJson) tell(terminal, summarize(conversation.id, turn, nodes));
  else terminal.stdout.write(`${text.end()}\n`);
  const notices = isJson ? [] : (last?.run?.notices ?? []);
  for (const notice of notices) stderr.write(`notice: ${plain(notice.message)}\n`);
  if (last?.state === 'finished') return 0;
  if (!isJson) {
    const hint = last?.run?.error?.hint;
    stderr.write(`error: ${plain(last?.reason ?? 'There was no answer.')}\n${hint ? `  → ${plain(hint)}\n` : ''}`);
  }
  return signal.aborted ? 130 : 1;
}

async function show(piece: Piece, text: PlainStream, options: OnceOptions): Promise<void> {
  const { conversation, terminal } = options;
  const { stdout, stderr, isJson } = terminal;
  if (piece.type === 'text' && isJson) tell(terminal, { type: 'delta', text: piece.text });
  else if (piece.type === 'text') stdout.write(text.push(piece.text));
  if (piece.type === 'tool') tell(terminal, { type: 'tool', ...toolOf(piece.node) });
  if (piece.type === 'ask') await decide(conversation.id, piece.node, options);
  if (piece.type === 'lost') stderr.write('notice: The connection to the server is lost; it is tried again.\n');
}

async function decide(conversation: string, { id, tool }: NodeView, options: OnceOptions): Promise<void> {
  const { client, mayAll, terminal } = options;
  const place = { conversation, call: id };
  if (mayAll) return void (await client.call('calls.approve', place));
  await client.call('calls.deny', place);
  if (!terminal.isJson)
    terminal.stderr.write(
      `notice: ${tool?.name} was denied: nobody is here to be asked. Allow it with --yes, or under tools in bot.yaml.\n`,
    );
}

/** One line of `--json`. What a terminal would obey is written as an escape. */
function tell({ isJson, stdout }: Terminal, fact: { readonly type: string; readonly [key: string]: unknown }): void {
  if (!isJson) return;
  const line = JSON.stringify(fact).replaceAll(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  stdout.write(`${line}\n`);
}

function toolOf({ tool, state }: NodeView): object {
  return {
    name: tool?.name ?? '',
    arguments: tool?.arguments ?? '',
    result: tool?.result ?? null,
    isError: tool?.isError ?? false,
    state,
  };
}

function summarize(conversation: string, turn: string, nodes: readonly NodeView[]): { readonly type: 'answer' } {
  const last = nodes.at(-1);
  const durationMs = nodes.reduce((sum, node) => sum + (node.run?.durationMs ?? 0), 0);
  const about = {
    conversation,
    turn,
    text: nodes
      .filter((node) => node.kind === 'agent')
      .map((node) => node.text)
      .join(''),
    tools: nodes.flatMap((node) => (node.tool ? [toolOf(node)] : [])),
    state: last?.state ?? 'errored',
    reason: last?.reason ?? null,
    error: last?.run?.error ?? null,
    notices: nodes.flatMap((node) => node.run?.notices ?? []),
    model: last?.run?.model ?? null,
    provider: last?.run?.provider ?? null,
    usage: last?.run?.usage ?? null,
    durationMs,
  };
  return { type: 'answer', ...about };
}
