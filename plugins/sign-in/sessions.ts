import { createId, systemClock, timestamp, z, type Home } from 'boternity';
import { Book } from './book.ts';
import { digestOf, newSecret } from './secret.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const IDLE_MS = 30 * DAY_MS;
const LONGEST_MS = 90 * DAY_MS;
/** How exactly it is remembered when a session was last seen. */
const SEEN_MS = 60_000;

const sessionEntry = z.object({
  id: z.string(),
  digest: z.string(),
  /** Browser and system in a few words. */
  device: z.string(),
  address: z.string(),
  createdAt: z.string(),
  lastSeenAt: z.string(),
});
export type Session = z.infer<typeof sessionEntry>;

/** Where somebody signs in. */
export interface Visitor {
  readonly userAgent: string;
  readonly address: string;
}

/** Who is signed in where: `.boternity/sessions.json`. A session ends after 30 days without use, and after 90 days in any case. */
export class Sessions {
  readonly #book: Book<Session>;

  private constructor(book: Book<Session>) {
    this.#book = book;
  }

  static async open(home: Home): Promise<Sessions> {
    return new Sessions(await Book.open(home, { file: 'sessions.json', entry: sessionEntry, isOver }));
  }

  get book(): Omit<Book<Session>, 'add'> {
    return this.#book;
  }

  /** A new session, always with a secret of its own, and that secret. */
  async begin({ userAgent, address }: Visitor): Promise<{ readonly session: Session; readonly secret: string }> {
    const secret = newSecret();
    const now = timestamp(systemClock);
    const session = {
      id: createId(),
      digest: digestOf(secret),
      device: deviceOf(userAgent),
      address,
      createdAt: now,
      lastSeenAt: now,
    };
    await this.#book.add(session);
    return { session, secret };
  }

  /** The session of a secret, seen now from this address. */
  find(secret: string, address: string): { readonly entry: Session; readonly revoked: AbortSignal } | undefined {
    const now = systemClock.now();
    const found = this.#book.find(digestOf(secret), now);
    if (!found) return undefined;
    const { entry } = found;
    if (now - Date.parse(entry.lastSeenAt) > SEEN_MS || entry.address !== address) {
      this.#book.touch(entry, { lastSeenAt: timestamp(systemClock), address });
    }
    return found;
  }
}

function isOver({ createdAt, lastSeenAt }: Session, now: number): boolean {
  return !(now - Date.parse(lastSeenAt) < IDLE_MS && now - Date.parse(createdAt) < LONGEST_MS);
}

/** "Firefox on Linux", as far as a User-Agent tells: for people to recognise, never to decide anything. */
function deviceOf(userAgent: string): string {
  const browsers = { Edg: 'Edge', OPR: 'Opera', Firefox: 'Firefox', Chrome: 'Chrome', Safari: 'Safari' };
  const systems = {
    Android: 'Android',
    iPhone: 'iPhone',
    iPad: 'iPad',
    Windows: 'Windows',
    'Mac OS X': 'macOS',
    CrOS: 'ChromeOS',
    Linux: 'Linux',
  };
  const first = (names: Record<string, string>): string | undefined =>
    Object.entries(names).find(([sign]) => userAgent.includes(sign))?.[1];
  const [browser, system] = [first(browsers), first(systems)];
  if (browser) return system ? `${browser} on ${system}` : browser;
  return userAgent.replaceAll(/[^ -~]/g, '').slice(0, 40) || 'unknown';
}
