/** The part of node-llama-cpp that the worker uses. The package is an optional peer: it is not there when the types are checked. */
declare module 'node-llama-cpp' {
  interface Tokenized {
    readonly length: number;
  }
  interface ContextSequence {
    readonly nextTokenIndex: number;
    readonly tokenMeter: {
      getState(): unknown;
      diff(before: unknown): { readonly usedInputTokens: number; readonly usedOutputTokens: number };
    };
    clearHistory(): Promise<void>;
  }
  interface LoadedModel {
    readonly trainContextSize: number;
    readonly tokenizer: unknown;
    tokenize(text: string): readonly number[];
    createEmbeddingContext(options: object): Promise<{
      getEmbeddingFor(tokens: readonly number[]): Promise<{ readonly vector: readonly number[] }>;
    }>;
    createContext(options: object): Promise<{ readonly contextSize: number; getSequence(): ContextSequence }>;
  }
  interface Llama {
    readonly maxThreads: number;
    loadModel(options: object): Promise<LoadedModel>;
    createGrammarForJsonSchema(schema: object): Promise<object>;
  }
  interface Generated {
    readonly functionCalls?: readonly { readonly functionName: string; readonly params: unknown }[];
    readonly metadata: { readonly stopReason: string };
  }
  export function getLlama(options: object): Promise<Llama>;
  export class LlamaChat {
    readonly chatWrapper: {
      generateContextState(options: object): { readonly contextText: { tokenize(tokenizer: unknown): Tokenized } };
    };
    constructor(options: { readonly contextSequence: ContextSequence });
    generateResponse(history: readonly object[], options: object): Promise<Generated>;
  }
}
