import {
  Fault,
  faultTable,
  isFaultCode,
  runStep,
  settingsOf,
  type ModelFailure,
  type Step,
  type StopReason,
} from 'boternity';

import type { Change, GraphNode, RunRecord } from '../graph/graph.ts';
import { LENGTH, REFUSED } from '../graph/ending.ts';
import { moved } from '../graph/rules.ts';
import { callTools, stepsBefore } from '../graph/steps.ts';
import { promptFor } from '../prompt.ts';
import { fit, limitOf, tokensOf } from './budget.ts';
import { contextFor } from './context.ts';
import type { Job, TurnParts } from './job.ts';
import { instructionsFor } from './wishes.ts';

/** Model calls in one turn. */
const MOST_STEPS = 10;
/** Tool calls in one turn. */
const MOST_CALLS = 20;

/** Has the model answer in a node: one call, streamed into it, and nodes for the tools that it asks for. */
export async function answer(job: Job, turn: TurnParts): Promise<void> {
  const { conversation, node } = job;
  const { steps, calls } = stepsBefore(conversation.graph, node);
  if (steps > MOST_STEPS) return sayThatItStopped(job);
  const { bot, commit, notices, model } = turn;
  const { request, account, context } = await promptThatFits(job, turn);
  const attempt = node.run?.attempt ?? 1;
  const begun: RunRecord = {
    state: 'running',
    attempt,
    startedAt: new Date().toISOString(),
    model: model.id,
    provider: model.provider,
    botVersion: commit ?? bot.version,
    ...(notices.length > 0 && { notices }),
    prompt: account,
    context,
  };
  // Not awaited: the model is called meanwhile. Lines keep their order, and the commit that ends the step meets the same disk.
  conversation
    .commit(() => [{ type: 'run', node: node.id, run: begun }, ...moved(node, 'running')])
    .catch(() => undefined);
  const startedMs = performance.now();
  let firstTokenMs: number | undefined;
  for await (const fact of runStep(job.parts.callModel(model, request, job.signal), MOST_CALLS - calls)) {
    job.touch();
    if (fact.type === 'step.finished') {
      const times = {
        durationMs: round(performance.now() - startedMs),
        ...(firstTokenMs !== undefined && { firstTokenMs: round(firstTokenMs) }),
      };
      await finish(job, turn, fact.result, { attempt, ...times });
    } else {
      firstTokenMs ??= performance.now() - startedMs;
      conversation.stream(node, fact.type, fact.text);
    }
  }
}

/**
 * The prompt, made to fit what the model takes: old results of tools are cut first, then the oldest turns are summed up. Throws
 * CONTEXT_FULL where that is not enough; the provider is not called then.
 */
async function promptThatFits(job: Job, turn: TurnParts) {
  const { conversation, node, parts, signal } = job;
  const { bot, belt, model, wishes } = turn;
  const limit = limitOf(model.window, settingsOf(bot).model.max_tokens);
  const now = new Date();
  const mayCompact = settingsOf(bot).conversation.compact === 'auto';
  let compacted = 0;
  // The last turn before this one stays whole where that is possible.
  for (const keepTurns of [1, 0, -1]) {
    const history = [...instructionsFor(conversation.graph, node, wishes), ...contextFor(conversation.graph, node)];
    const { request, account } = promptFor(bot, belt, history, now, wishes);
    const { messages, tokens, trimmed } = fit(request, limit);
    if (tokens <= limit)
      return { request: { ...request, messages }, account, context: { tokens, limit, trimmed, compacted } };
    const fixed = tokens - messages.reduce((sum, message) => sum + tokensOf(message), 0);
    const compaction = { target: node, limit, keepTokens: Math.max(0, (limit - fixed) / 2), keepTurns };
    if (!mayCompact || keepTurns < 0) {
      const why = `about ${tokens} tokens; ${model.id} takes ${limit} beside its answer`;
      throw new Fault('CONTEXT_FULL', `The conversation needs ${why}.`);
    }
    compacted += (await parts.compact(conversation, turn, compaction, signal))?.nodes ?? 0;
    job.touch();
  }
  throw new Fault('CONTEXT_FULL', 'The conversation is too long for the model.');
}

async function finish(
  { conversation, node, newId }: Job,
  { belt }: TurnParts,
  { message, stop, usage, failure, omitted }: Step,
  measured: Pick<RunRecord, 'attempt' | 'durationMs' | 'firstTokenMs'>,
): Promise<void> {
  if (omitted)
    conversation.stream(
      node,
      'text',
      `\n\n(${omitted.total} more tool calls were left out: ${omitted.names.join(', ')}.)`,
    );
  const calls = stop === 'tools' ? (message.calls ?? []) : [];
  // Calls that the client carries out end the turn; their results come with its next request.
  const own = belt.isForClient(calls) ? [] : calls;
  const run: RunRecord = {
    ...measured,
    state: stop === 'error' ? 'failed' : stop === 'aborted' ? 'canceled' : 'succeeded',
    endedAt: new Date().toISOString(),
    usage,
    ...(failure && { error: errorOf(failure) }),
  };
  const held = { ...(calls.length > 0 && { calls }), ...(message.extra && { extra: message.extra }) };
  await conversation.commit((graph): Change[] => [
    ...(own.length > 0 ? callTools(graph, node, belt.plan(own, graph.allowed), newId).changes : []),
    { type: 'answer', node: node.id, ...held },
    { type: 'run', node: node.id, run },
    ...ended(node, stop, failure),
  ]);
}

function ended(node: GraphNode, stop: StopReason, failure: ModelFailure | undefined): Change[] {
  if (stop === 'error') return moved(node, 'errored', failure?.message ?? 'The model failed.');
  if (stop === 'aborted') return moved(node, 'stopped', 'Stopped.');
  const reasons: Partial<Record<StopReason, string>> = {
    length: LENGTH,
    refused: REFUSED,
  };
  return moved(node, 'finished', reasons[stop]);
}

async function sayThatItStopped({ conversation, node }: Job): Promise<void> {
  const attempt = node.run?.attempt ?? 1;
  await conversation.commit(() => [
    { type: 'run', node: node.id, run: { state: 'running', attempt } },
    ...moved(node, 'running'),
  ]);
  conversation.stream(node, 'text', 'I stopped here: this turn has used all its steps. Write again to go on.');
  await conversation.commit(() => [
    { type: 'run', node: node.id, run: { state: 'succeeded', attempt } },
    ...moved(node, 'finished', 'max_steps_exceeded'),
  ]);
}

function errorOf(failure: ModelFailure): NonNullable<RunRecord['error']> {
  return {
    code: failure.code,
    message: failure.message,
    hint: isFaultCode(failure.code) ? faultTable[failure.code].hint : '',
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
