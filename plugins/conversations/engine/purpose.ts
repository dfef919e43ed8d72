import type { CallPurpose, SectionAccount, ToolOutcome } from 'boternity';
import type { GraphNode, RunRecord } from '../graph/graph.ts';
import type { Job } from './job.ts';

/** What the call that makes an answer is for, as usage and traces tell it. */
export function purposeOf(
  { conversation: { graph }, node }: Job,
  prompt: readonly SectionAccount[],
  context: NonNullable<RunRecord['context']>,
  recalled: readonly string[],
): CallPurpose {
  const tasks = node.parents.flatMap(({ node: id }) => graph.nodes.get(id) ?? []).filter(({ kind }) => kind === 'task');
  const before = context.before ?? context.tokens;
  return {
    purpose: 'chat',
    conversation: graph.id,
    turn: node.turn,
    run: node.id,
    prompt,
    ...(recalled.length > 0 && { recalled: recalled.length }),
    ...(tasks.length > 0 && { tools: tasks.map(outcomeOf) }),
    ...(before > context.tokens && { compaction: { before, after: context.tokens } }),
  };
}

function outcomeOf({ call, state, result }: GraphNode): ToolOutcome {
  const ended = { rejected: 'denied', stopped: 'stopped', skipped: 'stopped' } as const;
  const outcome = ended[state as keyof typeof ended] ?? (result?.isError ? 'error' : 'ok');
  return { name: call?.name ?? '', outcome, durationMs: result?.durationMs ?? null };
}
