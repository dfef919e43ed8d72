import type { Finding } from 'boternity';

/** How many different names are remembered: strangers can make up as many as they like. */
const MOST = 20;
/** How long a refusal is spoken of, in milliseconds. */
const KEPT_MS = 24 * 60 * 60 * 1_000;

/** What a refused request named: the host it was sent to, or the page that sent it. */
export type Refused = 'host' | 'origin';

interface Refusal {
  readonly kind: Refused;
  readonly name: string;
  readonly at: number;
  readonly count: number;
}

const advice: Readonly<Record<Refused, (name: string) => string>> = {
  host: (name) =>
    `If this is how you reach the server: bnity settings set publicUrl https://${name}, or name it in allowedOrigins. If not, leave it: nothing was told.`,
  origin: (name) =>
    `If this page is yours: bnity settings set allowedOrigins '["${name}"]', and let it send a token. If not, leave it: nothing was told.`,
};

/** Hosts and pages whose requests were refused lately, so that the owner finds the one that should not have been. */
export class Refusals {
  readonly #byName = new Map<string, Refusal>();

  /** `name` is `host:port` or an origin, already known to be one. */
  note(kind: Refused, name: string): void {
    const count = (this.#byName.get(name)?.count ?? 0) + 1;
    this.#byName.delete(name);
    this.#byName.set(name, { kind, name, at: Date.now(), count });
    const [oldest] = this.#byName.keys();
    if (this.#byName.size > MOST && oldest !== undefined) this.#byName.delete(oldest);
  }

  findings(): Finding[] {
    const since = Date.now() - KEPT_MS;
    return [...this.#byName.values()]
      .filter(({ at }) => at >= since)
      .map(({ kind, name, at, count }) => ({
        level: 'info',
        about: name,
        message: `${count === 1 ? 'A request' : `${count} requests`} ${kind === 'host' ? 'to' : 'of a page of'} ${name} ${count === 1 ? 'was' : 'were'} refused, last at ${new Date(at).toISOString()}.`,
        advice: advice[kind](name),
      }));
  }
}
