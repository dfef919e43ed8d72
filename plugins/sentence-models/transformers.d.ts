/** The part of the package that the process uses. It is an optional peer: it is not there when the types are checked. */
declare module '@huggingface/transformers' {
  export const env: {
    allowRemoteModels: boolean;
    allowLocalModels: boolean;
    localModelPath: string;
    useFSCache: boolean;
  };
  interface Extract {
    readonly tokenizer: { model_max_length: number; encode(text: string): readonly number[] };
    readonly model: { readonly config: { readonly max_position_embeddings?: number } };
    (
      texts: readonly string[],
      options: { readonly pooling: 'mean' | 'cls'; readonly normalize: boolean },
    ): Promise<{ readonly data: Iterable<number>; readonly dims: readonly number[] }>;
  }
  export function pipeline(task: 'feature-extraction', model: string, options: object): Promise<Extract>;
}
