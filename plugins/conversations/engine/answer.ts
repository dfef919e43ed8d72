import {
  Fault,
  faultTable,
  isFaultCode,
  runStep,
  settingsOf,
  type ModelFailure,
  type Served,
  type Step,
  type StopReason,
} from 'boternity';

import type { Change, GraphNode, RunRecord } from '../graph/graph.ts';
import { LENGTH, REFUSED } from '../graph/ending.ts';
import { isTerminal, moved } from '../graph/rules.ts';
import { callTools, stepsBefore } from '../graph/steps.ts';
import type { Prompt } from '../prompt.ts';
import { contextFor } from './context.ts';
import { fittedPrompt, limitFor } from './fitted-prompt.ts';
import { cutOff, type Job, type TurnParts } from './job.ts';
import { purposeOf } from './purpose.ts';
import { readable } from './repair.ts';
import { addUsage } from './usage.ts';
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
  const { request, account, context, recalled } = await promptThatFits(job, turn);
  const attempt = node.run?.attempt ?? 1;
  const begun: RunRecord = {
    state: 'running',
    attempt,
    startedAt: new Date().toISOString(),
    model: model.id,
    provider: model.provider,
    botVersion: commit ?? bot.version,
    ...((notices.length > 0 || node.run?.notices) && { notices }),
    prompt: account,
    context,
    ...(recalled.length > 0 && { recalled }),
  };
  // Not awaited: the model is called meanwhile. Lines keep their order, and the commit that ends the step meets the same disk.
  conversation
    .commit(() =>
      isTerminal(node.state) ? [] : [{ type: 'run', node: node.id, run: begun }, ...moved(node, 'running')],
    )
    .catch(() => undefined);
  const startedMs = performance.now();
  let firstTokenMs: number | undefined;
  const asked = { ...request, about: purposeOf(job, account, context, recalled) };
  for await (const fact of runStep(model.stream(asked, job.signal), MOST_CALLS - calls)) {
    job.touch();
    if (fact.type === 'served') tellRun(job, (run) => answeredBy(run, fact.served));
    else if (fact.type === 'notice') {
      const { notice } = fact;
      tellRun(job, (run) => ({ notices: [...(run?.notices ?? []), notice] }));
    } else if (fact.type === 'step.finished') {
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

/** Another model answers than the one that the run began with, or some were asked in vain. */
function answeredBy(run: RunRecord | undefined, { model, provider, attempts }: Served): Partial<RunRecord> | undefined {
  if (attempts.length === 0 && model === run?.model && provider === run.provider) return undefined;
  return { model, provider, attempts };
}

/** Writes what becomes known of a run while it goes on. Not awaited, as its beginning. */
function tellRun(
  { conversation, node }: Job,
  known: (run: RunRecord | undefined) => Partial<RunRecord> | undefined,
): void {
  const change = (): Change[] => {
    const news = isTerminal(node.state) ? undefined : known(node.run);
    const run: RunRecord = { state: 'running', attempt: node.run?.attempt ?? 1, ...news };
    return news ? [{ type: 'run', node: node.id, run }] : [];
  };
  conversation.commit(change).catch(() => undefined);
}

/**
 * The prompt, made to fit what the model takes: old results of tools are cut first, then the oldest turns are summed up, the last one
 * before this only where the others are not enough. Throws CONTEXT_FULL when nothing helps; the provider is not called then.
 */
async function promptThatFits(
  job: Job,
  turn: TurnParts,
  keeping = [1, 0],
  earlier: Earlier = { compacted: 0 },
): Promise<FittedPrompt> {
  const { conversation, node, parts, signal } = job;
  const { graph } = conversation;
  const contents = await parts.attached.contentsFor(graph, node, limitFor(turn.bot, turn.model));
  const history = [...instructionsFor(graph, node, turn.wishes), ...contextFor(graph, node, contents)];
  const fitted = fittedPrompt(turn, history, graph.found);
  const { request, account, fixed, whole, tokens, limit, trimmed, recalled } = fitted;
  const { before = whole, compacted } = earlier;
  if (tokens <= limit) {
    const context = { tokens, limit, trimmed, compacted, ...(before > tokens && { before }) };
    return { request, account, context, recalled };
  }
  const [keepTurns, ...rest] = keeping;
  if (keepTurns === undefined || settingsOf(turn.bot).conversation.compact === 'off') {
    const why = `about ${tokens} tokens; ${turn.model.id} takes ${limit} beside its answer`;
    throw new Fault('CONTEXT_FULL', `The conversation needs ${why}.`);
  }
  const compaction = { target: node, limit, keepTokens: Math.max(0, (limit - fixed) / 2), keepTurns };
  const done = await parts.compact(conversation, turn, compaction, signal);
  job.touch();
  return promptThatFits(job, turn, rest, { before, compacted: compacted + (done?.nodes ?? 0) });
}

/** What was done to a prompt that did not fit. */
interface Earlier {
  /** Estimated tokens of the prompt before it. */
  readonly before?: number;
  /** Nodes that were summed up. */
  readonly compacted: number;
}

interface FittedPrompt extends Prompt {
  readonly recalled: readonly string[];
  readonly context: NonNullable<RunRecord['context']>;
}

async function finish(
  job: Job,
  turn: TurnParts,
  { message, stop: stopped, usage, failure: failed, omitted }: Step,
  measured: Pick<RunRecord, 'attempt' | 'durationMs' | 'firstTokenMs'>,
): Promise<void> {
  const { conversation, node, newId } = job;
  const { belt } = turn;
  if (omitted)
    conversation.stream(
      node,
      'text',
      `\n\n(${omitted.total} more tool calls were left out: ${omitted.names.join(', ')}.)`,
    );
  const asked = stopped === 'tools' ? (message.calls ?? []) : [];
  // Calls that the client carries out end the turn; their results come with its next request.
  const { read, repair } = await readable(job, turn, belt.isForClient(asked) ? [] : asked);
  const aborted = job.signal.aborted && (stopped === 'aborted' || asked.length > 0);
  const cut = aborted ? cutOff(job.signal) : undefined;
  const stop = cut ? 'error' : aborted ? 'aborted' : stopped;
  const failure = cut ?? failed;
  const calls = stop === 'tools' ? asked : [];
  const own = stop === 'tools' ? read : [];
  const run: RunRecord = {
    ...measured,
    state: stop === 'error' ? 'failed' : stop === 'aborted' ? 'canceled' : 'succeeded',
    endedAt: new Date().toISOString(),
    usage: repair ? addUsage(usage, repair.usage) : usage,
    ...(repair && { repair }),
    ...(failure && { error: errorOf(failure) }),
  };
  const held = { ...(calls.length > 0 && { calls }), ...(message.extra && { extra: message.extra }) };
  await conversation.commit((graph): Change[] => {
    // It was given up meanwhile, and that is how it ended.
    if (isTerminal(node.state)) return [];
    return [
      ...(own.length > 0 ? callTools(graph, node, belt.plan(own, graph.allowed), newId).changes : []),
      { type: 'answer', node: node.id, ...held },
      { type: 'run', node: node.id, run },
      ...ended(node, stop, failure),
    ];
  });
}

function ended(node: GraphNode, stop: StopReason, failure: Pick<ModelFailure, 'message'> | undefined): Change[] {
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

function errorOf(failure: Pick<ModelFailure, 'code' | 'message'>): NonNullable<RunRecord['error']> {
  return {
    code: failure.code,
    message: failure.message,
    hint: isFaultCode(failure.code) ? faultTable[failure.code].hint : '',
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
