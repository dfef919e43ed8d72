import { isDeepStrictEqual } from 'node:util';
import type { AnyPlugin, PluginEntry } from './plugin.ts';
import { KernelError, type Scope } from './scope.ts';
import { PluginContext, type Around, type Wiring } from './wiring.ts';

export interface KernelOptions {
  /** How long a plugin's setup may take, in milliseconds. Default 10,000. */
  readonly startTimeoutMs?: number;
  /** Hears of errors that have no caller: a listener that threw, an undo that failed. Default: console.error. */
  readonly report?: (error: unknown, where: string) => void;
  /** Stands around every layer that a plugin brings: to measure it. */
  readonly around?: Around;
}

export interface PluginStatus {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'failed';
  /** Services it needs and nobody running provides. */
  readonly missing: string[];
  /** How many effects it holds. */
  readonly effects: number;
  /** Duration of its last setup. */
  readonly startedInMs: number | undefined;
  /** What it holds its effects in; undefined while it does not run. */
  readonly scope: Scope | undefined;
  readonly error?: Error;
}

interface Loaded {
  entry: PluginEntry;
  /** What returns if the first setup of this entry fails. */
  fallback?: PluginEntry | undefined;
  state: 'waiting' | 'starting' | 'running' | 'failed';
  context?: PluginContext | undefined;
  error?: Error | undefined;
  startedInMs?: number;
}

/**
 * Runs plugins. A plugin waits until every service it needs exists, runs while they stay and waits again when one
 * leaves. A plugin that fails is kept with its error and takes nobody down. Changes are carried out one at a time.
 */
