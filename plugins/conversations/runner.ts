import { createId, plainText, runTurn, settingsOf, faultTable, Fault, isFaultCode } from 'boternity';
import type {
  Actions,
  BotForTurn,
  Bots,
  Log,
  Model,
  ModelFailure,
  ModelRequest,
  Part,
  Step,
  StopReason,
  ToolCall,
  ToolResult,
} from 'boternity';
import type { Models } from '../models/index.ts';
import { contextFor } from './context.ts';
import type { Conversation } from './conversation.ts';
import { isTerminal, type Change, type GraphNode, type RunRecord } from './graph.ts';
import { promptFor } from './prompt.ts';
import { toolBeltFor } from './tool-belt.ts';

export interface RunnerParts {
  readonly bots: Bots;
  readonly models: Models;
  readonly actions: Actions;
  readonly log: Log;
  /** The operations, through their layers. */
  readonly callModel: (model: Model, request: ModelRequest, signal: AbortSignal) => AsyncIterable<Part>;
  readonly callTool: (call: ToolCall, run: () => Promise<ToolResult>) => Promise<ToolResult>;
}

/** The turn that is being answered. */
interface Current {
  node: GraphNode;
  readonly stop: AbortController;
  /** Settles when the turn has ended. */
  readonly ended: Promise<void>;
}

/** Answers the waiting messages of one conversation, one at a time, in the order in which they were sent. */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #conversation: Conversation;
  #current: Current | undefined;
  #working: Promise<void> | undefined;

  constructor(parts: RunnerParts, conversation: Conversation) {
    this.#parts = parts;
    this.#conversation = conversation;
  }

  /** The node that is being answered now. */
  get active(): string | null {
    return this.#current?.node.id ?? null;
  }

  get isBusy(): boolean {
    return this.#working !== undefined;
  }

  /** Starts to work when there is work and nobody is at it. */
  kick(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#next()) this.kick();
    });
  }

  /** Stops the running reply and those that wait; keeps what has come. False when nothing was running. */
  async stop(): Promise<boolean> {
    const waiting = (): GraphNode[] => this.#pending().filter((node) => node.turn !== this.#current?.node.turn);
    const current = this.#current;
    if (!current && waiting().length === 0) return false;
    await this.#conversation.commit(() => waiting().flatMap((node) => canceled(node, 'Stopped before it began.')));
    current?.stop.abort();
    await current?.ended;
    return true;
  }

  #pending(): GraphNode[] {
    return [...this.#conversation.graph.nodes.values()].filter(
      (node) => node.kind === 'agent' && node.state === 'pending',
    );
  }

  #next(): GraphNode | undefined {
    return this.#pending()[0];
  }

  async #work(): Promise<void> {
    for (let node = this.#next(); node; node = this.#next()) {
      const stop = new AbortController();
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      const current: Current = { node, stop, ended };
      this.#current = current;
      const turn = new Turn(this.#parts, this.#conversation, node, (next) => (current.node = next));
      try {
        await turn.run(stop.signal);
      } catch (error) {
        await this.#fail(turn.node, error);
      } finally {
        this.#current = undefined;
        end();
      }
    }
  }

  /** The last resort: what cannot be written to the journal either is told to the readers, and the next start finds it unfinished. */
  async #fail(node: GraphNode, error: unknown): Promise<void> {
    const fault = Fault.from(error);
    this.#parts.log.error('A turn could not be carried on', { conversation: this.#conversation.graph.id, error });
    const left = [...this.#conversation.graph.nodes.values()].filter(({ turn }) => turn === node.turn);
    const changes = left.flatMap((each) =>
      failed(each, { code: fault.code, message: fault.message, hint: fault.hint }),
    );
    try {
      await this.#conversation.commit(changes);
    } catch {
      this.#conversation.apply({ changes, at: new Date().toISOString(), seq: this.#conversation.graph.seq });
    }
  }
}

