import type { Events, Operations, Services } from './names.ts';
import { Onion, type Layer } from './onion.ts';
import type { AnyPlugin, Context, Provider } from './plugin.ts';
import { KernelError, OwnedScope, type Scope } from './scope.ts';

type Listener = (fact: unknown) => void | Promise<void>;
type Callable = (...input: never[]) => unknown;

/** What the plugins of one kernel share. */
export interface Wiring {
  readonly listeners: Map<string, Set<Listener>>;
  readonly operations: Map<string, Onion<Callable>>;
  readonly services: Map<string, { provider: Provider<unknown>; owner: string }>;
  readonly report: (error: unknown, where: string) => void;
  readonly around: Around | undefined;
}

/** Makes of a layer of somebody the one that is used. */
export type Around = (scope: Scope, operation: string, layer: Layer<Callable>) => Layer<Callable>;

/** The context of one running plugin: a scope whose every effect on the wiring is undone with it. */
export class PluginContext extends OwnedScope implements Context {
  readonly #plugin: AnyPlugin;
  readonly #wiring: Wiring;
  step: string | undefined;

  constructor(plugin: AnyPlugin, wiring: Wiring) {
    super(plugin.name);
    this.#plugin = plugin;
    this.#wiring = wiring;
  }

  /** Adds one property per service the plugin needs, each made for this consumer. */
  connect(): void {
    for (const need of this.#plugin.needs) {
      const value = this.#wiring.services.get(need)?.provider(this);
      Object.defineProperty(this, need, { value, enumerable: true });
    }
  }

  on<Name extends keyof Events>(event: Name, listener: (fact: Events[Name]) => void | Promise<void>): void {
    const { listeners } = this.#wiring;
    const own: Listener = (fact) => listener(fact as Events[Name]);
    const all = listeners.get(event) ?? new Set();
    this.defer(() => void all.delete(own));
    listeners.set(event, all.add(own));
  }

  emit<Name extends keyof Events>(event: Name, fact: Events[Name]): void {
    for (const listener of this.#wiring.listeners.get(event) ?? []) void this.#deliver(event, listener, fact);
  }

  wrap<Name extends keyof Operations>(operation: Name, layer: Layer<Operations[Name]>, order = 0): void {
    const own = layer as unknown as Layer<Callable>;
    this.#onion(operation).wrap(this, this.#wiring.around?.(this, operation, own) ?? own, order);
  }

  open<Name extends keyof Operations>(name: Name, operation: Operations[Name]): Operations[Name] {
    return this.#onion(name).open(this, operation) as Operations[Name];
  }

  provide<Name extends keyof Services>(service: Name, provider: Provider<Services[Name]>): void {
    const { services } = this.#wiring;
    const owner = services.get(service)?.owner;
    if (owner)
      throw new KernelError('NAME_TAKEN', `The service "${service}" of "${this.name}" is provided by "${owner}".`);
    if (!this.#plugin.provides.includes(service)) {
      throw new KernelError(
        'PLUGIN_SERVICE',
        `"${this.name}" provides "${service}" without listing it in \`provides\`.`,
      );
    }
    this.defer(() => void services.delete(service));
    services.set(service, { provider, owner: this.name });
  }

  starting(step: string): void {
    this.step = step;
  }

  #onion(name: string): Onion<Callable> {
    const { operations } = this.#wiring;
    if (!operations.has(name)) operations.set(name, new Onion(name));
    return operations.get(name) as Onion<Callable>;
  }

  async #deliver(event: string, listener: Listener, fact: unknown): Promise<void> {
    try {
      await listener(fact);
    } catch (error) {
      this.#wiring.report(error, `a listener of ${event}`);
    }
  }
}
