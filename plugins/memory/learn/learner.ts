import { Fault, settingsOf, type Bots, type Log } from 'boternity';
import type { Conversations } from '../../conversations/index.ts';
import type { Models } from '../../models/index.ts';
import type { Memories } from '../service.ts';
import { learn } from './learn.ts';
import type { Pending, PendingFile } from './pending-file.ts';

/** Turns after which something is noted although the conversation goes on. */
const TURNS = 10;
/** Rest before a conversation that was left is read: whoever began another one is answered first. In milliseconds. */
const LEFT_MS = 60_000;
/** Rest after a failure, in milliseconds: doubled each time. */
const FIRST_REST_MS = 60_000;
const LONGEST_REST_MS = 3_600_000;
const MOST_TRIES = 8;

export interface LearnerParts {
  readonly bots: Bots;
  readonly memories: Memories;
  readonly models: Models;
  readonly conversations: Conversations;
  readonly log: Log;
  readonly pending: PendingFile;
  /** After so long without a word a conversation counts as ended, in milliseconds. */
  readonly quietMs: number;
}

/**
 * Learns from conversations in the background, one at a time: every ten turns, when one rests, is put aside or another begins, and
 * before older turns are summed up. What is due is on disk, so a restart forgets nothing.
 */
export class Learner implements AsyncDisposable {
  readonly #parts: LearnerParts;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Infinity;
  #working: Promise<void> | undefined;

  constructor(parts: LearnerParts) {
    this.#parts = parts;
  }

  /** Takes up what was due when the server stopped. */
  begin(): void {
    this.#plan();
  }

  /** The last few conversations of a bot that something may still be learned from, latest first. */
  pendingOf(bot: string): string[] {
    return this.#parts.pending.latestOf(bot).map(({ conversation }) => conversation);
  }

  /** A turn of a conversation has ended. */
  async turnEnded(bot: string, conversation: string): Promise<void> {
    const { pending, quietMs } = this.#parts;
    if (!(await this.#mayLearn(bot))) return;
    const known = pending.get(conversation);
    const turns = (known?.turns ?? 0) + 1;
    const now = Date.now();
    const dueAt = turns >= TURNS ? now : now + quietMs;
    pending.set({ bot, conversation, turns, saidAt: now, dueAt, tries: 0 });
    this.#wakeBy(dueAt);
    // Whoever begins another conversation has ended the one before.
    if (!known) for (const other of this.pendingOf(bot)) if (other !== conversation) this.#due(other, LEFT_MS);
  }

  /** Nothing more is expected of a conversation. */
  now(conversation: string): void {
    this.#due(conversation, 0);
  }

  /** What was said in a conversation is about to leave prompts. */
  soon(conversation: string): void {
    this.#due(conversation, LEFT_MS);
  }

  /** A conversation is no more. */
  forget(conversation: string): void {
    this.#parts.pending.remove(conversation);
  }

  /** Learns from a conversation at once. Gives how much; throws what stands in the way. */
  async learnFrom(conversation: string, signal: AbortSignal): Promise<number> {
    const { bots, memories, models, conversations, pending } = this.#parts;
    const before = pending.get(conversation);
    const told = await conversations.told(conversation);
    if (!told) throw new Fault('CONVERSATION_MISSING', `There is no conversation "${conversation}".`);
    const last = told.turns.at(-1);
    if (!last) {
      pending.remove(conversation);
      return 0;
    }
    const memory = await memories.of(told.bot);
    await memory.synced();
    const { model } = models.forBot(await bots.get(told.bot));
    const { run, noted } = await learn({ memories, memory, model }, told, signal);
    await conversations.learned(conversation, { turn: last.turn, run });
    const now = pending.get(conversation);
    // What was said meanwhile has its turn later.
    if (now && before && now.saidAt > before.saidAt) pending.set({ ...now, turns: now.turns - before.turns });
    else pending.remove(conversation);
    return noted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#stop.abort();
    await this.#working;
  }

  async #mayLearn(bot: string): Promise<boolean> {
    const found = await this.#parts.bots.get(bot).catch(() => undefined);
    return found !== undefined && settingsOf(found).memory.learn === 'on';
  }

  #due(conversation: string, restMs: number): void {
    const known = this.#parts.pending.get(conversation);
    const dueAt = Date.now() + restMs;
    if (!known || known.dueAt <= dueAt) return;
    this.#parts.pending.set({ ...known, dueAt });
    this.#wakeBy(dueAt);
  }

  /** Sleeps until something is due. */
  #plan(): void {
    const next = this.#next();
    if (next) this.#wakeBy(next.dueAt);
  }

  /** Sleeps at most until then. Whoever wakes too early looks what is due first. */
  #wakeBy(dueAt: number): void {
    if (this.#working || this.#stop.signal.aborted || this.#wakesAt <= dueAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = dueAt;
    const wait = Math.max(0, Math.min(dueAt - Date.now(), 2 ** 31 - 1));
    this.#timer = setTimeout(() => {
      this.#wakesAt = Infinity;
      this.#working = this.#work().finally(() => {
        this.#working = undefined;
        this.#plan();
      });
    }, wait).unref();
  }

  #next(): Pending | undefined {
    let first: Pending | undefined;
    for (const each of this.#parts.pending.all()) if (!first || each.dueAt < first.dueAt) first = each;
    return first;
  }

  async #work(): Promise<void> {
    for (let next = this.#next(); next && next.dueAt <= Date.now(); next = this.#next()) {
      if (this.#stop.signal.aborted) return;
      await this.#try(next);
    }
  }

  async #try(next: Pending): Promise<void> {
    const { log, pending } = this.#parts;
    try {
      await this.learnFrom(next.conversation, this.#stop.signal);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const { code, message: reason } = Fault.from(error);
      const tries = next.tries + 1;
      const isHopeless = tries >= MOST_TRIES || code === 'CONVERSATION_MISSING' || code === 'BOT_MISSING';
      log.warn('Nothing could be learned from a conversation', {
        conversation: next.conversation,
        tries,
        code,
        reason,
      });
      if (isHopeless) pending.remove(next.conversation);
      else
        pending.set({
          ...next,
          tries,
          dueAt: Date.now() + Math.min(FIRST_REST_MS * 2 ** (tries - 1), LONGEST_REST_MS),
        });
    }
  }
}
