import { readFile, stat } from 'node:fs/promises';
import { statSync } from 'node:fs';
import path from 'node:path';
import { Fault, isMissingFile, redactor, writeAtomically, z, type Problem } from 'boternity';
import {
  exposure,
  findKey,
  firstKey,
  nextKey,
  retireKey,
  type KeyKind,
  type KeyPlaces,
  type VaultKey,
} from './key-source.ts';
import { FORMAT, seal, unseal } from './seal.ts';

/** Where a secret lies: `global/NAME` or `bot/<id>/NAME`. */
export type Place = string;

const FILE = '.boternity/vault.json';

const content = z.object({
  format: z.number(),
  key: z.object({
    id: z.string().regex(/^[0-9a-f]{16}$/),
    from: z.enum(['file', 'password', 'keychain']),
    salt: z.string().optional(),
  }),
  /** Each is looked at alone, so that damage to one leaves the others in use. */
  secrets: z.record(z.string(), z.unknown()),
});
type Content = z.output<typeof content>;

/** What the file holds, as far as it can be opened. */
type State =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'open';
      readonly content: Content;
      readonly key: VaultKey;
      readonly values: ReadonlyMap<Place, string>;
      readonly damaged: readonly Place[];
    }
  | { readonly kind: 'closed'; readonly why: Fault; readonly places: readonly Place[] };
type OpenState = Extract<State, { kind: 'open' }>;

