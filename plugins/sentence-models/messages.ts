/** What the server says to a helper that makes vectors. */
export type ToHelper =
  | { readonly type: 'embed'; readonly id: number; readonly texts: readonly string[] }
  | { readonly type: 'stop'; readonly id: number };

/** What the helper says: once for every request. */
export type FromHelper = { readonly id: number } & Outcome;

export type Outcome =
  /** The vectors one after the other, in the order of the texts, and the tokens of all. */
  | { readonly type: 'vectors'; readonly numbers: Float32Array<ArrayBuffer>; readonly tokens: number }
  | { readonly type: 'stopped' }
  /** file: the model cannot be loaded, and will not be before its files change. */
  | { readonly type: 'error'; readonly kind: 'file' | 'failed'; readonly message: string };

/** How a helper loads its model. */
export interface Load {
  /** Folder of the model. */
  readonly folder: string;
  /** File of the weights, from that folder. */
  readonly weights: string;
  readonly dimensions: number;
  /** Which vector of a text counts, where a transformer makes one for each token. */
  readonly pooling: 'mean' | 'cls';
  readonly threads: number;
  /** URL of the package that runs transformers; empty where none is needed. */
  readonly library: string;
}

/** Vectors of some texts. */
export type Embed = (
  texts: readonly string[],
) => Promise<{ readonly numbers: Float32Array<ArrayBuffer>; readonly tokens: number }>;