/** One turn on its way through the graph: an agent node per model call, a task node per tool call. */
class Turn {
  readonly #parts: RunnerParts;
  readonly #conversation: Conversation;
  readonly #onNode: (node: GraphNode) => void;
  readonly #tasks = new Map<string, string>();
  #startedMs = 0;
  #firstTokenMs: number | undefined;
  #record: RunRecord = { state: 'running', attempt: 1 };
  /** The node that waits for the results of the calls under way. */
  #next: GraphNode | undefined;
  node: GraphNode;

  constructor(parts: RunnerParts, conversation: Conversation, node: GraphNode, onNode: (node: GraphNode) => void) {
    this.#parts = parts;
    this.#conversation = conversation;
    this.#onNode = onNode;
    this.node = node;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { actions, callModel, callTool } = this.#parts;
    let prepared: BotForTurn & { model: Model };
    try {
      prepared = await this.#prepare();
    } catch (error) {
      const { code, message, hint } = Fault.from(error);
      return this.#conversation.commit(failed(this.node, { code, message, hint }));
    }
    const { bot, commit, notices, model } = prepared;
    const belt = toolBeltFor(bot, actions);
    const { request, account } = promptFor(bot, belt, contextFor(this.#conversation.graph, this.node), new Date());
    this.#record = {
      state: 'running',
      attempt: 1,
      model: model.id,
      provider: model.provider,
      botVersion: commit ?? bot.version,
      ...(notices.length > 0 && { notices }),
      prompt: account,
    };
    const runTool = (call: ToolCall, signal: AbortSignal): Promise<ToolResult> =>
      callTool(call, () => belt.run(call, signal));
    for await (const fact of runTurn({ model, request, runTool, signal, call: callModel })) {
      switch (fact.type) {
        case 'step.started':
          this.#begin();
          break;
        case 'text':
        case 'thinking':
          this.#firstTokenMs ??= performance.now() - this.#startedMs;
          this.#conversation.stream(this.node, fact.type, fact.text);
          break;
        case 'step.finished':
          await this.#finishStep(fact.result);
          break;
        case 'tool.finished':
          await this.#finishTool(fact.call, fact.result);
          break;
        case 'turn.finished':
          await this.#endWaiting(fact.stop);
          break;
      }
    }
  }

  async #prepare(): Promise<BotForTurn & { model: Model }> {
    const { bots, models } = this.#parts;
    const ready = await bots.forTurn(this.#conversation.graph.bot);
    const { model } = settingsOf(ready.bot);
    const prefer = model.default === undefined ? model.prefer : [...model.prefer, model.default];
    return { ...ready, model: models.resolve({ prefer }) };
  }

  /** Each step runs in the node that waits for it. */
  #begin(): void {
    this.#startedMs = performance.now();
    this.#firstTokenMs = undefined;
    if (this.#next) {
      this.node = this.#next;
      this.#next = undefined;
      this.#tasks.clear();
      this.#onNode(this.node);
    }
    const { id } = this.node;
    const running: Change[] = [
      { type: 'state', node: id, state: 'running' },
      { type: 'run', node: id, run: this.#record },
    ];
    // Not awaited: the model is called meanwhile. Lines keep their order, and the commit that ends the step meets the same disk.
    this.#conversation.commit(running).catch(() => undefined);
  }

  async #finishStep({ message, stop, usage, failure, omitted }: Step): Promise<void> {
    const { id } = this.node;
    const run: RunRecord = {
      state: stop === 'error' ? 'failed' : stop === 'aborted' ? 'canceled' : 'succeeded',
      attempt: 1,
      usage,
      durationMs: round(performance.now() - this.#startedMs),
      ...(this.#firstTokenMs !== undefined && { firstTokenMs: round(this.#firstTokenMs) }),
      ...(failure && { error: errorOf(failure) }),
    };
    if (omitted)
      this.#conversation.stream(
        this.node,
        'text',
        `\n\n(${omitted.total} more tool calls were left out: ${omitted.names.join(', ')}.)`,
      );
    const calls = stop === 'tools' ? (message.calls ?? []) : [];
    await this.#conversation.commit([
      ...this.#behind(calls),
      { type: 'answer', node: id, ...(calls.length > 0 && { calls }), ...(message.extra && { extra: message.extra }) },
      { type: 'run', node: id, run },
      stateAfter(id, stop, failure),
    ]);
    if (calls.length > 0) this.#next = [...this.#conversation.graph.nodes.values()].at(-1);
  }

  /** A node for each call and, behind them all, the one that will answer next: a turn never looks finished before it is. */
  #behind(calls: readonly ToolCall[]): Change[] {
    if (calls.length === 0) return [];
    const { turn, lane } = this.node;
    const birth = (id: string) => ({ id, turn, lane, version: { set: id, number: 1 } });
    const next = createId();
    const tasks = calls.flatMap((call): Change[] => {
      const id = createId();
      this.#tasks.set(call.id, id);
      return [
        { type: 'node', node: { ...birth(id), kind: 'task', state: 'running', call } },
        { type: 'edge', from: this.node.id, to: id, kind: 'sequence' },
        { type: 'edge', from: id, to: next, kind: 'sequence' },
      ];
    });
    return [
      ...tasks,
      { type: 'node', node: { ...birth(next), kind: 'agent', state: 'pending' } },
      { type: 'run', node: next, run: { state: 'queued', attempt: 1 } },
    ];
  }

  async #finishTool(call: ToolCall, result: ToolResult): Promise<void> {
    const id = this.#tasks.get(call.id);
    if (id === undefined) return;
    await this.#conversation.commit([
      { type: 'result', node: id, text: plainText(result.content), details: result.details, isError: result.isError },
      { type: 'state', node: id, state: 'finished' },
    ]);
  }

  /** A turn that ended between two answers: the node that waits for the next one says why there is none. */
  async #endWaiting(stop: StopReason | 'steps'): Promise<void> {
    if (!this.#next) return;
    const { id } = this.#next;
    if (stop !== 'steps') return this.#conversation.commit(canceled(this.#next, 'Stopped.'));
    this.#begin();
    this.#conversation.stream(
      this.node,
      'text',
      'I stopped here: this turn has used all its steps. Write again to go on.',
    );
    await this.#conversation.commit([
      { type: 'run', node: id, run: { state: 'succeeded', attempt: 1 } },
      { type: 'state', node: id, state: 'finished', reason: 'max_steps_exceeded' },
    ]);
  }
}

