import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Model } from 'boternity';
import { root, startAnswering, startScript } from './children.ts';
import { startServer, type Child } from '../plugins/bench/children.ts';
import { median } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeHome } from './homes.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';
import { openConversation, readJson } from '../plugins/bench/load.ts';
import { bareModel, question, ways, wholeModel, type Way } from './provider-ways.ts';

interface Sizes {
  /** Calls with a first token that is timed, of each. */
  readonly calls: number;
  /** Long answers that are read, of each. */
  readonly answers: number;
  readonly streams: number;
  /** Providers in front of the one that answers, and turns. Three failures would let them rest. */
  readonly refusing: number;
  readonly turns: number;
}

const usual: Sizes = { calls: 400, answers: 12, streams: 200, refusing: 20, turns: 3 };
const quick: Sizes = { calls: 2, answers: 1, streams: 5, refusing: 2, turns: 1 };

/** Packages of providers: none of their modules may be there before a call. */
const SDK = /^(openai|@anthropic-ai\/.*|@google\/.*|@mistralai\/.*|@aws-sdk\/.*|@smithy\/.*|node-llama-cpp)$/;

/** What the layer of providers adds to the SDKs below it, and what failing over, open streams and unused SDKs cost. */
export const providers: Benchmark = {
  name: 'providers',
  about: 'the layer of providers beside the official SDKs alone, same loopback service, in turn',
  async run(isQuick) {
    const sizes = isQuick ? quick : usual;
    await using service = await startScript('provider-service.ts', []);
    const figures: Figure[] = [];
    for (const [name, way] of Object.entries(ways)) figures.push(...(await firstTokens(name, way, service, sizes)));
    for (const [name, way] of Object.entries(ways)) figures.push(...(await throughput(name, way, service, sizes)));
    figures.push(...(await failover(service, sizes)), ...(await openStreams(service, sizes)));
    const { figure, packages } = await loadedAtStart();
    return { figures: [...figures, figure], notes: { ...sizes, packagesLoadedAtStart: packages } };
  },
};

async function firstTokens(name: string, way: Way, { url }: Child, { calls }: Sizes): Promise<Figure[]> {
  const direct = way.direct?.(url);
  if (!direct) return [];
  const bare = bareModel(way, url, 'short');
  const whole = wholeModel(way, url, 'short');
  const times = { direct: [] as number[], bare: [] as number[], whole: [] as number[] };
  for (let count = -Math.ceil(calls / 10); count < calls; count += 1) {
    const found = {
      direct: await timeDirect(() => direct('short'), way),
      bare: await timeModel(bare),
      whole: await timeModel(whole),
    };
    if (count < 0) continue;
    for (const key of ['direct', 'bare', 'whole'] as const) times[key].push(found[key]);
  }
  const floor = median(times.direct);
  return [
    { name: `${name}: first token, SDK alone, p50`, value: floor, unit: 'ms' },
    { name: `${name}: added by the provider, p50`, value: median(times.bare) - floor, unit: 'ms', goal: { most: 2 } },
    {
      name: `${name}: added by provider, count, trace and chain, p50`,
      value: median(times.whole) - floor,
      unit: 'ms',
      goal: { most: 2 },
    },
  ];
}

async function timeDirect(ask: () => Promise<AsyncIterable<unknown>>, { isToken }: Way): Promise<number> {
  const began = performance.now();
  let firstMs = Number.NaN;
  for await (const chunk of await ask())
    if (Number.isNaN(firstMs) && isToken?.(chunk as never) === true) firstMs = performance.now() - began;
  return firstMs;
}

async function timeModel(model: Model): Promise<number> {
  const began = performance.now();
  let firstMs = Number.NaN;
  for await (const part of model.stream(question, new AbortController().signal)) {
    if (part.type === 'text' && Number.isNaN(firstMs)) firstMs = performance.now() - began;
    if (part.type === 'end' && part.failure) throw new Error(part.failure.message);
  }
  return firstMs;
}

