import {
  failureFrom,
  Fault,
  hostOf,
  OwnedScope,
  Registry,
  type ListedModel,
  type Log,
  type Model,
  type ModelFacts,
  type ModelFailure,
  type Problem,
  type ProviderAccess,
  type ProviderKind,
  type Scope,
} from 'boternity';
import type { Models } from '../models/index.ts';
import { FILE, problemAt, type ProviderFile } from './provider-file.ts';
import { rotating } from './rotation.ts';
import type { ProviderSettings } from './settings.ts';

export type ProviderSource = 'boternity.config.ts' | 'providers.yaml' | 'environment' | 'found';

/** A provider as it is in use: what was written, filled up with what its kind says. */
export interface Provider {
  readonly name: string;
  readonly type: string;
  /** Undefined while no plugin speaks with its kind. */
  readonly kind: ProviderKind | undefined;
  readonly address: string;
  /** Secrets that hold its keys. */
  readonly keys: readonly string[];
  readonly models: readonly string[];
  readonly settings: ProviderSettings;
  readonly isEnabled: boolean;
  readonly source: ProviderSource;
  /** What was found of one that nobody wrote down. */
  readonly because: string | undefined;
  /** Why none of its models is offered. */
  readonly problem: string | undefined;
}

/** A provider that nobody wrote down: its key is in the environment or the vault, or its server answers. */
export interface Implied {
  readonly name: string;
  readonly settings: ProviderSettings;
  readonly source: 'environment' | 'found';
  /** What was found: `OPENAI_API_KEY is in the vault`. */
  readonly because?: string;
  /** What its service said of its models. */
  readonly listed?: readonly ListedModel[];
}

export type FindSecret = (name: string, bot: string | undefined) => Promise<string | undefined>;

const GENERAL = 'openai-compatible';
const FIRST_SECONDS = 60;
const IDLE_SECONDS = 120;

export interface RosterParts {
  readonly file: ProviderFile;
  readonly models: Models;
  readonly findSecret: FindSecret;
  readonly log: Log;
  /** Those of boternity.config.ts. */
  readonly fixed: Readonly<Record<string, ProviderSettings>>;
}

/** All providers, and the models that they offer because of it. */
export class Roster {
  readonly kinds = new Registry<ProviderKind>('kind of provider');
  readonly #parts: RosterParts;
  readonly #listed = new Map<string, readonly ListedModel[]>();
  #implied: readonly Implied[] = [];
  #offered: OwnedScope[] = [];
  /** Why models are not offered, of each once. */
  #refused: readonly { readonly message: string; readonly source: ProviderSource }[] = [];
  #offering = Promise.resolve();

  constructor(parts: RosterParts) {
    this.#parts = parts;
  }

