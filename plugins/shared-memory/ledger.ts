import { DailyJournal, z, type Author, type Home } from 'boternity';

const eventSchema = z.object({
  at: z.iso.datetime(),
  action: z.enum(['share', 'revoke', 'approve', 'reject', 'quarantine', 'refuse']),
  actor: z.object({ kind: z.enum(['person', 'token', 'bot', 'program']), id: z.string(), name: z.string() }),
  /** Id of the author. */
  bot: z.string(),
  memory: z.string(),
  hash: z.string(),
  why: z.string(),
});

/** Something that was done about sharing a memory. */
export type SharingEvent = z.output<typeof eventSchema>;

/** What this house knows of a memory that is shared. */
export interface Sharing {
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether a person shared or approved it. */
  readonly isVerified: boolean;
  /** Whether a person approved it, whatever was found in it. */
  readonly isApproved: boolean;
  /** Why it waits for a person; empty when nothing was found, or a person approved it. */
  readonly held: string;
}

const HOUR_MS = 3_600_000;

/**
 * Who shared what with whom, approved and rejected it: lines that are only ever added, in `.boternity/shared-memory/`. What a file says of
 * its own sharing is believed only when it stands here too, so that nobody shares by writing a file.
 */
export class Ledger implements AsyncDisposable {
  readonly #lines: DailyJournal;
  readonly #sharings = new Map<string, Sharing>();
  readonly #rejected = new Set<string>();
  readonly #events: SharingEvent[] = [];
  #read: Promise<void> | undefined;

  constructor({ path, log }: Pick<Home, 'path' | 'log'>) {
    this.#lines = new DailyJournal(path, '.boternity/shared-memory', log);
  }

  /** Everything that was noted is known when this settles. */
  ready(): Promise<void> {
    return (this.#read ??= this.#readAll().catch((error: unknown) => {
      this.#read = undefined;
      throw error;
    }));
  }

  /** Notes events; they are on disk when it answers. */
  async note(...events: readonly Omit<SharingEvent, 'at'>[]): Promise<void> {
    await this.ready();
    const now = new Date();
    for (const event of events) {
      const { kind, id, name } = event.actor;
      const noted = { ...event, at: now.toISOString(), actor: { kind, id, name } };
      this.#takeIn(noted);
      this.#lines.add(noted, now);
    }
    await this.#lines.settle();
  }

  /** What is known of a memory; undefined when nobody shared it here, or it was taken back. */
  of(bot: string, memory: string): Sharing | undefined {
    return this.#sharings.get(`${bot}/${memory}`);
  }

  /** Whether a person rejected exactly this. */
  isRejected(bot: string, memory: string, hash: string): boolean {
    return this.#rejected.has(`${bot}/${memory}/${hash}`);
  }

  /** How often a bot's memories were shared within the last hour. */
  sharedLately(bot: string): number {
    const since = Date.now() - HOUR_MS;
    return this.#events.filter((each) => each.action === 'share' && each.bot === bot && Date.parse(each.at) > since)
      .length;
  }

  /** What was done about the memories of a bot, oldest first. */
  async events(bot: string): Promise<SharingEvent[]> {
    await this.ready();
    return this.#events.filter((each) => each.bot === bot);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lines[Symbol.asyncDispose]();
  }

  async #readAll(): Promise<void> {
    for (const day of await this.#lines.days())
      for await (const line of this.#lines.of(day)) {
        const { data } = eventSchema.safeParse(line);
        if (data) this.#takeIn(data);
      }
  }

  #takeIn(event: SharingEvent): void {
    this.#events.push(event);
    const { action, bot, memory, hash, actor, why } = event;
    const key = `${bot}/${memory}`;
    const known = this.#sharings.get(key);
    const at = Date.parse(event.at);
    if (action === 'share')
      this.#sharings.set(key, { hash, at, isVerified: isPerson(actor), isApproved: false, held: '' });
    if (action === 'approve')
      this.#sharings.set(key, { hash, at: known?.at ?? at, isVerified: true, isApproved: true, held: '' });
    if (action === 'approve') this.#rejected.delete(`${key}/${hash}`);
    if (action === 'quarantine' && known?.hash === hash) this.#sharings.set(key, { ...known, held: why });
    if (action === 'revoke' || action === 'reject') this.#sharings.delete(key);
    if (action === 'reject') this.#rejected.add(`${key}/${hash}`);
  }
}

function isPerson({ kind }: Pick<Author, 'kind'>): boolean {
  return kind === 'person' || kind === 'token';
}
