import { KernelError, type Scope } from './scope.ts';

/** Named values that leave with the scope that added them: routes, actions, models, panels, file kinds. Iterates in order of addition. */
export class Registry<T> implements Iterable<[string, T]> {
  readonly #noun: string;
  readonly #entries = new Map<string, { value: T; owner: string }>();
  readonly #followers = new Set<() => void>();

  /** `noun` names one entry in error messages: "route", "action". */
  constructor(noun: string) {
    this.#noun = noun;
  }

  /** Throws `NAME_TAKEN`, naming the owner, when the key is in use. */
  add(scope: Scope, key: string, value: T): void {
    const owner = this.owner(key);
    if (owner !== undefined) {
      throw new KernelError('NAME_TAKEN', `The ${this.#noun} "${key}" of "${scope.name}" is taken by "${owner}".`);
    }
    const tell = (): void => this.#followers.forEach((follower) => follower());
    scope.defer(() => {
      this.#entries.delete(key);
      tell();
    });
    this.#entries.set(key, { value, owner: scope.name });
    tell();
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Name of the scope that added the key. */
  owner(key: string): string | undefined {
    return this.#entries.get(key)?.owner;
  }

  /** Calls the listener after every addition and removal, until the scope closes. */
  follow(scope: Scope, listener: () => void): void {
    scope.defer(() => void this.#followers.delete(listener));
    this.#followers.add(listener);
  }

  *[Symbol.iterator](): Generator<[string, T]> {
    for (const [key, entry] of this.#entries) yield [key, entry.value];
  }
}
