import { plainText, text, type CalledAt, type ToolResult } from 'boternity';
import type { Change, Graph, GraphNode } from '../graph/graph.ts';
import { isTerminal, moved } from '../graph/rules.ts';
import { cutOff, type Job, type TurnParts } from './job.ts';

/** Carries out the call of a node. Whatever goes wrong is a result that the model reads. */
export async function carryOut(job: Job, { belt }: TurnParts): Promise<void> {
  const { conversation, node, parts, signal } = job;
  const { call } = node;
  if (!call) return;
  // Not awaited, as with answers: the result is written behind it.
  conversation.commit(() => moved(node, 'running')).catch(() => undefined);
  const { id, bot } = conversation.graph;
  const at = { call, bot, conversation: id, turn: node.turn };
  const before = nodesOf(conversation.graph, node.turn);
  const calledAt: CalledAt = {
    conversation: id,
    turn: node.turn,
    message: before.find(({ kind }) => kind === 'user')?.id,
    isTainted: before.some(({ call: made, result }) => made && result && belt.isForeign(made.name)),
  };
  const startedMs = performance.now();
  const result = await orStopped(
    parts.callTool(at, () => belt.run(call, signal, calledAt)),
    signal,
  );
  const { content, details, isError } = result;
  const durationMs = Math.round((performance.now() - startedMs) * 10) / 10;
  await conversation.commit(({ found }) => {
    if (isTerminal(node.state)) return [];
    return [
      ...foundBy(belt.newIn(call, result, found)),
      { type: 'result', node: node.id, text: plainText(content), details, isError, durationMs },
      ...endOf(node, signal),
    ];
  });
}

function endOf(node: GraphNode, signal: AbortSignal): Change[] {
  const cut = cutOff(signal);
  if (cut) return moved(node, 'errored', cut.message);
  return signal.aborted ? moved(node, 'stopped', 'Stopped.') : moved(node, 'finished');
}

function nodesOf(graph: Graph, turn: string): GraphNode[] {
  return [...graph.nodes.values()].filter((each) => each.turn === turn);
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
