import { createId } from '../../base/ids.ts';
import { redactor } from '../../base/redact.ts';
import { Batch, type Told } from './batch.ts';
import type { Reader } from './reader.ts';

/** Events that are kept for readers that come back or lag behind … */
const KEPT_EVENTS = 4_000;
/** … as long as they are not longer than this together, in characters. */
const KEPT_LENGTH = 1024 * 1024;
/** Events that a reader is given at once … */
const AT_ONCE = 200;
/** … as long as they are not longer than this together, in characters; one may be. */
const LENGTH_AT_ONCE = 256 * 1024;

/** What a reading of a hub came to. */
export interface Reading {
  /** Events that were waiting when it began; undefined when the cursor it came with was not known any more. */
  readonly missed: number | undefined;
  /** Events that were given, by type. */
  readonly counts: ReadonlyMap<string, number>;
  /** How often it was told to read everything again. */
  readonly resets: number;
}

export interface JoinOptions {
  /** Where to go on; from now on when absent. */
  readonly cursor?: string | undefined;
  /** Which events this reader may see, by the bot they concern; all when absent. */
  readonly sees?: ((bot: string | undefined) => boolean) | undefined;
}

interface Seat {
  readonly reader: Reader;
  readonly sees: JoinOptions['sees'];
  readonly counts: Map<string, number>;
  /** Number of the last event that was given. */
  at: number;
  resets: number;
}

/**
 * Live events of one thing, for any number of readers. An event is encoded once and kept for a while; each reader has its place
 * in what is kept and takes from there as fast as it can, so that a slow one costs nothing and holds up nobody. One that falls
 * behind what is kept gets `reset`: read everything again. The cursor is `epoch:seq`; the epoch is new with every hub, so a cursor
 * of another life is known as such.
 */
export class Hub<Event extends { readonly type: string }> {
  readonly #facts: object;
  readonly #epoch = createId().slice(0, 13);
  readonly #seats = new Set<Seat>();
  readonly #listeners = new Set<() => void>();
  #kept: Told[] = [];
  #keptLength = 0;
  #seq = 0;
  #isClosed = false;
  #telling: NodeJS.Immediate | undefined;
  #lastBatch: Batch | undefined;

  /** `facts` stand in every event beside `v`, `seq` and `at`. */
  constructor(facts: object = {}) {
    this.#facts = facts;
  }

  /** Where a reader who knows everything until now goes on. */
  get cursor(): string {
    return `${this.#epoch}:${this.#seq}`;
  }

  get isRead(): boolean {
    return this.#seats.size + this.#listeners.size > 0;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Tells readers of an event, those of one turn of the event loop together. `bot` says which bot it concerns. */
  emit(event: Event, bot?: string): void {
    this.#seq += 1;
    const told = this.#encode(event, bot);
    this.#kept.push(told);
    this.#keptLength += told.json.length;
    if (this.#kept.length > KEPT_EVENTS * 2 || this.#keptLength > KEPT_LENGTH * 2) this.#forget();
    this.#telling ??= setImmediate(() => this.#tell());
  }

  /** Adds a reader: what it missed since its cursor at once, or `reset` when that is no longer known. Gives the way to leave. */
  join(reader: Reader, { cursor, sees }: JoinOptions = {}): () => Reading {
    const at = cursor === undefined ? this.#seq : this.#placeOf(cursor);
    const seat: Seat = { reader, sees, counts: new Map(), at: at ?? this.#seq, resets: 0 };
    const missed = at === undefined ? undefined : this.#seq - at;
    const reading = (): Reading => ({ missed, counts: seat.counts, resets: seat.resets });
    if (this.#isClosed) {
      // What it was about is gone or lies elsewhere now: who asks again is told.
      reader.end();
      return reading;
    }
    if (at === undefined) this.#reset(seat);
    this.#seats.add(seat);
    reader.onReady(() => this.#pump(seat));
    this.#pump(seat);
    return () => {
      this.#seats.delete(seat);
      return reading();
    };
  }

  /** Calls back after something was told, and when it is closed. For those who look for themselves what has changed. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Gives readers what is left and ends them. */
  close(): void {
    this.#isClosed = true;
    this.#tell();
    for (const { reader } of this.#seats) reader.end();
    this.#seats.clear();
    this.#listeners.clear();
  }

  #tell(): void {
    clearImmediate(this.#telling);
    this.#telling = undefined;
    for (const seat of this.#seats) this.#pump(seat);
    for (const listener of this.#listeners) listener();
  }

  #pump(seat: Seat): void {
    while (this.#seats.has(seat) && seat.at < this.#seq && !seat.reader.isFull) {
      const from = seat.at - this.#oldest;
      if (from < 0) {
        this.#reset(seat);
        continue;
      }
      const batch = this.#batch(from, this.#endOfBatch(from));
      seat.at = batch.seq;
      const seen = seat.sees ? batch.only(seat.sees) : batch;
      if (seen) this.#give(seat, seen);
    }
  }

  #reset(seat: Seat): void {
    seat.at = this.#seq;
    seat.resets += 1;
    this.#give(seat, new Batch(this.#epoch, [this.#encode({ type: 'reset' }, undefined)]));
  }

  #give({ reader, counts }: Seat, batch: Batch): void {
    for (const { type } of batch.events) counts.set(type, (counts.get(type) ?? 0) + 1);
    reader.take(batch);
  }

  /** Number of the event before the oldest that is kept. */
  get #oldest(): number {
    return this.#seq - this.#kept.length;
  }

  #endOfBatch(from: number): number {
    let length = 0;
    let to = from;
    do length += this.#kept[to++]?.json.length ?? 0;
    while (to < this.#kept.length && to - from < AT_ONCE && length < LENGTH_AT_ONCE);
    return to;
  }

  /** Most readers stand at the same place, so the last batch is most often the next one too. */
  #batch(from: number, to: number): Batch {
    const last = this.#lastBatch;
    const events = this.#kept.slice(from, to);
    if (last && last.events[0] === events[0] && last.events.length === events.length) return last;
    return (this.#lastBatch = new Batch(this.#epoch, events));
  }

  #placeOf(cursor: string): number | undefined {
    const [epoch, text = ''] = cursor.split(':');
    const seq = /^\d{1,15}$/.test(text) ? Number(text) : -1;
    return epoch === this.#epoch && seq >= this.#oldest && seq <= this.#seq ? seq : undefined;
  }

  #forget(): void {
    let count = Math.max(0, this.#kept.length - KEPT_EVENTS);
    let length = this.#kept.slice(count).reduce((sum, { json }) => sum + json.length, 0);
    while (length > KEPT_LENGTH) {
      length -= this.#kept[count]?.json.length ?? 0;
      count += 1;
    }
    this.#kept = this.#kept.slice(count);
    this.#keptLength = length;
    this.#lastBatch = undefined;
  }

  #encode(event: { readonly type: string }, bot: string | undefined): Told {
    const at = new Date().toISOString();
    const { type } = event;
    return { seq: this.#seq, type, bot, json: redactor.json({ v: 1, ...this.#facts, seq: this.#seq, at, ...event }) };
  }
}
