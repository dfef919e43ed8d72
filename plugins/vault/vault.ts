import { Fault, redactor, type Bots } from 'boternity';
import { fromEnvironment } from './environment.ts';
import type { Keychain } from './keychain.ts';
import { nameOf, type Place, type VaultFile } from './vault-file.ts';

export type Backend = 'environment' | 'keychain' | 'file';

/** Where a secret counts: for all, or for one bot (slug or id). */
export interface SecretScope {
  readonly bot?: string | undefined;
}

/** What may be told of a secret. */
export interface SecretView {
  readonly name: string;
  /** `global`, or the slug of the bot it belongs to; the id of a bot that is no more. */
  readonly scope: string;
  /** Which of the places that hold it wins. */
  readonly backend: Backend;
  /** The environment variable, where that wins. */
  readonly variable: string | null;
  /** `****`, and the last four characters of a value that has sixteen or more. */
  readonly preview: string;
  /** Places that hold it too and do not count. */
  readonly behind: readonly Backend[];
}

/** The service `vault`, for plugins: bots never see a value, and no action gives one back. */
export interface Vault {
  /**
   * The value that counts: environment before what is kept for the bot before what is kept for all; within each the keychain
   * before the file. Undefined when there is none. Throws when it is kept somewhere that cannot be opened.
   */
  get(name: string, scope?: SecretScope): Promise<string | undefined>;
  /** All that is kept or was asked for, by scope and name. */
  list(): Promise<SecretView[]>;
  /** Keeps a value; the one before is gone. */
  set(name: string, value: string, scope?: SecretScope): Promise<SecretView>;
  /** Removes it from every place that can be written; gives those where it was. */
  remove(name: string, scope?: SecretScope): Promise<Backend[]>;
}

export interface VaultParts {
  readonly file: VaultFile;
  readonly keychain: Keychain;
  readonly bots: Bots;
  readonly environment: NodeJS.ProcessEnv;
  /** Where new values are kept. */
  readonly store: 'file' | 'keychain';
}

/** What the places that can be written hold. */
interface Kept {
  readonly keychain: ReadonlyMap<Place, string>;
  /** Undefined where an entry cannot be opened. */
  readonly file: ReadonlyMap<Place, string | undefined>;
}

/** Names of secrets, as in the environment. */
export const SECRET_NAME = /^[A-Z][A-Z0-9_]*$/;
/** A value of so many characters shows its last four: a quarter of it at most. */
const SHOWN_FROM = 16;

export class SecretVault implements Vault {
  readonly #parts: VaultParts;
  /** What somebody asked for, so that the environment's part of it is listed too. */
  readonly #asked = new Set<Place>();

  constructor(parts: VaultParts) {
    this.#parts = parts;
  }

