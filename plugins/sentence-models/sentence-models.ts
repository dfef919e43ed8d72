import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Fault, faultOf, ServiceError, z, type Embedder, type EmbedderFacts, type ProviderAccess } from 'boternity';
import { folderOf, readModelFolder, type ModelFolder } from './model-folder.ts';
import { Runner, startProcess, startThread } from './runner.ts';

const LIBRARY = '@huggingface/transformers';
/** Texts in one call: many where each is a look-up, few where each is a computation. */
const MOST_TEXTS = { static: 256, transformer: 32 };

const TIMED_OUT = { message: 'It timed out.' };

export const sentenceOptions = z.strictObject({
  folder: z
    .string()
    .min(1)
    .optional()
    .describe('Where the folders of the models lie, from the home; .boternity/models when absent'),
  pooling: z
    .enum(['mean', 'cls'])
    .optional()
    .describe('cls: the vector of the first token counts, as some transformers want it; the mean of all when absent'),
  threads: z
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('Cores that a transformer uses; half of them when absent'),
  idle: z
    .number()
    .positive()
    .max(86_400)
    .optional()
    .describe('Seconds until a model that nobody asks is unloaded; 300'),
});

/** The sentence models that run, each in a helper of its own, shared by all that ask. */
export class SentenceModels implements Disposable {
  readonly #home: string;
  readonly #runners = new Map<string, Runner>();

  constructor(home: string) {
    this.#home = home;
  }

  folderOf(access: ProviderAccess): string {
    const { folder = '.boternity/models' } = sentenceOptions.parse(access.options);
    return path.resolve(this.#home, folder);
  }

  /** What lies in the folder of a model. Throws a fault that names what is missing or wrong. */
  look(access: ProviderAccess, id: string): ModelFolder {
    return readModelFolder(folderOf(this.folderOf(access), id));
  }

  /** An embedder whose id is the name of a folder. */
  embedder(access: ProviderAccess, { id, dimensions }: EmbedderFacts): Embedder {
    const { form } = this.look(access, id);
    return {
      id,
      provider: access.name,
      dimensions,
      price: { input: 0, output: 0, source: 'local' },
      mostTexts: MOST_TEXTS[form],
      embed: async (texts, signal) => {
        const late = AbortSignal.timeout(access.limits.firstMs);
        try {
          return await this.#runner(access, this.look(access, id)).embed(texts, AbortSignal.any([signal, late]));
        } catch (error) {
          signal.throwIfAborted();
          throw faultOf(access, undefined, late.aborted ? new ServiceError(undefined, TIMED_OUT) : error);
        }
      },
    };
  }

  [Symbol.dispose](): void {
    for (const runner of this.#runners.values()) runner[Symbol.dispose]();
  }

  #runner(access: ProviderAccess, { form, folder, weights, dimensions }: ModelFolder): Runner {
    const {
      pooling = 'mean',
      threads = Math.max(1, Math.floor(availableParallelism() / 2)),
      idle = 300,
    } = sentenceOptions.parse(access.options);
    const library = form === 'transformer' ? this.#library() : '';
    const load = { folder, weights, dimensions, pooling, threads, library };
    const name = JSON.stringify([load, idle]);
    const start = form === 'transformer' ? startProcess : startThread;
    const runner = this.#runners.get(name) ?? new Runner(load, start, idle * 1_000);
    this.#runners.set(name, runner);
    return runner;
  }

  /** The package that runs transformers: beside the product, or beside the configuration of the home. */
  #library(): string {
    for (const place of [import.meta.url, path.join(this.#home, 'boternity.config.ts')]) {
      try {
        return pathToFileURL(createRequire(place).resolve(LIBRARY)).href;
      } catch {
        continue;
      }
    }
    throw new Fault('TRANSFORMERS_MISSING', `The package ${LIBRARY}, which runs this model, is not installed.`, {
      hint: `Add it with: npm install --prefix ${this.#home} ${LIBRARY}`,
    });
  }
}
