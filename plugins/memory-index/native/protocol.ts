import type { KeptIndex } from '../kept/kept-index.ts';

/** What may be asked of an index in the worker. */
export type Method = Exclude<keyof KeptIndex, typeof Symbol.asyncDispose>;

/** What is said to the worker. Each is answered once. */
export type Request = { readonly number: number; readonly index: number } & (
  | { readonly do: 'open'; readonly folder: string; readonly format: string }
  | { readonly do: 'close' }
  | { readonly do: 'call'; readonly method: Method; readonly input: readonly unknown[] }
);

/** What the worker says: an answer, or that something was thrown away. */
export type Reply =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly error: { readonly message: string; readonly code: string | undefined } }
  | { readonly index: number; readonly damaged: string };
