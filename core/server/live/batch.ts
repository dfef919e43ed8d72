/** One event as it leaves. */
export interface Told {
  readonly seq: number;
  readonly type: string;
  /** The bot it concerns, where it concerns one. */
  readonly bot: string | undefined;
  /** The whole event as JSON, without secrets. */
  readonly json: string;
}

/** Some events of a hub in a row, in the form of each kind of connection; each form is made once for all readers. */
export class Batch {
  readonly events: readonly Told[];
  readonly #epoch: string;
  #bytes: Buffer | undefined;
  #list: string | undefined;

  constructor(epoch: string, events: readonly Told[]) {
    this.#epoch = epoch;
    this.events = events;
  }

  /** Number of the last event. */
  get seq(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  /** Where a reader of this batch goes on. */
  get cursor(): string {
    return `${this.#epoch}:${this.seq}`;
  }

  /** As server-sent events, each with its cursor as id. */
  get bytes(): Buffer {
    return (this.#bytes ??= Buffer.from(
      this.events.map(({ seq, type, json }) => `id: ${this.#epoch}:${seq}\nevent: ${type}\ndata: ${json}\n\n`).join(''),
    ));
  }

  /** As the items of a JSON list. */
  get list(): string {
    return (this.#list ??= this.events.map(({ json }) => json).join(','));
  }

  /** The events that a reader may see; undefined when there is none. */
  only(sees: (bot: string | undefined) => boolean): Batch | undefined {
    const seen = this.events.filter(({ bot }) => sees(bot));
    if (seen.length === this.events.length) return this;
    return seen.length === 0 ? undefined : new Batch(this.#epoch, seen);
  }
}