  /** By priority, then as they were written; what nobody wrote comes last. */
  get all(): Provider[] {
    const { file, fixed } = this.#parts;
    const written = new Map<string, Provider>();
    for (const [name, settings] of file.entries) written.set(name, this.#settle(name, settings, FILE));
    for (const [name, settings] of Object.entries(fixed))
      written.set(name, this.#settle(name, settings, 'boternity.config.ts'));
    for (const { name, settings, source, because } of this.#implied)
      if (!written.has(name)) written.set(name, this.#settle(name, settings, source, because));
    return [...written.values()];
  }

  get(name: string): Provider {
    const found = this.all.find((provider) => provider.name === name);
    if (found) return found;
    throw new Fault('PROVIDER_MISSING', `There is no provider "${name}".`);
  }

  isFixed(name: string): boolean {
    return Object.hasOwn(this.#parts.fixed, name);
  }

  problems(): Problem[] {
    const wrong = this.all.flatMap(({ name, problem, source }) =>
      problem === undefined || source !== FILE
        ? []
        : [problemAt({ line: 1, column: 1 }, `providers.${name}: ${problem}`)],
    );
    const refused = this.#refused
      .filter(({ source }) => source === FILE)
      .map(({ message }) => problemAt({ line: 1, column: 1 }, message));
    return [...this.#parts.file.problems, ...wrong, ...refused];
  }

  addKind(scope: Scope, kind: ProviderKind): void {
    this.kinds.add(scope, kind.type, kind);
    scope.defer(() => void this.offer());
    void this.offer();
  }

  imply(implied: readonly Implied[]): Promise<void> {
    this.#implied = implied;
    for (const { name, listed } of implied) if (listed) this.#listed.set(name, listed);
    return this.offer();
  }

  /** What a service said of its models: better than the catalogue, worse than what is written. */
  heard(name: string, listed: readonly ListedModel[]): Promise<void> {
    this.#listed.set(name, listed);
    return this.offer();
  }

  /** Offers the models of all providers anew. Calls that run go on. */
  offer(): Promise<void> {
    this.#offering = this.#offering.then(async () => {
      for (const scope of this.#offered.splice(0)) await scope[Symbol.asyncDispose]();
      const told = new Set(this.#refused.map(({ message }) => message));
      this.#refused = [];
      this.#offered = this.all.flatMap((provider) => this.#offerOf(provider, told));
    });
    return this.#offering;
  }

  async close(): Promise<void> {
    await this.#offering;
    for (const scope of this.#offered.splice(0)) await scope[Symbol.asyncDispose]();
  }

  /** How its kind reaches a provider, with one of its keys; the first where none is named. */
  accessTo({ name, address, settings, kind, keys }: Provider, key: string | undefined = keys[0]): ProviderAccess {
    const { headers = {}, options = {}, timeout = FIRST_SECONDS, idle = IDLE_SECONDS } = settings;
    return {
      name,
      address,
      headers,
      options: kind?.options?.safeParse(options).data ?? options,
      limits: { firstMs: timeout * 1_000, idleMs: idle * 1_000 },
      key: async (bot) => (key === undefined ? undefined : this.#keyOf(name, key, bot, kind?.keyInstead)),
      secret: (secret, bot) => this.#parts.findSecret(secret, bot),
    };
  }

  /** One of its models as its kind makes it, reached with one of its keys; undefined where it has no such model, or no kind. */
  modelOf(provider: Provider, id: string | undefined, key?: string): Model | undefined {
    if (id === undefined || provider.problem !== undefined) return undefined;
    return provider.kind?.model(this.accessTo(provider, key), this.factsOf(provider, id));
  }

  /** What a service refused, in a sentence for people. */
  failureOf({ name, address, kind, settings }: Provider, thrown: unknown): ModelFailure {
    const { headers = {}, options = {} } = settings;
    const service = { provider: kind?.title ?? name, model: '', address, headers, options, key: undefined };
    return failureFrom(service, thrown, false);
  }

  factsOf({ name, kind, address, settings }: Provider, id: string): ModelFacts {
    const listed: Partial<ListedModel> = this.#listed.get(name)?.find((model) => model.id === id) ?? {};
    const { window, output, tools, images, price } = { window: settings.window, ...settings.facts?.[id] };
    const catalogue = this.#catalogueFacts(kind, address, id);
    const known = { ...catalogue, ...listed };
    const abilities = {
      ...catalogue.abilities,
      ...listed.abilities,
      ...(tools !== undefined && { tools }),
      ...(images !== undefined && { images }),
    };
    return {
      ...known,
      id,
      abilities,
      ...(window !== undefined && { window }),
      ...(output !== undefined && { output }),
      ...(price && { price: { ...price, source: FILE } }),
    };
  }

  /** By kind; of the services that speak a general protocol by their host. */
  #catalogueFacts(kind: ProviderKind | undefined, address: string, id: string): Partial<ModelFacts> {
    const { models } = this.#parts;
    const byKind = models.factsOf(kind?.catalogue ?? kind?.type ?? '', id);
    return Object.keys(byKind).length > 0 ? byKind : models.factsOf(hostOf({ address }), id);
  }

  async #keyOf(provider: string, key: string, bot?: string, instead?: string): Promise<string | undefined> {
    const { findSecret } = this.#parts;
    const value = await findSecret(key, bot);
    if (value !== undefined) return value;
    if (instead !== undefined && (await findSecret(instead, bot)) !== undefined) return undefined;
    throw new Fault('SECRET_MISSING', `The secret ${key}, which is the key of ${provider}, is not set.`, {
      hint: `Set it with: bnity secret set ${key}`,
    });
  }

  #settle(name: string, settings: ProviderSettings, source: ProviderSource, because?: string): Provider {
    const type = settings.type ?? (this.kinds.get(name) ? name : GENERAL);
    const kind = this.kinds.get(type);
    const key = settings.key ?? kind?.key;
    const provider = {
      name,
      type,
      kind,
      address: addressFor(name, settings, kind).replace(/\/+$/, ''),
      keys: settings.keys ?? (key === undefined ? [] : [key]),
      models: settings.models ?? kind?.models ?? this.#listed.get(name)?.map(({ id }) => id) ?? [],
      settings,
      isEnabled: settings.disabled !== true,
      source,
      because,
    };
    return { ...provider, problem: this.#problemOf(provider) };
  }

  #problemOf({ type, kind, address, models, settings }: Omit<Provider, 'problem'>): string | undefined {
    const kinds = [...this.kinds].map(([name]) => name).join(', ');
    if (!kind) return `no plugin speaks with providers of the type "${type}"; there are: ${kinds || 'none'}`;
    if (address === '' && kind.address === undefined) return 'write its address';
    const checked = kind.options?.safeParse(settings.options ?? {});
    if (checked && !checked.success) {
      const [issue] = checked.error.issues;
      return `options.${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'wrong'}`;
    }
    return models.length === 0 ? 'name at least one of its models under models' : undefined;
  }

  /** How long the vectors of a model are; undefined for one that answers. */
  #dimensionsOf(provider: Provider, id: string): number | undefined {
    const { name, kind, settings } = provider;
    const looked = kind?.dimensionsOf?.(this.accessTo(provider), id);
    const listed = this.#listed.get(name)?.find((model) => model.id === id);
    return looked ?? settings.facts?.[id]?.dimensions ?? listed?.dimensions ?? kind?.embeddings?.[id];
  }

  /** `told`: what was found wrong before, and is not logged again. */
  #offerOf(provider: Provider, told: ReadonlySet<string>): OwnedScope[] {
    const { name, kind, problem, isEnabled, settings } = provider;
    if (!kind || problem !== undefined || !isEnabled) return [];
    const { models, log } = this.#parts;
    const scope = new OwnedScope(`provider ${name}`);
    const keys = provider.keys.length > 0 ? provider.keys : [undefined];
    for (const id of new Set(provider.models)) {
      try {
        const dimensions = this.#dimensionsOf(provider, id);
        if (dimensions !== undefined) {
          if (kind.embedder) models.addEmbedder(kind.embedder(this.accessTo(provider), { id, dimensions }), scope);
          continue;
        }
        const facts = this.factsOf(provider, id);
        const each = keys.map((key) => ({ key, model: kind.model(this.accessTo(provider, key), facts) }));
        const { priority } = settings;
        models.add({ ...rotating(each), because: why(provider), ...(priority !== undefined && { priority }) }, scope);
      } catch (error) {
        const message = `providers.${name}: ${Fault.from(error).message}`;
        if (!told.has(message)) log.error('A model could not be offered', { provider: name, model: id, error });
        this.#refused = [...this.#refused, { message, source: provider.source }];
      }
    }
    return [scope];
  }
}

function why({ source, because, kind, address }: Provider): string {
  if (because !== undefined) return because;
  return source === 'found' ? `${kind?.title ?? 'a server'} answers at ${hostOf({ address })}` : `${source} names it`;
}

function addressFor(name: string, { address, options = {} }: ProviderSettings, kind: ProviderKind | undefined): string {
  return address ?? kind?.addressOf?.(name, options) ?? kind?.address ?? '';
}
