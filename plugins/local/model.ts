import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Fault, faultOf, modelOver, z } from 'boternity';
import type { Embedder, EmbedderFacts, Model, ModelFacts, ProviderAccess } from 'boternity';
import { Answer } from './answer.ts';
import { windowOf } from './gguf.ts';
import { askFor } from './history.ts';
import { pathOf } from './model-files.ts';
import { Runner } from './runner.ts';

/** Tokens that a model is given where its owner does not say: what it was trained for may need more memory than there is. */
const USUAL_WINDOW = 8192;
const LIBRARY = 'node-llama-cpp';

export const localOptions = z.strictObject({
  folder: z
    .string()
    .min(1)
    .optional()
    .describe('Where the GGUF files lie, from the home; .boternity/models when absent'),
  threads: z
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('Cores that it uses; one less than there are when absent'),
  gpu: z.boolean().optional().describe('false: the graphics card is left alone'),
  idle: z
    .number()
    .positive()
    .max(86_400)
    .optional()
    .describe('Seconds until a model that nobody asks is unloaded; 300'),
});

/** The models that run, each in a process of its own, shared by all that ask. */
export class LocalModels implements Disposable {
  readonly #home: string;
  readonly #runners = new Map<string, Runner>();

  constructor(home: string) {
    this.#home = home;
  }

  folderOf(access: ProviderAccess): string {
    const { folder = '.boternity/models' } = localOptions.parse(access.options);
    return path.resolve(this.#home, folder);
  }

  /** A model whose id is the name of a GGUF file. Its head is read now, the rest at the first call. */
  model(access: ProviderAccess, facts: ModelFacts): Model {
    const file = pathOf(this.folderOf(access), facts.id);
    const trained = windowOf(file);
    const window = Math.min(facts.window ?? USUAL_WINDOW, trained ?? Number.POSITIVE_INFINITY);
    const price = facts.price ?? { input: 0, output: 0, source: 'local' };
    const abilities = { ...facts.abilities, images: false };
    return modelOver(
      access,
      { ...facts, window, price, abilities },
      {
        open: async (_service, request, signal) => ({
          chunks: this.#runner(access, file, window).ask(askFor(request), signal),
        }),
        answer: () => new Answer(),
      },
    );
  }

  /** An embedder whose id is the name of a GGUF file. */
  embedder(access: ProviderAccess, { id, dimensions }: EmbedderFacts): Embedder {
    const file = pathOf(this.folderOf(access), id);
    const price = { input: 0, output: 0, source: 'local' };
    return {
      id,
      provider: access.name,
      dimensions,
      price,
      mostTexts: 32,
      embed: async (texts, signal) => {
        const window = windowOf(file) ?? USUAL_WINDOW;
        try {
          for await (const chunk of this.#runner(access, file, window).embed(texts, signal)) {
            if (chunk.type === 'vectors') return { vectors: chunk.vectors, tokens: chunk.tokens };
            if (chunk.type === 'error') throw new Fault('MODEL_FAILED', `${id} makes no vectors: ${chunk.message}`);
          }
        } catch (error) {
          throw faultOf(access, undefined, error);
        }
        throw new Fault('MODEL_FAILED', `${id} gave no vectors.`);
      },
    };
  }

  [Symbol.dispose](): void {
    for (const runner of this.#runners.values()) runner[Symbol.dispose]();
  }

  #runner(access: ProviderAccess, file: string, window: number): Runner {
    if (!existsSync(file)) {
      throw new Fault('MODEL_FILE_MISSING', `There is no file ${path.basename(file)} in ${path.dirname(file)}.`);
    }
    const {
      threads = Math.max(1, availableParallelism() - 1),
      gpu = true,
      idle = 300,
    } = localOptions.parse(access.options);
    const load = { file, library: this.#library(), window, threads, gpu };
    const name = JSON.stringify([load, idle]);
    const runner = this.#runners.get(name) ?? new Runner(load, idle * 1000);
    this.#runners.set(name, runner);
    return runner;
  }

  /** The package that runs models: beside the product, or beside the configuration of the home. */
  #library(): string {
    for (const place of [import.meta.url, path.join(this.#home, 'boternity.config.ts')]) {
      try {
        return pathToFileURL(createRequire(place).resolve(LIBRARY)).href;
      } catch {
        continue;
      }
    }
    throw new Fault('LLAMA_MISSING', `The package ${LIBRARY}, which runs models on this machine, is not installed.`, {
      hint: `Add it with: npm install --prefix ${this.#home} ${LIBRARY}`,
    });
  }
}
