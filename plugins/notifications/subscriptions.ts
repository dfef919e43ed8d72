import path from 'node:path';
import { createId, Fault, writeAtomically, z, type Home } from 'boternity';

const FILE = '.boternity/notifications.json';
/** Devices of one account. */
const MOST_DEVICES = 20;

const bytes = (least: number, most: number) =>
  z
    .string()
    .regex(/^[\w-]+=*$/)
    .refine((text) => {
      const { length } = Buffer.from(text, 'base64url');
      return length >= least && length <= most;
    }, 'has the wrong length');

/** What a browser gives of itself: what `PushSubscription.toJSON()` tells. */
export const subscriptionInput = {
  endpoint: z.string().max(2_000).describe('Where its push service takes messages for it'),
  p256dh: bytes(65, 65).describe('Its public key, base64url'),
  auth: bytes(16, 16).describe('The secret that it shares with the server, base64url'),
};

const kept = z.object({
  id: z.string(),
  /** Whose it is. */
  account: z.string(),
  endpoint: z.string(),
  keys: z.object({ p256dh: z.string(), auth: z.string() }),
  device: z.string(),
  language: z.string(),
  words: z.boolean(),
  createdAt: z.string(),
});
export type Subscription = z.infer<typeof kept>;

/**
 * Devices that want to be notified, in `.boternity/notifications.json`, which only who runs the server may read: whoever has an address there can
 * send to the device. Changes follow each other.
 */
export class Subscriptions {
  readonly #home: Pick<Home, 'path' | 'files' | 'log'>;
  #all: Promise<readonly Subscription[]> | undefined;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(home: Pick<Home, 'path' | 'files' | 'log'>) {
    this.#home = home;
  }

  all(): Promise<readonly Subscription[]> {
    return (this.#all ??= this.#read());
  }

  async of(account: string): Promise<readonly Subscription[]> {
    return (await this.all()).filter((each) => each.account === account);
  }

  /** Throws SUBSCRIPTION_MISSING, also for one of another account. */
  async find(id: string, account: string): Promise<Subscription> {
    const found = (await this.of(account)).find((each) => each.id === id);
    if (found) return found;
    throw new Fault('SUBSCRIPTION_MISSING', `There is no device "${id.slice(0, 100)}".`);
  }

  /** Adds a device; the one with the same address is replaced. Throws INPUT_INVALID when an account has too many. */
  async add(given: Omit<Subscription, 'id' | 'createdAt'>): Promise<Subscription> {
    const added: Subscription = { ...given, id: createId(), createdAt: new Date().toISOString() };
    await this.#change((all) => {
      const others = all.filter(({ endpoint }) => endpoint !== given.endpoint);
      if (others.filter(({ account }) => account === given.account).length >= MOST_DEVICES)
        throw new Fault('INPUT_INVALID', `An account has at most ${MOST_DEVICES} devices; remove one first.`);
      return [...others, added];
    });
    return added;
  }

  /** Says whether the words of answers go to a device. */
  setWords(id: string, words: boolean): Promise<void> {
    return this.#change((all) => all.map((each) => (each.id === id ? { ...each, words } : each)));
  }

  remove(id: string): Promise<void> {
    return this.#change((all) => all.filter((each) => each.id !== id));
  }

  #change(change: (all: readonly Subscription[]) => readonly Subscription[]): Promise<void> {
    const done = this.#changing.then(async () => {
      const now = change(await this.all());
      await writeAtomically(path.join(this.#home.path, FILE), `${JSON.stringify(now, null, 2)}\n`, 0o600);
      this.#all = Promise.resolve(now);
    });
    this.#changing = done.catch(() => undefined);
    return done;
  }

  async #read(): Promise<readonly Subscription[]> {
    const content = await this.#home.files.read(FILE);
    if (!content) return [];
    try {
      return z.array(kept).parse(JSON.parse(content.toString()));
    } catch (error) {
      this.#home.log.warn(`${FILE} cannot be read; devices have to be added again`, { error });
      return [];
    }
  }
}
