import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Layer } from './onion.ts';
import type { Events, Operations, Services } from './names.ts';
import type { Scope } from './scope.ts';

/** Makes one consumer's view of a service: ownership and permission are known without magic. */
export type Provider<T> = (consumer: Scope) => T;

/** What a plugin may do to the house. Everything done through it is undone when the plugin unloads. */
export interface Context extends Scope {
  /** Listens to a fact. A listener that throws is reported and harms nobody. */
  on<Name extends keyof Events>(event: Name, listener: (fact: Events[Name]) => void | Promise<void>): void;
  emit<Name extends keyof Events>(event: Name, fact: Events[Name]): void;
  /** Puts a layer around an operation. `order` 0 by default; lower stands further out. */
  wrap<Name extends keyof Operations>(operation: Name, layer: Layer<Operations[Name]>, order?: number): void;
  /** Opens an operation and gives the function that runs it through its layers. One opener per name. */
  open<Name extends keyof Operations>(name: Name, operation: Operations[Name]): Operations[Name];
  /** Offers a service under a name listed in `provides`; others see it once the setup has finished. */
  provide<Name extends keyof Services>(service: Name, provider: Provider<Services[Name]>): void;
  /** Says what the setup is doing; shown when it takes too long. */
  starting(step: string): void;
}

export interface PluginDefinition<Need extends keyof Services, Schema extends StandardSchemaV1> {
  readonly name: string;
  /** Services that must exist before setup; each becomes a property of the context. */
  readonly needs?: readonly Need[];
  readonly provides?: readonly (keyof Services)[];
  /** Any Standard Schema; zod 4 in this house. */
  readonly config?: Schema;
  setup(context: Context & Pick<Services, Need>, config: StandardSchemaV1.InferOutput<Schema>): void | Promise<void>;
}

/** A plugin without its types, as the kernel runs it. */
export interface AnyPlugin {
  readonly name: string;
  readonly needs: readonly string[];
  readonly provides: readonly string[];
  readonly config: StandardSchemaV1 | undefined;
  readonly setup: (context: Context, config: unknown) => void | Promise<void>;
}

/** A plugin with the config it shall run with. Two entries of one name are the same plugin. */
export interface PluginEntry {
  readonly plugin: AnyPlugin;
  readonly config: unknown;
}

/** Called with its config a plugin becomes an entry: `memory({ halfLifeDays: 60 })`. */
export type Plugin<Schema extends StandardSchemaV1> = ((
  config?: StandardSchemaV1.InferInput<Schema>,
) => PluginEntry) & {
  readonly plugin: AnyPlugin;
};

/** Declares a plugin. Pure: nothing happens until a kernel loads an entry of it. */
export function definePlugin<
  const Need extends keyof Services = never,
  Schema extends StandardSchemaV1 = StandardSchemaV1<unknown, unknown>,
>(definition: PluginDefinition<Need, Schema>): Plugin<Schema> {
  const plugin: AnyPlugin = {
    name: definition.name,
    needs: definition.needs ?? [],
    provides: definition.provides ?? [],
    config: definition.config,
    setup: definition.setup.bind(definition) as AnyPlugin['setup'],
  };
  return Object.assign((config?: unknown): PluginEntry => ({ plugin, config }), { plugin });
}
