import { createId, encodeEvent } from 'boternity';
import type { ConversationEvent } from '../views.ts';

/** Events a hub keeps for readers that come back. */
const KEPT_EVENTS = 4_000;
/** Bytes a reader may leave unread before it is let go; it comes back with its cursor. */
const UNREAD_LIMIT = 1024 * 1024;

type Unsent<Event> = Event extends unknown ? Omit<Event, 'v' | 'seq' | 'at' | 'conversation'> : never;

/** What a hub writes to. A Node response is one. */
export interface Reader {
  write(chunk: string): boolean;
  end(): void;
  readonly writableLength: number;
}

/**
 * Live events of one conversation. Each is encoded once, kept for a while and written to every reader; a reader that does
 * not keep up is let go. The cursor is `epoch:seq`; the epoch is new with every hub, so a cursor of another life is known as such.
 */
export class Hub {
  readonly #conversation: string;
  readonly #epoch = createId().slice(0, 13);
  readonly #readers = new Set<Reader>();
  #kept: string[] = [];
  #seq = 0;

  constructor(conversation: string) {
    this.#conversation = conversation;
  }

  /** Where a reader who knows everything until now goes on. */
  get cursor(): string {
    return `${this.#epoch}:${this.#seq}`;
  }

  get isRead(): boolean {
    return this.#readers.size > 0;
  }

  emit(event: Unsent<ConversationEvent>): void {
    this.#seq += 1;
    const encoded = this.#encode(event);
    this.#kept.push(encoded);
    if (this.#kept.length > KEPT_EVENTS * 2) this.#kept = this.#kept.slice(-KEPT_EVENTS);
    for (const reader of this.#readers) this.#write(reader, encoded);
  }

  /** Adds a reader: what it missed since its cursor at once, or `reset` when that is no longer known. Gives the way to leave. */
  join(reader: Reader, cursor: string | undefined): () => void {
    const missed = cursor === undefined ? [] : this.#since(cursor);
    reader.write(missed?.join('') ?? this.#encode({ type: 'reset' }));
    this.#readers.add(reader);
    return () => void this.#readers.delete(reader);
  }

  /** A comment that keeps connections through proxies alive. */
  beat(): void {
    for (const reader of this.#readers) this.#write(reader, ': beat\n\n');
  }

  close(): void {
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }

  #since(cursor: string): string[] | undefined {
    const [epoch, text = ''] = cursor.split(':');
    const seq = Number(text);
    const oldest = this.#seq - this.#kept.length;
    if (epoch !== this.#epoch || !Number.isInteger(seq) || seq < oldest || seq > this.#seq) return undefined;
    return this.#kept.slice(seq - oldest);
  }

  #encode(event: Unsent<ConversationEvent>): string {
    const { type } = event;
    const full = { v: 1, conversation: this.#conversation, seq: this.#seq, at: new Date().toISOString(), ...event };
    return encodeEvent(type, full, this.cursor);
  }

  #write(reader: Reader, chunk: string): void {
    reader.write(chunk);
    if (reader.writableLength <= UNREAD_LIMIT) return;
    this.#readers.delete(reader);
    reader.end();
  }
}
