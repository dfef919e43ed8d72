import { Fault, redactor } from 'boternity';
import type * as Keyring from '@napi-rs/keyring';

/** Name under which everything of the product stands in the keychain of the operating system. */
const SERVICE = 'boternity';
/** How long what was read counts, in milliseconds. */
const FRESH_MS = 10_000;
/** How long an absent keychain is not asked again. */
const ABSENT_MS = 60_000;
/** A locked keychain may ask a person; nobody waits for them longer than this. */
const PATIENCE_MS = 5_000;

/** What the keychain holds, or why it cannot be read. */
export type KeychainState =
  | { readonly entries: ReadonlyMap<string, string> }
  | { readonly entries: undefined; readonly why: string };

/**
 * The keychain of the operating system: Secret Service, macOS Keychain, Windows Credential Manager. It belongs to the user of
 * the machine, not to one home. Loaded on first use; where there is none, that is an answer and no error.
 */
export class Keychain {
  readonly #isOn: boolean;
  #state: Promise<KeychainState> | undefined;
  #until = 0;
  /** Why it could not be read when it was last tried; undefined when it could. */
  why: string | undefined;

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  /** All entries by account. Read in one call that does not hold the event loop, and kept for some seconds. */
  read(): Promise<KeychainState> {
    if (!this.#isOn)
      return Promise.resolve({ entries: undefined, why: (this.why = 'it is turned off in the settings') });
    if (this.#state && performance.now() < this.#until) return this.#state;
    const state = this.#find();
    this.#state = state;
    this.#until = performance.now() + ABSENT_MS;
    void state.then(({ entries }) => {
      if (entries && this.#state === state) this.#until = performance.now() + FRESH_MS;
    });
    return state;
  }

  /** Throws KEYCHAIN_UNREACHABLE. */
  set(account: string, value: string): Promise<void> {
    return this.#change(account, (entry) => entry.setPassword(value));
  }

  /** Whether there was one. Throws KEYCHAIN_UNREACHABLE. */
  async remove(account: string): Promise<boolean> {
    const { entries } = await this.read();
    if (!entries?.has(account)) return false;
    return this.#change(account, (entry) => entry.deletePassword());
  }

  /** Asks the system anew at the next use. */
  forget(): void {
    this.#state = undefined;
  }

  async #find(): Promise<KeychainState> {
    try {
      const keyring = await load();
      const found = await within(keyring.findCredentialsAsync(SERVICE));
      this.why = undefined;
      for (const { account, password } of found) redactor.add(nameIn(account), password);
      return { entries: new Map(found.map(({ account, password }) => [account, password])) };
    } catch (error) {
      return { entries: undefined, why: (this.why = reasonOf(error)) };
    }
  }

  async #change<T>(account: string, change: (entry: Keyring.AsyncEntry) => Promise<T>): Promise<T> {
    if (!this.#isOn)
      throw new Fault('KEYCHAIN_UNREACHABLE', 'The keychain is turned off in the settings of the vault.');
    this.forget();
    try {
      const { AsyncEntry } = await load();
      // Without this the library falls back to a keyring of the kernel, which forgets everything at the next start.
      return await within(change(new AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } })));
    } catch (error) {
      throw new Fault('KEYCHAIN_UNREACHABLE', `The keychain cannot be written: ${reasonOf(error)}.`, { cause: error });
    } finally {
      this.forget();
    }
  }
}

async function load(): Promise<typeof Keyring> {
  try {
    return await import('@napi-rs/keyring');
  } catch (error) {
    throw new Error('the package @napi-rs/keyring is not installed', { cause: error });
  }
}

async function within<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error('it does not answer; perhaps it waits for its password')),
    PATIENCE_MS,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/IsLocked|prompt was dismissed/.test(message)) return 'it is locked';
  if (/connect to (address|socket)|ServiceUnknown|autolaunch|no result found/i.test(message))
    return 'there is none on this machine';
  return message.replace(/\.$/, '');
}

function nameIn(account: string): string {
  return /^(?:global|bot\/[^/]+)\/(\w+)$/.exec(account)?.[1] ?? 'VAULT_KEY';
}