/** The encrypted file. It is read again when it changed on disk; while it cannot be opened nothing is written to it. */
export class VaultFile {
  readonly #file: string;
  #keys: KeyPlaces;
  readonly #kind: KeyKind;
  #state: State = { kind: 'absent' };
  #seen: string | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(keys: KeyPlaces, kind: KeyKind) {
    this.#file = path.join(keys.folder, 'vault.json');
    this.#keys = keys;
    this.#kind = kind;
  }

  /** Undefined when there is no such secret. Throws when the file, or this entry of it, cannot be opened. */
  async get(place: Place): Promise<string | undefined> {
    const state = await this.#inTurn(() => this.#read());
    if (state.kind === 'closed') throw state.why;
    if (state.kind === 'absent') return undefined;
    if (state.damaged.includes(place)) throw damage(place);
    return state.values.get(place);
  }

  /** Every place in the file; the value is undefined where it cannot be opened. */
  async all(): Promise<Map<Place, string | undefined>> {
    const state = await this.#inTurn(() => this.#read());
    if (state.kind === 'absent') return new Map();
    if (state.kind === 'closed') return new Map(state.places.map((place) => [place, undefined]));
    return new Map(Object.keys(state.content.secrets).map((place) => [place, state.values.get(place)]));
  }

  /** Writes a secret. The first one makes the file, and its key. */
  set(place: Place, value: string): Promise<void> {
    return this.#inTurn(async () => {
      const state = opened(await this.#read());
      const key = state?.key ?? (await firstKey(this.#kind, this.#keys));
      const secrets = { ...state?.content.secrets, [place]: seal(key.bytes, place, value) };
      await this.#write({ format: FORMAT, key: key.header, secrets });
    });
  }

  /** Whether there was one. */
  remove(place: Place): Promise<boolean> {
    return this.#inTurn(async () => {
      const state = opened(await this.#read());
      if (!state || !Object.hasOwn(state.content.secrets, place)) return false;
      const { [place]: _, ...secrets } = state.content.secrets;
      await this.#write({ ...state.content, secrets });
      return true;
    });
  }

  /** Seals everything anew under another key of the kind the settings ask for. Stopped at any instant, the old or the new key opens everything. */
  rotate(password?: string): Promise<{ secrets: number; key: KeyKind }> {
    return this.#inTurn(async () => {
      if (password !== undefined && this.#kind !== 'password') {
        const details = [{ path: 'password', message: `the settings ask for a key of the kind "${this.#kind}"` }];
        throw new Fault('INPUT_INVALID', 'This vault is not to be under a password.', {
          hint: 'Run: bnity settings set plugins.vault.key password',
          details,
        });
      }
      const state = opened(await this.#read());
      if (!state) throw new Fault('SECRET_MISSING', 'There is no vault yet: the first secret that is set makes it.');
      const [lost] = state.damaged;
      if (lost !== undefined) throw damage(lost);
      const before = this.#keys;
      this.#keys = { ...before, password: password ?? before.password };
      const next = await nextKey(this.#kind, this.#keys);
      const sealed = [...state.values].map(([place, value]) => [place, seal(next.bytes, place, value)]);
      try {
        await this.#write({ format: FORMAT, key: next.header, secrets: Object.fromEntries(sealed) });
      } catch (error) {
        this.#keys = before;
        throw error;
      }
      await retireKey(state.key.header, next.header, this.#keys);
      return { secrets: sealed.length, key: this.#kind };
    });
  }

  /** What is wrong, as it was when the file was last used. */
  problems(): Problem[] {
    const state = this.#state;
    const found = [this.#exposed('vault.json'), this.#exposed('vault.key')].filter((problem) => problem !== undefined);
    if (state.kind === 'closed') return [...found, problemOf('error', `${state.why.message} ${state.why.hint}`)];
    if (state.kind === 'absent') return found;
    const { from } = state.content.key;
    const other =
      from === this.#kind
        ? []
        : [
            problemOf(
              'warning',
              `the key of the vault is of the kind "${from}", the settings ask for "${this.#kind}". Run: bnity secret rotate-key`,
            ),
          ];
    return [...found, ...other, ...state.damaged.map((place) => problemOf('error', damage(place).message))];
  }

  #exposed(name: string): Problem | undefined {
    const found = statSync(path.join(this.#keys.folder, name), { throwIfNoEntry: false });
    const sentence = found && exposure(found.mode, `.boternity/${name}`);
    return sentence === undefined
      ? undefined
      : { ...problemOf('error', `${sentence}. Run: chmod 600 on it`), file: `.boternity/${name}` };
  }

  /** One after the other, so that no change is lost. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** A file that could not be opened is tried again each time: its key may have come back. */
  async #read(): Promise<State> {
    const found = await stat(this.#file).catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw Fault.from(error);
    });
    const seen = found && `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
    if (seen === this.#seen && this.#state.kind !== 'closed') return this.#state;
    this.#state = found ? await this.#open() : { kind: 'absent' };
    this.#seen = seen;
    return this.#state;
  }

  async #open(): Promise<State> {
    let parsed: Content;
    try {
      parsed = parse(await readFile(this.#file, 'utf8'));
    } catch (error) {
      return { kind: 'closed', why: Fault.from(error), places: [] };
    }
    const places = Object.keys(parsed.secrets);
    try {
      const key = await findKey(parsed.key, this.#keys);
      return openWith(key, parsed);
    } catch (error) {
      return { kind: 'closed', why: Fault.from(error), places };
    }
  }

  async #write(value: Content): Promise<void> {
    await writeAtomically(this.#file, `${JSON.stringify(value, null, 2)}\n`, 0o600);
    this.#seen = undefined;
    const state = await this.#read();
    if (state.kind === 'closed') throw state.why;
  }
}

function parse(text: string): Content {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Fault('VAULT_DAMAGED', `${FILE} is not JSON: it was cut off or overwritten.`);
  }
  const checked = content.safeParse(value);
  if (!checked.success) {
    const where = checked.error.issues.map((issue) => issue.path.map(String).join('.') || 'the whole').join(', ');
    throw new Fault('VAULT_DAMAGED', `${FILE} is not a vault: ${where} is not as it must be.`);
  }
  if (checked.data.format === FORMAT) return checked.data;
  throw new Fault('VAULT_DAMAGED', `${FILE} has format ${checked.data.format}; this version knows ${FORMAT}.`, {
    hint: 'Run the version that wrote it. Nothing was changed.',
  });
}

/** The key is right when it is the one that the file names, or opens anything: the name alone may be what is damaged. */
function openWith(key: VaultKey, parsed: Content): State {
  const opened = Object.entries(parsed.secrets).map(
    ([place, sealed]) => [place, unseal(key.bytes, place, sealed)] as const,
  );
  const values = new Map(opened.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
  const isRight = key.header.id === parsed.key.id || values.size > 0;
  if (!isRight)
    throw new Fault('VAULT_KEY_WRONG', `The key does not open ${FILE}: it belongs to another vault, or is an old one.`);
  for (const [place, value] of values) redactor.add(nameOf(place), value);
  const damaged = opened.filter(([, value]) => value === undefined).map(([place]) => place);
  return { kind: 'open', content: parsed, key, values, damaged };
}

function opened(state: State): OpenState | undefined {
  if (state.kind === 'closed') throw state.why;
  return state.kind === 'open' ? state : undefined;
}

export function nameOf(place: Place): string {
  return place.slice(place.lastIndexOf('/') + 1);
}

function damage(place: Place): Fault {
  return new Fault(
    'VAULT_DAMAGED',
    `The entry ${place} of ${FILE} cannot be opened: it was changed, or moved there from elsewhere.`,
    {
      hint: `Set ${nameOf(place)} again, or restore ${FILE} from a backup.`,
    },
  );
}

function problemOf(level: Problem['level'], message: string): Problem {
  return { file: FILE, line: 1, column: 1, level, message };
}
