import { plainText, text, type ToolResult } from 'boternity';
import type { Change } from '../graph/graph.ts';
import { isTerminal, moved } from '../graph/rules.ts';
import type { Job, TurnParts } from './job.ts';

/** Carries out the call of a node. Whatever goes wrong is a result that the model reads. */
export async function carryOut(job: Job, { belt }: TurnParts): Promise<void> {
  const { conversation, node, parts, signal } = job;
  const { call } = node;
  if (!call) return;
  // Not awaited, as with answers: the result is written behind it.
  conversation.commit(() => moved(node, 'running')).catch(() => undefined);
  const result = await orStopped(
    parts.callTool(call, () => belt.run(call, signal)),
    signal,
  );
  const { content, details, isError } = result;
  await conversation.commit(({ found }) => {
    if (isTerminal(node.state)) return [];
    return [
      ...foundBy(belt.newIn(call, result, found)),
      { type: 'result', node: node.id, text: plainText(content), details, isError },
      ...(signal.aborted ? moved(node, 'stopped', 'Stopped.') : moved(node, 'finished')),
    ];
  });
}

function foundBy(tools: readonly string[]): Change[] {
  return tools.length > 0 ? [{ type: 'found', tools }] : [];
}

/** A tool that does not heed the signal is not waited for. */
function orStopped(result: Promise<ToolResult>, signal: AbortSignal): Promise<ToolResult> {
  const stopped: ToolResult = { content: [text('Stopped before it was finished.')], isError: true };
  const { promise, resolve } = Promise.withResolvers<ToolResult>();
  const stop = (): void => resolve(stopped);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([result, promise]).finally(() => signal.removeEventListener('abort', stop));
}
