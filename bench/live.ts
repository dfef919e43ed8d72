import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs, startAnswering, startScript } from './children.ts';
import { residentBytes, startFakeModel, startServer, type Server } from '../plugins/bench/children.ts';
import { median, quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark } from './figures.ts';
import { makeHome } from './homes.ts';
import { makeScratch } from '../plugins/bench/scratch.ts';
import { keepAlive } from '../plugins/bench/load.ts';

interface Settings {
  /** Conversations in which a bot writes at once. */
  readonly conversations: number;
  /** Readers of each of them. */
  readonly readers: number;
  /** Time between two events of one conversation. */
  readonly gapMs: number;
  readonly measuredMs: number;
  readonly resumes: number;
}

const usual: Settings = { conversations: 50, readers: 20, gapMs: 50, measuredMs: 20_000, resumes: 50 };
const quick: Settings = { conversations: 2, readers: 2, gapMs: 50, measuredMs: 500, resumes: 2 };
/** Until all answers have begun, and what the start cost has passed. */
const SETTLE_MS = 4_000;
/** Events that a reader who comes back has missed. */
const MISSED = 200;

interface Told {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
  readonly resident: number;
}

/** What a thousand readers of live events cost, beside a server that does nothing but write to them. */
export const live: Benchmark = {
  name: 'live',
  about:
    'a thousand readers of server-sent events, twenty events a second each, beside a server that does nothing else',
  async run(isQuick) {
    const settings = isQuick ? quick : usual;
    const { conversations, readers, gapMs } = settings;
    const floor = await measureFloor(settings);
    await using scratch = await makeScratch();
    const wordsPerAnswer = Math.ceil((settings.measuredMs + SETTLE_MS * 5) / gapMs);
    await using model = await startFakeModel(['--chunks', String(wordsPerAnswer), '--gap', String(gapMs)]);
    const home = path.join(scratch.path, 'home');
    await makeHome(home, { bots: 1, model: model.url });
    const places = { home, cache: path.join(scratch.path, 'cache') };
    await (await startServer(places))[Symbol.asyncDispose]();
    await using server = await startServer(places);
    const ids: string[] = [];
    for (let at = 0; at < conversations; at += 1) ids.push(await begin(server));
    const addresses = ids.map((id) => `${server.url}/api/v1/conversations/${id}/events`);
    const headers = JSON.stringify(server.credentials);
    await using reading = await startAnswering('event-readers.ts', [
      '--addresses',
      JSON.stringify(addresses),
      '--each',
      String(readers),
      '--headers',
      headers,
    ]);
    for (const [at, id] of ids.entries()) {
      await post(server, `/conversations/${id}/messages`, { text: 'Go on' });
      await sleep(at % 5 === 0 ? gapMs / 5 : 0);
    }
    const told = await measure(settings, server.pid, reading);
    const resumed = await timeResumes(server, ids[0] ?? '', settings.resumes);
    const all = conversations * readers;
    return {
      figures: [
        {
          name: 'events a reader gets a second',
          value: told.perSecond / all,
          unit: '/s',
          goal: { least: (1_000 / gapMs) * 0.9 },
        },
        { name: `${all} readers: processor, of one core`, value: told.cpu, unit: '', goal: { most: 1 } },
        {
          name: '… of which the answers being made is a part; over writing alone',
          value: told.cpu / Math.max(floor.cpu, 0.01),
          unit: '×',
        },
        { name: '… of the server that only writes', value: floor.cpu, unit: '' },
        { name: `${all} readers: resident`, value: told.resident / 1e6, unit: 'MB', goal: { most: 250 } },
        { name: '… of the server that only writes', value: floor.resident / 1e6, unit: 'MB' },
        { name: 'delivery, p50', value: told.p50, unit: 'ms' },
        { name: 'delivery, p99', value: told.p99, unit: 'ms', goal: { most: 100 } },
        { name: '… of the server that only writes, p99', value: floor.p99, unit: 'ms' },
        { name: `resume with ${MISSED} events missed, p50`, value: median(resumed), unit: 'ms', goal: { most: 50 } },
        { name: '…, p99', value: quantile(resumed, 0.99), unit: 'ms' },
      ],
      notes: { conversations, readersEach: readers, eventsApartMs: gapMs, seconds: settings.measuredMs / 1_000 },
    };
  },
};

async function measureFloor(settings: Settings): Promise<Told> {
  const { conversations, readers, gapMs } = settings;
  await using plain = await startScript('plain-events.ts', ['--gap', String(gapMs), '--topics', String(conversations)]);
  const addresses = Array.from({ length: conversations }, (_, at) => `${plain.url}/${at}`);
  await using reading = await startAnswering('event-readers.ts', [
    '--addresses',
    JSON.stringify(addresses),
    '--each',
    String(readers),
  ]);
  // Waited for here, or both processes would be ended first.
  return await measure(settings, plain.pid, reading);
}

async function measure({ measuredMs }: Settings, pid: number, reading: { ask(): Promise<string> }): Promise<Told> {
  await sleep(Math.min(SETTLE_MS, measuredMs));
  await reading.ask();
  const before = await cpuMs(pid);
  const began = performance.now();
  await sleep(measuredMs);
  const passed = performance.now() - began;
  const used = (await cpuMs(pid)) - before;
  const { events, delays } = JSON.parse(await reading.ask()) as { events: number; delays: number[] };
  return {
    perSecond: events / (passed / 1_000),
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
    cpu: used / passed,
    resident: await residentBytes(pid),
  };
}

/** From the request with a cursor to the last of the events that were missed. */
async function timeResumes(server: Server, id: string, count: number): Promise<number[]> {
  const { cursor } = (await read(server, `/conversations/${id}`)) as { cursor: string };
  const [epoch, seq] = cursor.split(':');
  const missed = Math.min(MISSED, Number(seq));
  const agent = keepAlive();
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const began = performance.now();
    const place = `${server.url}/api/v1/conversations/${id}/events?cursor=${epoch}:${Number(seq) - missed}`;
    const request = http.get(place, { headers: server.credentials, agent });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let heard = '';
    for await (const piece of response) {
      heard += String(piece);
      if (heard.includes(`id: ${cursor}\n`)) break;
    }
    times.push(performance.now() - began);
    request.destroy();
  }
  agent.destroy();
  return times;
}

async function begin(server: Server): Promise<string> {
  const { id } = (await post(server, '/conversations', { bot: 'assistant' })) as { id: string };
  return id;
}

async function post(server: Server, place: string, body: object): Promise<unknown> {
  const headers = { ...server.credentials, 'content-type': 'application/json' };
  const response = await fetch(`${server.url}/api/v1${place}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${place} answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { data: unknown }).data;
}

async function read(server: Server, place: string): Promise<unknown> {
  const response = await fetch(`${server.url}/api/v1${place}`, { headers: server.credentials });
  return ((await response.json()) as { data: unknown }).data;
}

if (import.meta.main) await runBenchmarks([live]);
