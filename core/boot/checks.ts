import type { Caller } from '../actions/caller.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { Registry } from '../kernel/registry.ts';

/** Something that is not as it should be, and what can be done about it. */
export interface Finding {
  readonly level: 'error' | 'warning' | 'info';
  /** The file, folder or bot that it is about, where a check may find several things; each of them has another. */
  readonly about?: string;
  /** What is so, in one sentence. */
  readonly message: string;
  /** What a person does about it, where nothing here can. */
  readonly advice?: string;
  readonly fix?: Fix;
}

/** How something found is put right. */
export interface Fix {
  /** What it will do, in one sentence. */
  readonly does: string;
  /** Files that it changes, paths from the home, with their texts before and after. */
  readonly changes?: readonly { readonly file: string; readonly before: string; readonly after: string }[];
  /** Does it, whole or not at all, on what is there now. */
  apply(caller: Caller): Promise<void>;
}

/** Looks for one kind of trouble and changes nothing. */
export type Check = (signal: AbortSignal) => Promise<readonly Finding[]>;

/** The service `doctor`: the checks of today, one view per consumer. Always there, so that no plugin waits for it. */
export interface Doctor extends Iterable<[string, Check]> {
  /** Adds a check until the consumer stops. `id` is what its findings are called: `HOME_PERMISSIONS`. */
  check(id: string, run: Check): void;
}

declare module '../kernel/names.ts' {
  interface Services {
    doctor: Doctor;
  }
}

/** Keeps the checks that plugins bring. Whoever runs them is a plugin too. */
export default definePlugin({
  name: 'checks',
  provides: ['doctor'],
  setup(context) {
    const registry = new Registry<Check>('check');
    context.provide('doctor', (consumer) => ({
      check: (id, run) => registry.add(consumer, id, run),
      [Symbol.iterator]: () => registry[Symbol.iterator](),
    }));
  },
});
