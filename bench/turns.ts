import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs } from './children.ts';
import { residentBytes, startFakeModel, startServer } from '../plugins/bench/children.ts';
import { quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { makeHome } from './homes.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';
import {
  openConversation,
  openDirect,
  openDoor,
  readJson,
  runLoad,
  type Asker,
  type Loaded,
  type Served,
} from '../plugins/bench/load.ts';

interface Stage {
  readonly server: Served & { readonly pid: number };
  /** Base address of the fake model. */
  readonly model: string;
}

interface Round {
  readonly atOnce: number;
  /** Turns of one block. Blocks through the server and past it take turns, so that noise meets both. */
  readonly block: number;
  readonly blocks: number;
}

interface Measured {
  readonly direct: readonly Loaded[];
  readonly through: readonly Loaded[];
  readonly turns: number;
  readonly cpuMs: number;
}

/** How long the server rests after the turns, until its memory is read again, in milliseconds. */
const REST_MS = 40_000;
/** Turns after which a conversation makes place for a new one. */
const TURNS_A_CONVERSATION = 10;

/** How the answers come: as the page gets them, or as a program of the OpenAI API does. */
const ways: Readonly<Record<string, (server: Served) => Promise<Asker>>> = { page: openConversation, '/v1': openDoor };

const usual: readonly Round[] = [
  { atOnce: 1, block: 10, blocks: 40 },
  { atOnce: 10, block: 200, blocks: 5 },
  { atOnce: 50, block: 500, blocks: 5 },
];
const quick: readonly Round[] = [
  { atOnce: 1, block: 2, blocks: 1 },
  { atOnce: 2, block: 4, blocks: 1 },
];

/** What the server adds to a turn: time to the first token, CPU, memory, bytes of the request. */
export const turns: Benchmark = {
  name: 'turns',
  about: 'turns through the server beside the same fake model without it, in one run',
  async run(isQuick) {
    const rounds = isQuick ? quick : usual;
    await using scratch = await makeScratch();
    await using model = await startFakeModel();
    const home = path.join(scratch.path, 'home');
    await makeHome(home, { bots: 1, model: model.url });
    // The first start fills the compile cache.
    await (await startServer({ home, cache: scratch.path }))[Symbol.asyncDispose]();
    await using server = await startServer({ home, cache: scratch.path });
    const stage: Stage = { server, model: model.url };

    const hello = await sayHello(stage);
    const figures: Figure[] = [...hello.figures];
    let total = 1;
    if (!isQuick) total += await warmUp(stage);
    const before = await residentBytes(server.pid);
    for (const [name, open] of Object.entries(ways)) {
      for (const round of rounds) {
        const measured = await play(stage, round, open);
        total += measured.turns;
        figures.push(...figuresOf(`${name}, ${round.atOnce} at once`, round, measured));
      }
    }
    const after = await residentBytes(server.pid);
    await sleep(isQuick ? 0 : REST_MS);
    const rested = await residentBytes(server.pid);
    figures.push(
      { name: 'resident after warming up', value: before / 1e6, unit: 'MB' },
      { name: `resident after ${total} turns`, value: after / 1e6, unit: 'MB' },
      { name: 'resident after a rest of 40 s', value: rested / 1e6, unit: 'MB' },
    );
    await assertDurable(home, total);
    return { figures, notes: { ...hello.notes, turnsAConversation: TURNS_A_CONVERSATION, turnsFoundOnDisk: total } };
  },
};

/** The first turn of a fresh server, with a bot that nobody has spoken with. */
async function sayHello({ server, model }: Stage): Promise<{ figures: Figure[]; notes: Record<string, number> }> {
  using asker = await openConversation(server);
  const { firstMs } = await asker.ask('hello');
  const { bytes, body } = (await readJson(new URL('/stats', model).href)) as { bytes: number; body: string };
  const { messages, tools = [] } = JSON.parse(body) as {
    messages: { role: string; content: string }[];
    tools?: unknown[];
  };
  const [system] = messages;
  return {
    figures: [
      { name: '"hello" to a new assistant: whole request body', value: bytes, unit: 'bytes', goal: { most: 6_000 } },
      { name: 'first turn after the start: first token', value: firstMs, unit: 'ms' },
    ],
    notes: {
      systemBytes: Buffer.byteLength(system?.role === 'system' ? system.content : ''),
      toolBytes: Buffer.byteLength(JSON.stringify(tools)),
      tools: tools.length,
    },
  };
}

async function warmUp({ server, model }: Stage): Promise<number> {
  const load = { atOnce: 4, total: 300, perAsker: TURNS_A_CONVERSATION };
  await runLoad({ ...load, open: () => openDirect(model) });
  await runLoad({ ...load, open: () => openConversation(server) });
  return load.total;
}

async function play(
  { server, model }: Stage,
  { atOnce, block, blocks }: Round,
  open: (server: Served) => Promise<Asker>,
): Promise<Measured> {
  const load = { atOnce, total: block, perAsker: TURNS_A_CONVERSATION };
  const direct: Loaded[] = [];
  const through: Loaded[] = [];
  let used = 0;
  for (let count = 0; count < blocks; count += 1) {
    direct.push(await runLoad({ ...load, open: () => openDirect(model) }));
    const before = await cpuMs(server.pid);
    through.push(await runLoad({ ...load, open: () => open(server) }));
    used += (await cpuMs(server.pid)) - before;
  }
  return { direct, through, turns: block * blocks, cpuMs: used };
}

function figuresOf(name: string, { atOnce }: Round, { direct, through, turns, cpuMs: used }: Measured): Figure[] {
  const floor = direct.flatMap((load) => load.firstMs);
  const served = through.flatMap((load) => load.firstMs);
  const added = (part: number): number => quantile(served, part) - quantile(floor, part);
  const perSecond = quantile(
    through.map((load) => load.perSecond),
    0.5,
  );
  const most = (limit: number): Pick<Figure, 'goal'> => (atOnce === 1 ? { goal: { most: limit } } : {});
  return [
    { name: `${name}: first token, model alone, p50`, value: quantile(floor, 0.5), unit: 'ms' },
    { name: `${name}: first token, through the server, p50`, value: quantile(served, 0.5), unit: 'ms' },
    { name: `${name}: added to the first token, p50`, value: added(0.5), unit: 'ms', ...most(5) },
    { name: `${name}: added to the first token, p95`, value: added(0.95), unit: 'ms', ...most(15) },
    {
      name: `${name}: turns, every message durable`,
      value: perSecond,
      unit: 'turns/s',
      ...(atOnce === 50 && { goal: { least: 150 } }),
    },
    { name: `${name}: CPU of the server for a turn`, value: used / turns, unit: 'ms', goal: { most: 6 } },
  ];
}

/** Every turn is in the journals, or the figures are of a server that forgets. */
async function assertDurable(home: string, expected: number): Promise<void> {
  let found = 0;
  for await (const file of glob('data/*/conversations/*/journal.jsonl', { cwd: home })) {
    const journal = await readFile(path.join(home, file), 'utf8');
    found += journal.match(/"state":"finished","text":"/g)?.length ?? 0;
  }
  if (found !== expected) throw new Error(`${expected} messages were accepted and ${found} are in the journals.`);
}

if (import.meta.main) await runBenchmarks([turns]);