function stateAfter(node: string, stop: Step['stop'], failure: ModelFailure | undefined): Change {
  if (stop === 'error')
    return { type: 'state', node, state: 'errored', reason: failure?.message ?? 'The model failed.' };
  if (stop === 'aborted') return { type: 'state', node, state: 'stopped', reason: 'Stopped.' };
  const reasons = {
    length: 'The answer reached the longest length the model may write.',
    refused: 'The model refused to answer.',
  };
  const reason = stop === 'length' || stop === 'refused' ? reasons[stop] : undefined;
  return { type: 'state', node, state: 'finished', ...(reason && { reason }) };
}

function errorOf(failure: ModelFailure): NonNullable<RunRecord['error']> {
  return {
    code: failure.code,
    message: failure.message,
    hint: isFaultCode(failure.code) ? faultTable[failure.code].hint : '',
  };
}

function failed(node: GraphNode, error: NonNullable<RunRecord['error']>): Change[] {
  if (isTerminal(node.state)) return [];
  const ended: Change = { type: 'state', node: node.id, state: 'errored', reason: error.message };
  if (node.kind !== 'agent') return [ended];
  return [{ type: 'run', node: node.id, run: { state: 'failed', attempt: node.run?.attempt ?? 1, error } }, ended];
}

function canceled(node: GraphNode, reason: string): Change[] {
  return [
    { type: 'run', node: node.id, run: { state: 'canceled', attempt: 1 } },
    { type: 'state', node: node.id, state: 'stopped', reason },
  ];
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
