import type { Client, Terminal } from 'boternity';
import type { NodeView } from '../views.ts';
import { followTurn, type Live } from './follow.ts';

export interface OnceOptions {
  readonly conversation: Live;
  readonly client: Client;
  readonly terminal: Terminal;
  /** Tools that would be asked for are allowed; nobody is there to be asked. */
  readonly mayAll: boolean;
}

/** Sends each message, prints the answers and gives the exit code: 1 when an answer failed. */
export async function answerOnce(
  messages: Iterable<string> | AsyncIterable<string>,
  { conversation, client, terminal, mayAll }: OnceOptions,
): Promise<number> {
  const { stdout, stderr, isJson, signal } = terminal;
  const stop = (): void => void conversation.stop().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  let code = 0;
  for await (const message of messages) {
    const { turn } = await conversation.send(message);
    let nodes: readonly NodeView[] = [];
    for await (const piece of followTurn(conversation, turn, client)) {
      if (piece.type === 'text' && !isJson) stdout.write(piece.text);
      if (piece.type === 'ask') await decide(conversation.id, piece.node, client, mayAll, terminal);
      if (piece.type === 'end') nodes = piece.nodes;
    }
    const last = nodes.at(-1);
    for (const { message } of last?.run?.notices ?? []) if (!isJson) stderr.write(`notice: ${message}\n`);
    if (isJson) stdout.write(`${JSON.stringify(summarize(conversation.id, nodes))}\n`);
    else stdout.write('\n');
    if (last?.state !== 'finished') {
      code = signal.aborted ? 130 : 1;
      if (!isJson)
        stderr.write(
          `error: ${last?.reason ?? 'There was no answer.'}\n${last?.run?.error?.hint ? `  → ${last.run.error.hint}\n` : ''}`,
        );
    }
  }
  return code;
}

async function decide(
  conversation: string,
  { id, tool }: NodeView,
  client: Client,
  mayAll: boolean,
  { stderr, isJson }: Terminal,
): Promise<void> {
  const place = { conversation, call: id };
  if (mayAll) return void (await client.call('calls.approve', place));
  await client.call('calls.deny', place);
  if (!isJson)
    stderr.write(
      `notice: ${tool?.name} was denied: nobody is here to be asked. Allow it with --yes, or under tools in bot.yaml.\n`,
    );
}

function summarize(conversation: string, nodes: readonly NodeView[]): object {
  const last = nodes.at(-1);
  return {
    conversation,
    text: nodes
      .filter((node) => node.kind === 'agent')
      .map((node) => node.text)
      .join(''),
    tools: nodes.flatMap(({ tool }) =>
      tool ? [{ name: tool.name, arguments: tool.arguments, result: tool.result, isError: tool.isError }] : [],
    ),
    state: last?.state ?? 'errored',
    reason: last?.reason ?? null,
    model: last?.run?.model ?? null,
    provider: last?.run?.provider ?? null,
    usage: last?.run?.usage ?? null,
  };
}
