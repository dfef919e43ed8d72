/** What the server says to the process that runs a model. */
export type ToWorker =
  | { readonly type: 'ask'; readonly id: number; readonly ask: Ask }
  | { readonly type: 'embed'; readonly id: number; readonly texts: readonly string[] }
  | { readonly type: 'stop'; readonly id: number };

/** What that process says: anything of an answer, then its end or what went wrong. */
export type FromWorker = { readonly id: number } & (Chunk | { readonly type: 'stopped' });

export type Chunk =
  /** It is at work and has nothing to say yet: loading, or reading the prompt. */
  | { readonly type: 'beat' }
  | { readonly type: 'text' | 'thought'; readonly text: string }
  | {
      readonly type: 'end';
      readonly stop: 'end' | 'length';
      readonly calls: readonly { readonly name: string; readonly arguments: string }[];
      readonly usage: { readonly input: number; readonly output: number; readonly cacheRead: number };
    }
  /** One vector for each text, in their order, and the tokens of all together. */
  | { readonly type: 'vectors'; readonly vectors: readonly (readonly number[])[]; readonly tokens: number }
  | { readonly type: 'error'; readonly kind: 'context' | 'failed'; readonly message: string };

/** How a process loads its model. */
export interface Load {
  readonly file: string;
  /** URL of the package that runs it. */
  readonly library: string;
  /** Tokens of input and output together; those of the file when absent. */
  readonly window?: number;
  readonly threads: number;
  readonly gpu: boolean;
}

/** A request in the words of node-llama-cpp. */
export interface Ask {
  readonly history: readonly { readonly type: string }[];
  readonly functions?: Readonly<Record<string, { readonly description: string; readonly params: object }>>;
  /** The answer is JSON of this shape. */
  readonly shape?: object;
  /** That JSON is a call: its name and its arguments. */
  readonly isCall?: true;
  readonly stop: readonly string[];
  readonly temperature: number;
  readonly maxTokens?: number;
  /** Tokens that it may think at most. */
  readonly thoughts?: number;
}
