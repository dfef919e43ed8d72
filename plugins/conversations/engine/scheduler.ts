import { createId, Fault, type AskedTurn } from 'boternity';
import { failed, propagated, stopped } from '../graph/ending.ts';
import type { Change, GraphNode } from '../graph/graph.ts';
import { isReady, openNodes } from '../graph/path.ts';
import { isTerminal } from '../graph/rules.ts';
import { toolBeltFor } from '../tools/belt.ts';
import { answer } from './answer.ts';
import { askedIn } from './asked.ts';
import { carryOut } from './call.ts';
import type { Compacted, Compaction } from './compact.ts';
import { contextUpTo } from './context.ts';
import type { Conversation } from './conversation.ts';
import { fittedPrompt, limitFor, type FittedRequest } from './fitted-prompt.ts';
import { translate } from './translate.ts';
import { cutOff, type EngineParts, type Job, type TurnParts } from './job.ts';
import { giveTitle, wantsTitle } from './title.ts';

/** How often jobs without a sign of life are looked for, at most, in milliseconds. */
const LOOK_MS = 30_000;

interface Running {
  readonly stop: AbortController;
  /** Settles when the node has ended. */
  readonly ended: Promise<void>;
  touchedMs: number;
}

/**
 * Carries out what waits in one conversation: an answer when the one before it has ended, calls side by side, lanes beside each
 * other. What a node needs is in the graph alone, so a turn goes on after a restart or after a person's approval as if nothing
 * had been between.
 */
export class Scheduler {
  readonly #parts: EngineParts;
  readonly #conversation: Conversation;
  readonly #running = new Map<string, Running>();
  /** What is done beside the turns. */
  readonly #beside = new Map<AbortController, Promise<unknown>>();
  /** Turn → the bot and the model it began with. */
  readonly #turns = new Map<string, Promise<TurnParts>>();
  /** Turn → the model that a person wants for it in place of the bot's. */
  readonly #wanted = new Map<string, string>();
  #looking: NodeJS.Timeout | undefined;
  #kicking: Promise<void> = Promise.resolve();
  #isTitling = false;
  /** The turns that may go on while the server stops; undefined while it does not. */
  #lastTurns: ReadonlySet<string> | undefined;
  #isClosed = false;

  constructor(parts: EngineParts, conversation: Conversation) {
    this.#parts = parts;
    this.#conversation = conversation;
  }