/** Bytes of a long answer for a second of the CPU of this process, all threads; the service is another one. */
async function throughput(name: string, way: Way, { url }: Child, { answers }: Sizes): Promise<Figure[]> {
  const megabytes = Number(await readJson(`${url}/size${way.path}`)) / 1e6;
  const direct = way.direct?.(url);
  const readers = {
    direct: async () => {
      if (direct) for await (const _ of await direct('long'));
    },
    bare: () => timeModel(bareModel(way, url, 'long')),
    whole: () => timeModel(wholeModel(way, url, 'long')),
  };
  const speeds = { direct: [] as number[], bare: [] as number[], whole: [] as number[] };
  for (let count = -1; count < answers; count += 1) {
    for (const key of ['direct', 'bare', 'whole'] as const) {
      const before = process.cpuUsage();
      await readers[key]();
      const { user, system } = process.cpuUsage(before);
      if (count >= 0) speeds[key].push(megabytes / ((user + system) / 1e6));
    }
  }
  const own = median(speeds.direct);
  const alone: Figure[] = direct ? [{ name: `${name}: read by the SDK alone`, value: own, unit: 'MB/s' }] : [];
  const least = direct ? Math.min(100, own) : 100;
  return [
    ...alone,
    { name: `${name}: read by the provider`, value: median(speeds.bare), unit: 'MB/s', goal: { least } },
    { name: `${name}: read by provider, count, trace and chain`, value: median(speeds.whole), unit: 'MB/s' },
  ];
}

/** From the end of a refusal to the request that reaches the next provider, through the whole server, on the clock of the service. */
async function failover({ url }: Child, { refusing, turns }: Sizes): Promise<Figure[]> {
  await using scratch = await makeScratch();
  const home = path.join(scratch.path, 'home');
  await makeHome(home, { bots: 1, model: `${url}/v1` });
  const names = Array.from({ length: refusing }, (_, index) => `refuse-${index + 1}`);
  const entry = (name: string, model: string): string =>
    `  ${name}:\n    type: openai-compatible\n    address: ${url}/v1\n    models: [${model}]\n`;
  await writeFile(
    path.join(home, 'providers.yaml'),
    `providers:\n${names.map((name) => entry(name, name)).join('')}${entry('last', 'short')}`,
  );
  await writeFile(
    path.join(home, 'settings.yaml'),
    `model: ${names[0]}\nfallback: [${[...names.slice(1), 'short'].join(', ')}]\nplugins: { demo: false }\n`,
  );
  await using server = await startServer({ home, cache: scratch.path });
  const gaps: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    using asker = await openConversation(server);
    await asker.ask('hello');
    gaps.push(...((await readJson(`${url}/gaps`)) as number[]));
  }
  return [
    { name: 'failover: from a refusal to the next request, p50', value: median(gaps), unit: 'ms', goal: { most: 50 } },
    { name: 'failover: the longest', value: Math.max(...gaps), unit: 'ms' },
    { name: 'failover: times', value: gaps.length, unit: '' },
  ];
}

async function openStreams({ url }: Child, { streams }: Sizes): Promise<Figure[]> {
  await using holder = await startAnswering('open-streams.ts', [url, String(streams)]);
  const { resident, heap } = JSON.parse(await holder.ask()) as { resident: number; heap: number };
  return [
    { name: 'an open stream: resident', value: resident, unit: 'bytes', goal: { most: 200_000 } },
    { name: 'an open stream: heap and buffers', value: heap, unit: 'bytes', goal: { most: 200_000 } },
  ];
}

/** Packages of providers that a server has loaded when it is ready and knows all kinds of them by their keys. */
async function loadedAtStart(): Promise<{ figure: Figure; packages: number }> {
  await using scratch = await makeScratch();
  const home = path.join(scratch.path, 'home');
  const file = path.join(scratch.path, 'loads');
  await makeHome(home, { bots: 1 });
  const keys = ['ANTHROPIC', 'OPENAI', 'GEMINI', 'MISTRAL', 'OPENROUTER', 'ZAI'].map((name) => [
    `${name}_API_KEY`,
    'k-12345678',
  ]);
  const nodeOptions = ['--import', path.join(root, 'test/support/loads.ts')];
  const env = { ...Object.fromEntries(keys), AWS_ACCESS_KEY_ID: 'k-12345678', LOADS_FILE: file };
  await using _server = await startServer({ home, cache: scratch.path, nodeOptions, env });
  const loaded = (await readFile(file, 'utf8')).trim().split('\n');
  const name = 'packages of providers that are loaded at start';
  return {
    figure: { name, value: loaded.filter((each) => SDK.test(each)).length, unit: '', goal: { most: 0 } },
    packages: loaded.length,
  };
}

if (import.meta.main) await runBenchmarks([providers]);
