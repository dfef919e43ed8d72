import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { createId } from '../core/base/ids.ts';
import { append } from '../plugins/conversations/graph/append.ts';
import { applyCommit } from '../plugins/conversations/graph/apply.ts';
import { emptyGraph, MAIN, type Change, type Commit, type NodeState } from '../plugins/conversations/graph/graph.ts';
import { residentBytes, startServer, type Server } from '../plugins/bench/children.ts';
import { root } from './children.ts';
import type { Delay } from './delay.ts';
import { median } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark } from './figures.ts';
import { makeHome } from './homes.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';
import { keepAlive, readJson } from '../plugins/bench/load.ts';

interface Settings {
  /** Conversations in the home. */
  readonly many: number;
  /** Messages and answers in the long one. */
  readonly nodes: number;
  readonly sends: number;
}

const usual: Settings = { many: 10_000, nodes: 10_000, sends: 50 };
const quick: Settings = { many: 5, nodes: 6, sends: 2 };

/** What many conversations and long ones cost: lists, opening, one more message. */
export const conversations: Benchmark = {
  name: 'conversations',
  about: 'a server with very many conversations, and a very long one',
  async run(isQuick) {
    const settings = isQuick ? quick : usual;
    await using scratch = await makeScratch();
    const home = path.join(scratch.path, 'home');
    await makeHome(home, { bots: 1 });
    const places = { home, cache: path.join(scratch.path, 'cache') };
    await (await startServer(places))[Symbol.asyncDispose]();
    const ids = JSON.parse(await readFile(path.join(home, '.boternity/bots.json'), 'utf8')) as Record<string, string>;
    const bot = ids['assistant'] ?? createId();
    const long = await writeConversation(home, bot, settings.nodes / 2);
    const short = await writeConversation(home, bot, 2);
    for (let count = 2; count < settings.many; count += 1) await writeConversation(home, bot, 2);
    const delays = path.join(scratch.path, 'delays.json');
    await using server = await startServer({
      ...places,
      nodeOptions: ['--import', pathToFileURL(path.join(root, 'bench/delay.ts')).href],
      env: { BENCH_DELAY_FILE: delays },
    });
    process.kill(server.pid, 'SIGUSR2');
    const first = await timeOf(server, '/conversations?limit=100');
    const again = await timesOf(server, '/conversations?limit=100', 20);
    const opened = await timeOf(server, `/conversations/${long}?limit=50`);
    const shown = await timesOf(server, `/conversations/${long}?limit=50`, 20);
    const sent = await timeSends(server, long, settings.sends);
    const sentShort = await timeSends(server, short, settings.sends);
    const indexed = await timeOf(server, '/search/conversations?text=many');
    const found = await timesOf(server, '/search/conversations?text=message+many', 20);
    const rare = await timesOf(server, '/search/conversations?text=%22number+1%22', 20);
    await sleep(1_200);
    const { longestMs } = JSON.parse(await readFile(delays, 'utf8')) as Delay;
    const { many, nodes } = settings;
    return {
      figures: [
        { name: `list of ${many} conversations, read from their journals`, value: first, unit: 'ms' },
        { name: `list of ${many} conversations`, value: median(again), unit: 'ms', goal: { most: 50 } },
        {
          name: `a conversation of ${nodes} nodes opened, journal only`,
          value: opened,
          unit: 'ms',
          goal: { most: 1_000 },
        },
        { name: 'its last page, open', value: median(shown), unit: 'ms', goal: { most: 100 } },
        { name: 'one more message in it: p50', value: median(sent), unit: 'ms' },
        {
          name: 'one more message, over a short conversation',
          value: median(sent) / median(sentShort),
          unit: '×',
          goal: { most: 2 },
        },
        { name: `first search, ${many} conversations taken into the index`, value: indexed, unit: 'ms' },
        { name: 'a search that all conversations have a place in', value: median(found), unit: 'ms' },
        { name: 'a search for a phrase in one', value: median(rare), unit: 'ms' },
        { name: 'resident', value: (await residentBytes(server.pid)) / 1e6, unit: 'MB' },
        { name: 'longest turn of the event loop', value: longestMs, unit: 'ms' },
      ],
      notes: { many, nodes, sends: settings.sends },
    };
  },
};

/** Writes a journal of so many answered messages, as the engine would have. */
export async function writeConversation(home: string, bot: string, turns: number): Promise<string> {
  const graph = emptyGraph();
  const id = createId();
  const lines: string[] = [];
  const commit = (changes: readonly Change[]): void => {
    const line: Commit = { v: 1, seq: graph.seq + 1, at: new Date().toISOString(), changes };
    applyCommit(graph, line);
    lines.push(`${JSON.stringify(line)}\n`);
  };
  commit([{ type: 'conversation', id, bot, slug: 'assistant' }]);
  commit([{ type: 'title', title: `Conversation ${id}` }]);
  for (let turn = 0; turn < turns; turn += 1) {
    const { changes, made } = append(graph, { text: `Message ${turn} of many`, lane: MAIN }, 'queue', createId);
    commit(changes);
    const to = (state: NodeState): Change => ({ type: 'state', node: made.reply, state });
    commit([to('running'), { type: 'run', node: made.reply, run: { state: 'running', attempt: 1, model: 'demo' } }]);
    const text = 'An answer of some words that goes on for a little while. '.repeat(4);
    commit([
      { type: 'output', node: made.reply, channel: 'text', offset: 0, text },
      { type: 'run', node: made.reply, run: { state: 'succeeded', attempt: 1 } },
      to('finished'),
    ]);
  }
  const folder = path.join(home, 'data/assistant/conversations', id);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'journal.jsonl'), lines.join(''));
  return id;
}

async function timeOf(server: Server, place: string): Promise<number> {
  const agent = keepAlive();
  const began = performance.now();
  await readJson(`${server.url}/api/v1${place}`, { agent, headers: server.credentials });
  agent.destroy();
  return performance.now() - began;
}

async function timesOf(server: Server, place: string, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) times.push(await timeOf(server, place));
  return times;
}

/** Sends and stops at once: what is timed is the acknowledgement. */
async function timeSends(server: Server, conversation: string, count: number): Promise<number[]> {
  const times: number[] = [];
  const post = (place: string, body: object): Promise<Response> =>
    fetch(`${server.url}/api/v1/conversations/${conversation}/${place}`, {
      method: 'POST',
      headers: { ...server.credentials, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  for (let at = 0; at < count; at += 1) {
    const began = performance.now();
    await (await post('messages', { text: `One more, number ${at}` })).arrayBuffer();
    times.push(performance.now() - began);
    await (await post('stop', {})).arrayBuffer();
  }
  return times;
}

if (import.meta.main) await runBenchmarks([conversations]);