  /** Whether anything is being carried out, or could be. */
  get isBusy(): boolean {
    if (this.#running.size + this.#beside.size > 0) return true;
    return openNodes(this.#conversation.graph).some(({ state }) => state === 'pending');
  }

  /** Claims what is ready. */
  kick(): void {
    this.#kicking = this.#kicking.then(() => this.#claim()).catch((error: unknown) => this.#tell(error));
  }

  /** What a turn began with is looked up anew when it goes on; with a model where one is wanted in place of the bot's. */
  beginAnew(turn: string, model?: string): void {
    this.#turns.delete(turn);
    if (model === undefined) this.#wanted.delete(turn);
    else this.#wanted.set(turn, model);
  }

  /** Stops what is meant: what runs keeps what has come, what waits never begins. Answers how many nodes that were. */
  async stop(isMeant: (node: GraphNode) => boolean, reason = 'Stopped before it began.'): Promise<number> {
    let running: GraphNode[] = [];
    let waiting: GraphNode[] = [];
    await this.#conversation.commit((graph) => {
      const meant = openNodes(graph).filter(isMeant);
      running = meant.filter((node) => this.#running.has(node.id));
      waiting = meant.filter((node) => !this.#running.has(node.id));
      return waiting.flatMap((node) => stopped(node, reason));
    });
    await Promise.all(running.map(({ id }) => this.#end(id)));
    // An answer that had just asked for tools when it was stopped has left these behind.
    const turns = new Set(running.map(({ turn }) => turn));
    const isLeft = ({ turn }: GraphNode): boolean => turns.has(turn);
    const left = openNodes(this.#conversation.graph).some(isLeft) ? await this.stop(isLeft, reason) : 0;
    this.kick();
    return running.length + waiting.length + left;
  }

  /** Has the oldest turns summed up by the model that the bot has now. */
  compact(compaction: Omit<Compaction, 'limit'>, signal: AbortSignal): Promise<Compacted | undefined> {
    return this.#doBeside(async (stop) => {
      const turn = await this.#beginTurn();
      const limit = limitFor(turn.bot, turn.model);
      return this.#parts.compact(this.#conversation, turn, { ...compaction, limit }, AbortSignal.any([signal, stop]));
    });
  }

  /** Has a message translated by the model that the bot has now. Ends when it is done. */
  async translate(what: { readonly message: string; readonly language: string }, signal: AbortSignal): Promise<void> {
    await this.#doBeside(async (stop) =>
      translate(this.#conversation, await this.#beginTurn(), what, AbortSignal.any([signal, stop])),
    );
  }

  /** The prompt of an answer that would be given behind a node now, without the message that it would answer. */
  async nextPrompt(head: string | null): Promise<FittedRequest> {
    const { graph } = this.#conversation;
    const node = head === null ? undefined : graph.nodes.get(head);
    const turn = await this.#beginTurn(askedIn(graph, undefined, node));
    if (!node) return fittedPrompt(turn, [], graph.found);
    const contents = await this.#parts.attached.contentsFor(graph, node, limitFor(turn.bot, turn.model));
    return fittedPrompt(turn, contextUpTo(graph, node, contents), graph.found);
  }

  /** Begins no turn from here on. Settles when those under way, with all their calls, are over, or when the signal is aborted. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#lastTurns = new Set(this.#turns.keys());
    const late = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    for (;;) {
      await this.#kicking;
      const under = [...Array.from(this.#running.values(), ({ ended }) => ended), ...this.#beside.values()];
      if (under.length === 0 || signal.aborted) return;
      await Promise.race([Promise.allSettled(under), late]);
    }
  }

  /**
   * Stops what is carried out, for good; with a reason it counts as failed for it. What waits is carried out when the conversation
   * is opened again.
   */
  async close(reason?: Fault): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#looking);
    await this.#kicking;
    for (const stop of this.#beside.keys()) stop.abort();
    await Promise.all([...this.#running.keys()].map((id) => this.#end(id, reason)));
    await Promise.allSettled(this.#beside.values());
  }

  async #end(id: string, reason?: Fault): Promise<void> {
    const job = this.#running.get(id);
    job?.stop.abort(reason);
    await job?.ended;
  }

  async #claim(): Promise<void> {
    const { graph } = this.#conversation;
    if (this.#isClosed) return;
    await this.#conversation.commit((current) => propagated(current));
    // Between two commits, so that no other change sees a node as waiting that is about to run.
    await this.#conversation.commit(() => {
      const may = ({ turn }: GraphNode): boolean => this.#lastTurns?.has(turn) ?? true;
      const ready = openNodes(graph).filter((node) => node.state === 'pending' && may(node) && isReady(graph, node));
      for (const node of ready) if (!this.#isClosed && !this.#running.has(node.id)) this.#start(node);
      return [];
    });
    const turns = new Set(openNodes(graph).map(({ turn }) => turn));
    for (const turn of this.#turns.keys()) if (!turns.has(turn)) this.beginAnew(turn);
  }

  #start(node: GraphNode): void {
    const stop = new AbortController();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const running: Running = { stop, ended, touchedMs: performance.now() };
    this.#running.set(node.id, running);
    this.#conversation.graph.claimed.add(node.id);
    this.#watch();
    const job: Job = {
      parts: this.#parts,
      conversation: this.#conversation,
      node,
      signal: stop.signal,
      newId: createId,
      touch: () => (running.touchedMs = performance.now()),
    };
    void this.#run(job).finally(() => {
      this.#running.delete(node.id);
      this.#conversation.graph.claimed.delete(node.id);
      end();
      this.kick();
    });
  }

  async #run(job: Job): Promise<void> {
    const { node } = job;
    try {
      const turn = await this.#turnOf(node);
      await (node.kind === 'agent' ? answer(job, turn) : carryOut(job, turn));
      this.#title(node, turn);
    } catch (error) {
      const cut = cutOff(job.signal);
      if (job.signal.aborted && !cut)
        await this.#conversation.commit(() => stopped(node, 'Stopped.')).catch(() => undefined);
      else await this.#fail(node, cut ?? error);
    }
  }

  /** Nobody waits for it but the end of the conversation's being open. */
  #title(node: GraphNode, { bot, model }: TurnParts): void {
    if (this.#isClosed || this.#isTitling || !wantsTitle(this.#conversation.graph, node, bot)) return;
    this.#isTitling = true;
    void this.#doBeside((stop) => giveTitle(this.#parts.log, this.#conversation, node, model, stop))
      .catch((error: unknown) => this.#isClosed || this.#tell(error))
      .finally(() => (this.#isTitling = false));
  }

  /** Does something that is no part of a turn, until it is done or the conversation is closed. */
  async #doBeside<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const done = work(stop.signal);
    this.#beside.set(stop, done);
    return done.finally(() => this.#beside.delete(stop));
  }

  #turnOf(node: GraphNode): Promise<TurnParts> {
    const known = this.#turns.get(node.turn);
    if (known) return known;
    const beginning = this.#beginTurn(askedIn(this.#conversation.graph, node.turn, node));
    this.#turns.set(node.turn, beginning);
    beginning.catch(() => this.#turns.delete(node.turn));
    return beginning;
  }

  async #beginTurn(asked?: AskedTurn): Promise<TurnParts> {
    const { bots, models, actions } = this.#parts;
    const { bot, persona } = this.#conversation.graph;
    const wishes = asked?.turn === undefined ? undefined : this.#parts.wishes.get(asked.turn);
    const ready = await bots.forTurn(bot, { ...(persona !== null && { persona }), ...(asked && { asked }) });
    const wanted = this.#wanted.get(asked?.turn ?? '');
    const { model, notices } =
      wanted === undefined
        ? models.forBot(ready.bot)
        : { ...models.resolve({ prefer: [wanted], fallback: [] }), notices: [] };
    return {
      ...ready,
      model,
      notices: [...ready.notices, ...notices],
      belt: toolBeltFor(ready.bot, actions, wishes),
      wishes,
    };
  }

  /** The last resort: what cannot be written to the journal either is told to the readers, and the next start finds it unfinished. */
  async #fail(node: GraphNode, error: unknown): Promise<void> {
    const { code, message, hint } = Fault.from(error);
    if (code === 'INTERNAL') this.#tell(error, node);
    const end = (): Change[] => failed(node, { code, message, hint });
    try {
      await this.#conversation.commit(end);
    } catch {
      if (isTerminal(node.state)) return;
      const { seq } = this.#conversation.graph;
      this.#conversation.apply({ changes: end(), at: new Date().toISOString(), seq });
    }
  }

  #tell(error: unknown, node?: GraphNode): void {
    const { slug, id } = this.#conversation.graph;
    const about = node && { turn: node.turn, run: node.id };
    this.#parts.log.error('A turn could not be carried on', { bot: slug, conversation: id, ...about, error });
  }

  /** A run that shows no sign of life for too long is given up, so that those behind it get their turn. */
  #watch(): void {
    const { leaseMs } = this.#parts;
    this.#looking ??= setTimeout(
      () => {
        this.#looking = undefined;
        for (const [id, { stop, touchedMs }] of this.#running) {
          const node = this.#conversation.graph.nodes.get(id);
          if (!node || performance.now() - touchedMs < leaseMs) continue;
          const message = `Nothing was heard of it for ${Math.round(leaseMs / 1_000)} seconds.`;
          void this.#fail(node, new Fault('RUN_LOST', message)).then(() => stop.abort());
        }
        if (this.#running.size > 0) this.#watch();
      },
      Math.min(LOOK_MS, leaseMs),
    ).unref();
  }
}