  async get(name: string, { bot }: SecretScope = {}): Promise<string | undefined> {
    const owner = bot === undefined ? undefined : await this.#parts.bots.get(bot);
    const own: Place | undefined = owner && `bot/${owner.id}/${name}`;
    const found = fromEnvironment(this.#parts.environment, name, owner?.slug);
    this.#asked.add(found?.isOwn && own ? own : `global/${name}`);
    const value = found?.value ?? (own && (await this.#keptAt(own))) ?? (await this.#keptAt(`global/${name}`));
    if (value !== undefined) redactor.add(name, value);
    return value;
  }

  async list(): Promise<SecretView[]> {
    const kept = await this.#kept();
    const places = [...new Set([...kept.keychain.keys(), ...kept.file.keys(), ...this.#asked])];
    const slugs = await this.#slugsIn(places);
    const views = places.map((place) => this.#view(place, kept, slugs)).filter((view) => view !== undefined);
    return views.toSorted((a, b) => rank(a).localeCompare(rank(b)));
  }

  async set(name: string, value: string, { bot }: SecretScope = {}): Promise<SecretView> {
    redactor.add(name, value);
    const { file, keychain, store } = this.#parts;
    const place = await this.#placeOf(name, bot);
    if (store === 'file') {
      await file.set(place, value);
      // One that was kept there before would win.
      await keychain.remove(place);
    } else {
      await keychain.set(place, value);
      await file.remove(place).catch(() => undefined);
    }
    const view = this.#view(place, await this.#kept(), await this.#slugsIn([place]));
    if (!view) throw new Fault('SECRET_MISSING', `${name} was written and is not there.`);
    return view;
  }

  async remove(name: string, { bot }: SecretScope = {}): Promise<Backend[]> {
    const { file, keychain } = this.#parts;
    const place = await this.#placeOf(name, bot);
    this.#asked.add(place);
    const removed: Backend[] = [];
    if (await keychain.remove(place)) removed.push('keychain');
    if (await file.remove(place)) removed.push('file');
    return removed;
  }

  async #keptAt(place: Place): Promise<string | undefined> {
    const { file, keychain, store } = this.#parts;
    const state = await keychain.read();
    const value = state.entries?.get(place) ?? (await file.get(place));
    if (value !== undefined || state.entries || store === 'file') return value;
    throw new Fault(
      'KEYCHAIN_UNREACHABLE',
      `${nameOf(place)} may be in the keychain, which cannot be read: ${state.why}.`,
    );
  }

  async #kept(): Promise<Kept> {
    const { entries } = await this.#parts.keychain.read();
    const own = [...(entries ?? [])].filter(([account]) => /^(global|bot\/[^/]+)\/[A-Z][A-Z0-9_]*$/.test(account));
    return { keychain: new Map(own), file: await this.#parts.file.all() };
  }

  #view(place: Place, kept: Kept, slugs: ReadonlyMap<string, string>): SecretView | undefined {
    const [, id] = /^bot\/([^/]+)\//.exec(place) ?? [];
    const name = nameOf(place);
    const slug = id === undefined ? undefined : slugs.get(id);
    const variable = fromEnvironment(this.#parts.environment, name, slug);
    if (variable) redactor.add(name, variable.value);
    const values: [Backend, string | undefined][] = [
      ...(variable ? [['environment', variable.value] as [Backend, string]] : []),
      ...(kept.keychain.has(place) ? [['keychain', kept.keychain.get(place)] as [Backend, string]] : []),
      ...(kept.file.has(place) ? [['file', kept.file.get(place)] as [Backend, string | undefined]] : []),
    ];
    const [winner, ...behind] = values;
    if (!winner) return undefined;
    return {
      name,
      scope: slug ?? id ?? 'global',
      backend: winner[0],
      variable: winner[0] === 'environment' ? (variable?.variable ?? null) : null,
      preview: previewOf(winner[1]),
      behind: behind.map(([backend]) => backend),
    };
  }

  /** A bot that is no more may still be named by its id, so that what was kept for it can be removed. */
  async #placeOf(name: string, bot: string | undefined): Promise<Place> {
    if (bot === undefined) return `global/${name}`;
    const { bots } = this.#parts;
    try {
      return `bot/${(await bots.get(bot)).id}/${name}`;
    } catch (error) {
      const orphan = `bot/${bot}/${name}`;
      const { file, keychain } = await this.#kept();
      if (file.has(orphan) || keychain.has(orphan)) return orphan;
      throw error;
    }
  }

  /** Id → slug of the bots that are named and are there. */
  async #slugsIn(places: readonly Place[]): Promise<Map<string, string>> {
    const ids = new Set(places.flatMap((place) => /^bot\/([^/]+)\//.exec(place)?.[1] ?? []));
    const found = await Promise.allSettled([...ids].map((id) => this.#parts.bots.get(id)));
    return new Map(
      found.flatMap((each) => (each.status === 'fulfilled' ? [[each.value.id, each.value.slug] as const] : [])),
    );
  }
}

function previewOf(value: string | undefined): string {
  return value !== undefined && value.length >= SHOWN_FROM ? `****${value.slice(-4)}` : '****';
}

function rank({ scope, name }: SecretView): string {
  return `${scope === 'global' ? '' : scope} ${name}`;
}