export class Kernel implements AsyncDisposable {
  readonly #startTimeoutMs: number;
  readonly #report: (error: unknown, where: string) => void;
  readonly #plugins = new Map<string, Loaded>();
  readonly #wiring: Wiring;
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: KernelOptions = {}) {
    this.#startTimeoutMs = options.startTimeoutMs ?? 10_000;
    this.#report = options.report ?? ((error, where) => console.error(where, error));
    this.#wiring = {
      listeners: new Map(),
      operations: new Map(),
      services: new Map(),
      report: this.#report,
      around: options.around,
    };
  }

  /**
   * Adds plugins, or replaces by name those whose code or config differs, then starts all that can run; settles when
   * nothing is starting. A replacement's config is checked before the old plugin stops, and the old one returns when the
   * new setup fails; its status then carries the error.
   */
  load(...entries: PluginEntry[]): Promise<void> {
    return this.#enqueue(async () => {
      for (const entry of entries) await this.#place(entry);
      await this.#settle();
    });
  }

  /** Stops a plugin and forgets it; those that need its services stop first and wait. */
  unload(name: string): Promise<void> {
    return this.#enqueue(async () => {
      const loaded = this.#plugins.get(name);
      if (!loaded) return;
      await this.#stop(loaded);
      this.#plugins.delete(name);
    });
  }

  *status(): Generator<PluginStatus> {
    for (const [name, { entry, state, context, error, startedInMs }] of this.#plugins) {
      yield {
        name,
        state: state === 'starting' ? 'waiting' : state,
        missing: this.#missing(entry.plugin),
        effects: context?.effects ?? 0,
        startedInMs,
        scope: context,
        ...(error && { error }),
      };
    }
  }

  /** Stops everything, dependents first. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#enqueue(async () => {
      for (const loaded of [...this.#plugins.values()].toReversed()) await this.#stop(loaded);
      this.#plugins.clear();
      this.#isClosed = true;
    });
  }

  #enqueue(change: () => Promise<void>): Promise<void> {
    // A change that was asked for before the end and comes after it would bring the dead to life.
    const done = this.#queue.then(() => (this.#isClosed ? undefined : change()));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #place(entry: PluginEntry): Promise<void> {
    const old = this.#plugins.get(entry.plugin.name);
    if (old && old.entry.plugin === entry.plugin && isDeepStrictEqual(old.entry.config, entry.config)) {
      if (old.state === 'running') old.error = undefined;
      return;
    }
    const fresh: Loaded = { entry, state: 'waiting' };
    if (old?.state === 'running') {
      try {
        await checkConfig(entry);
      } catch (error) {
        old.error = asError(error);
        return;
      }
      fresh.fallback = old.entry;
    }
    if (old) await this.#stop(old);
    this.#plugins.set(entry.plugin.name, fresh);
  }

  async #settle(): Promise<void> {
    const starting = new Set<Promise<void>>();
    for (;;) {
      for (const loaded of this.#plugins.values()) {
        if (loaded.state !== 'waiting' || this.#missing(loaded.entry.plugin).length > 0) continue;
        const start: Promise<void> = this.#start(loaded).finally(() => starting.delete(start));
        starting.add(start);
      }
      if (starting.size === 0) return;
      await Promise.race(starting);
    }
  }

  #ownerOf(service: string): string | undefined {
    return this.#wiring.services.get(service)?.owner;
  }

  #missing(plugin: AnyPlugin): string[] {
    return plugin.needs.filter((need) => {
      const owner = this.#ownerOf(need);
      return owner === undefined || this.#plugins.get(owner)?.state !== 'running';
    });
  }

  async #start(loaded: Loaded): Promise<void> {
    const { plugin } = loaded.entry;
    const context = new PluginContext(plugin, this.#wiring);
    const began = performance.now();
    loaded.state = 'starting';
    loaded.context = context;
    try {
      const config = await checkConfig(loaded.entry);
      context.connect();
      await this.#withinTime(context, plugin, (async () => plugin.setup(context, config))());
      const unkept = plugin.provides.filter((service) => this.#ownerOf(service) !== plugin.name);
      if (unkept.length > 0) {
        throw new KernelError(
          'PLUGIN_SERVICE',
          `Plugin "${plugin.name}" promises ${list(unkept)} but its setup provided no such service.`,
        );
      }
      loaded.state = 'running';
      loaded.startedInMs = performance.now() - began;
    } catch (error) {
      loaded.error = asError(error);
      await this.#close(loaded);
      loaded.state = loaded.fallback ? 'waiting' : 'failed';
      loaded.entry = loaded.fallback ?? loaded.entry;
    }
    loaded.fallback = undefined;
  }

  async #withinTime(context: PluginContext, plugin: AnyPlugin, setup: Promise<void>): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const step = context.step
        ? `It was busy with: ${context.step}.`
        : 'It did not say what it was waiting for (context.starting).';
      const had = plugin.needs.length > 0 ? ` It had ${list(plugin.needs)}.` : '';
      reject(
        new KernelError(
          'PLUGIN_TIMEOUT',
          `Plugin "${plugin.name}" did not start within ${this.#startTimeoutMs} ms. ${step}${had}`,
        ),
      );
    }, this.#startTimeoutMs);
    setup.catch((error: unknown) => {
      if (context.signal.aborted) this.#report(error, `setup of ${plugin.name}, after it was given up`);
    });
    try {
      await Promise.race([setup, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Stops the plugins that use its services, then the plugin itself. Failed ones among them get another try. */
  async #stop(loaded: Loaded): Promise<void> {
    const { plugin } = loaded.entry;
    for (const other of [...this.#plugins.values()].toReversed()) {
      if (other === loaded || !other.entry.plugin.needs.some((need) => this.#ownerOf(need) === plugin.name)) continue;
      if (other.state === 'running') await this.#stop(other);
      if (other.state !== 'failed') continue;
      other.state = 'waiting';
      other.error = undefined;
    }
    await this.#close(loaded);
    loaded.state = 'waiting';
    loaded.error = undefined;
  }

  async #close(loaded: Loaded): Promise<void> {
    const { context } = loaded;
    loaded.context = undefined;
    try {
      await context?.[Symbol.asyncDispose]();
    } catch (error) {
      this.#report(error, `stop of ${loaded.entry.plugin.name}`);
    }
  }
}

async function checkConfig({ plugin, config }: PluginEntry): Promise<unknown> {
  if (!plugin.config) return config;
  const result = await plugin.config['~standard'].validate(config ?? {});
  if (!result.issues) return result.value;
  const issues = result.issues.map((issue) => {
    const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
    return `${['config', ...path].join('.')}: ${issue.message}`;
  });
  throw new KernelError('PLUGIN_CONFIG', `Plugin "${plugin.name}" refuses its settings. ${issues.join('; ')}`);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
