import { createId, systemClock, timestamp, z, type Grant, type Home } from 'boternity';
import { Book } from './book.ts';
import { digestOf, newSecret } from './secret.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const SEEN_MS = 60_000;
/** What every API token begins with, so that people and scanners know one when they see it. */
const PREFIX = 'bnity_';

const tokenEntry = z.object({
  id: z.string(),
  digest: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  createdAt: z.string(),
  /** Null: it does not expire. */
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
  /** The token that made it; it ends with that one. */
  madeBy: z.string().nullable(),
});
export type Token = z.infer<typeof tokenEntry>;

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly Grant[];
  /** Undefined: it does not expire. */
  readonly days: number | undefined;
  /** The token by which this one is made. It lives no longer than its maker. */
  readonly maker: Token | undefined;
}

/** API tokens: `.boternity/tokens.json`. What a token may do stands here and nowhere else. */
export class Tokens {
  readonly #book: Book<Token>;

  private constructor(book: Book<Token>) {
    this.#book = book;
  }

  static async open(home: Home): Promise<Tokens> {
    return new Tokens(await Book.open(home, { file: 'tokens.json', entry: tokenEntry, isOver }));
  }

  get book(): Omit<Book<Token>, 'add'> {
    return this.#book;
  }

  /** A new token and its text, which is told this once. Whether its maker may hand out the scopes is asked before. */
  async make({ name, scopes, days, maker }: NewToken): Promise<{ readonly token: Token; readonly secret: string }> {
    const secret = PREFIX + newSecret();
    const ends = [days === undefined ? undefined : systemClock.now() + days * DAY_MS, endOf(maker)];
    const end = Math.min(...ends.map((each) => each ?? Number.POSITIVE_INFINITY));
    const token = {
      id: createId(),
      digest: digestOf(secret),
      name,
      scopes: [...scopes],
      createdAt: timestamp(systemClock),
      expiresAt: Number.isFinite(end) ? new Date(end).toISOString() : null,
      lastUsedAt: null,
      madeBy: maker?.id ?? null,
    };
    await this.#book.add(token);
    return { token, secret };
  }

  /** The token with this digest, used now. */
  find(digest: string): { readonly entry: Token; readonly revoked: AbortSignal } | undefined {
    const now = systemClock.now();
    const found = this.#book.find(digest, now);
    if (found && now - Date.parse(found.entry.lastUsedAt ?? '1970-01-01') > SEEN_MS) {
      this.#book.touch(found.entry, { lastUsedAt: timestamp(systemClock) });
    }
    return found;
  }

  /** Ends a token and all that were made by it. Gives how many they were. */
  async revoke(id: string): Promise<number> {
    const meant = new Set([id]);
    for (const before = new Set<string>(); before.size < meant.size;) {
      for (const each of meant) before.add(each);
      for (const { id: child, madeBy } of this.#book.entries) if (madeBy && meant.has(madeBy)) meant.add(child);
    }
    return this.#book.revoke((token) => meant.has(token.id));
  }
}

function isOver({ expiresAt }: Token, now: number): boolean {
  return expiresAt !== null && !(now < Date.parse(expiresAt));
}

function endOf(token: Token | undefined): number | undefined {
  return token?.expiresAt ? Date.parse(token.expiresAt) : undefined;
}
