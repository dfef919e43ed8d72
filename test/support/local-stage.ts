import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Model, ModelRequest, Part } from 'boternity';
import { hear } from './hear.ts';
import type { ProviderStage, ServiceAnswer, StageOptions } from '../../core/testing.ts';
import { LocalModels } from '../../plugins/local/model.ts';
import { accessTo } from './access.ts';
import { writeScript, type Script } from './gguf-script.ts';
import { temporaryFolder, until } from './product.ts';

const WINDOW = 4096;
/** Loading a model is no silence of it. */
const START_MS = 3000;
const SLOWER = 6;
const CALL = '||call: ';
const ear = path.resolve(import.meta.dirname, '../fixtures/local-model/ear.js');
const options = { gpu: false, threads: 1 };

/** Ids of the processes that run a model of a home. */
export async function workersOf(home: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return ids.filter((_, index) => lines[index]?.includes(home) && lines[index]?.includes('local/worker')).map(Number);
}

/**
 * The provider of local models over files that say what the answers hold: for each request one is written, and loaded as any other is.
 * What a model is given is heard at the package that runs it, which writes down each prompt beside the file of the model.
 */
export function localStage(modules: string): (options: StageOptions) => Promise<ProviderStage> {
  return async ({ answers, patienceMs }) => {
    const home = await temporaryFolder();
    const folder = path.join(home.path, '.boternity/models');
    mkdirSync(folder, { recursive: true });
    listenAtPackage(home.path, modules);
    const models = new LocalModels(home.path);
    // A frozen process is told from one that a busy machine lets wait.
    const limits = { firstMs: START_MS + SLOWER * patienceMs, idleMs: SLOWER * patienceMs };
    const modelOf = (id: string): Model => models.model(accessTo('', { name: 'local', options, ...limits }), { id });
    const waiting = [...answers];
    let asked = 0;

    async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<Part> {
      const answer = waiting.shift() ?? {};
      const id = `answer-${(asked += 1)}`;
      const file = path.join(folder, `${id}.gguf`);
      if (answer.refusal === 'failure') writeFileSync(file, 'GGUF and then nothing of use');
      else writeScript(file, await scriptFor(answer, request, measure));
      yield* disturbed(modelOf(id).stream(request, signal), answer, home.path);
    }
    /** Tokens of a prompt, as a model of one word counts them. */
    async function measure(request: ModelRequest): Promise<number> {
      const script: Script = {
        family: 'Llama 3',
        window: WINDOW,
        acts: [{ from: 0, pieces: ['Well.'] }],
        ending: 'end',
      };
      writeScript(path.join(folder, 'measure.gguf'), script);
      const { usage } = await hear(modelOf('measure'), request);
      return usage?.input ?? 0;
    }
    return {
      model: { ...modelOf('none'), stream },
      requests: () =>
        Array.from({ length: asked }, (_, index) =>
          readFileSync(path.join(folder, `answer-${index + 1}.gguf.asked`), 'utf8'),
        ),
      async [Symbol.asyncDispose]() {
        models[Symbol.dispose]();
        await home[Symbol.asyncDispose]();
      },
    };
  };
}

/** The package as a home has it, with an ear. */
function listenAtPackage(home: string, modules: string): void {
  const folder = path.join(home, 'node_modules/node-llama-cpp');
  mkdirSync(folder, { recursive: true });
  symlinkSync(path.join(modules, 'node-llama-cpp'), path.join(folder, 'real'));
  copyFileSync(ear, path.join(folder, 'index.js'));
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
}

async function scriptFor(
  { text = [], thinking = [], calls = [], stop = 'end', trouble, refusal, isTrickled }: ServiceAnswer,
  request: ModelRequest,
  measure: (request: ModelRequest) => Promise<number>,
): Promise<Script> {
  const said = isTrickled ? bytes(text.join('')).split('') : text.map(bytes);
  const thought = thinking.length === 0 ? [] : ['<seed:think>', ...thinking.map(bytes), '</seed:think>'];
  const common = {
    family: thinking.length === 0 ? 'Llama 3' : 'seed-oss',
    window: refusal === 'context' ? 64 : WINDOW,
    ending: stop === 'length' || trouble ? 'silence' : 'end',
  } as const;
  if (calls.length === 0) return { ...common, acts: [{ from: 0, pieces: [...thought, ...said] }] };
  if (request.toolChoice) {
    const [call] = calls;
    const written = JSON.stringify({ name: call?.name, arguments: call?.arguments });
    return { ...common, acts: [{ from: 0, pieces: [bytes(written)] }] };
  }
  return { ...common, acts: actsOf(said, calls, await measure(request)) };
}

/**
 * Of each call a model writes the name, then its arguments, then whether there is another. What stands between, the package writes
 * itself, so that only the place tells how far the answer is.
 */
function actsOf(said: readonly string[], calls: NonNullable<ServiceAnswer['calls']>, prompt: number): Script['acts'] {
  const acts: { at: number; pieces: readonly string[] }[] = [{ at: prompt - 1, pieces: [...said, CALL] }];
  let at = prompt + said.join('').length - 1;
  calls.forEach(({ name, arguments: input }, index) => {
    const written = bytes(JSON.stringify(input));
    acts.push({ at: (at += CALL.length), pieces: [`${name}\n`] });
    acts.push({ at: (at += name.length + 1), pieces: [`${written}\n\n\n\n`] });
    acts.push({ at: (at += written.length + 1), pieces: index < calls.length - 1 ? [`\n${CALL}`] : [] });
    at += 1;
  });
  return acts.map(({ at: place, pieces }, index) => {
    const before = acts[index - 1]?.at;
    return { from: before === undefined ? 0 : Math.ceil((before + place) / 2), pieces };
  });
}

function bytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** A model that hangs or breaks down when all was said, or before anything was. */
async function* disturbed(parts: AsyncIterable<Part>, answer: ServiceAnswer, home: string): AsyncGenerator<Part> {
  const signal = answer.trouble === 'silence' ? 'SIGSTOP' : answer.trouble === 'error' ? 'SIGKILL' : undefined;
  const whole = answer.text?.join('') ?? '';
  const disturb = async (): Promise<void> => {
    if (signal === undefined) return;
    await until('the model runs', async () => (await workersOf(home)).length > 0);
    for (const worker of await workersOf(home)) process.kill(worker, signal);
  };
  let said = '';
  if (whole === '') disturb().catch(() => undefined);
  for await (const part of parts) {
    if (part.type === 'text') said += part.text;
    if (part.type === 'text' && said === whole) await disturb();
    yield part;
  }
}
