import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMockModel } from '../../test/support/mock-model.ts';
import { startProduct, until, type Product } from '../../test/support/product.ts';
import { createWriters, type Writer } from '../../test/support/soak-writers.ts';
import { providersFile } from '../../test/support/talk.ts';
import type { Held } from './probe.ts';

export interface LifeOptions {
  /** Ends after so many turns … */
  readonly turns: number;
  /** … or after so many milliseconds, whichever comes first. */
  readonly forMs: number;
  /** Turns before the first figure counts: caches fill, code is compiled. */
  readonly warmUp: number;
  /** Rest before memory is read, in milliseconds: what is done beside answers ends, and what is free is given back. */
  readonly restMs: number;
  readonly onStep: (step: Step) => void;
}

/** How things stand after some turns. */
export interface Step {
  readonly turns: number;
  readonly held: Held;
}

export interface Lived {
  readonly turns: number;
  /** After the warm-up and its rest. */
  readonly before: Held;
  /** After everything and its rest. */
  readonly after: Held;
  /** Over all steps between: the worst 99th percentile and the longest delay. */
  readonly worst: { readonly p99: number; readonly max: number };
  /** Messages without an answer that finished. */
  readonly unanswered: number;
  /** Writes beside the turns, by name. */
  readonly written: Readonly<Record<string, number>>;
  readonly reconnects: number;
  /** Bytes on disk by folder, before and after. */
  readonly disk: ReadonlyMap<string, readonly [before: number, after: number]>;
}

/** People who talk at once. */
const TALKERS = 6;
/** Turns after which a talker begins a new conversation. */
const TURNS_EACH = 10;
/** Turns between two writes of something else; everything that can be written has its turn. */
const TURNS_A_WRITE = 10;
/** Turns between two edits on disk. */
const TURNS_AN_EDIT = 25;
/** Steps that are told of. */
const STEPS = 10;
/** Longest step, in turns. */
const LONGEST_STEP = 1_000;

/** Lets a real server live: turns, readers that come and go, edits on disk, pushes, memories, settings. Throws when something acknowledged is lost. */
export async function live(options: LifeOptions): Promise<Lived> {
  await using undo = new AsyncDisposableStack();
  const mock = undo.use(await startMockModel());
  const probe = pathToFileURL(path.join(import.meta.dirname, 'probe.ts'));
  const heldFile = path.join(process.env.TMPDIR ?? '/tmp', `boternity-endurance-${process.pid}.json`);
  const product = undo.use(
    await startProduct({
      files: {
        'providers.yaml': providersFile(mock.url),
        // One person sends what many would.
        'settings.yaml': 'plugins:\n  conversations: { messagesPerMinute: 0 }\n',
      },
      env: { NODE_OPTIONS: `--import ${probe.href}`, ENDURANCE_FILE: heldFile },
    }),
  );
  const crowd = new Crowd(product, await createWriters(product, undo));
  const hold = createHold(product, heldFile);
  await crowd.talk(Math.min(options.warmUp, options.turns));
  await sleep(options.restMs);
  const before = await hold();
  const diskBefore = await sizes(product.home);
  const worst = { p99: 0, max: 0 };
  const began = performance.now();
  const each = Math.min(LONGEST_STEP, Math.ceil(options.turns / STEPS));
  for (let done = 0; done < options.turns && performance.now() - began < options.forMs; done += each) {
    await crowd.talk(Math.min(each, options.turns - done));
    const held = await hold();
    worst.p99 = Math.max(worst.p99, held.delayMs.p99);
    worst.max = Math.max(worst.max, held.delayMs.max);
    options.onStep({ turns: crowd.turns, held });
  }
  await sleep(options.restMs);
  const after = await hold();
  await crowd.check();
  const diskAfter = await sizes(product.home);
  const folders = [...new Set([...diskBefore.keys(), ...diskAfter.keys()])];
  return {
    turns: crowd.turns,
    before,
    after,
    worst,
    unanswered: await crowd.unanswered(),
    written: crowd.written,
    reconnects: crowd.reconnects,
    disk: new Map(folders.map((folder) => [folder, [diskBefore.get(folder) ?? 0, diskAfter.get(folder) ?? 0]])),
  };
}

/** People and programs that use a server. */
class Crowd {
  turns = 0;
  reconnects = 0;
  readonly written: Record<string, number> = {};
  readonly #product: Product;
  readonly #writers: readonly Writer[];
  readonly #conversations: string[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(product: Product, writers: readonly Writer[]) {
    this.#product = product;
    this.#writers = writers;
  }

  /** So many turns of everybody together, with all else between them. */
  async talk(turns: number): Promise<void> {
    const goal = this.turns + turns;
    let begun = this.turns;
    const talker = async (): Promise<void> => {
      while (begun < goal) {
        const { id } = await this.#product.client.call('conversations.create', { bot: 'assistant' });
        this.#conversations.push(id);
        for (let own = 0; own < TURNS_EACH && begun < goal; own += 1) {
          begun += 1;
          await this.#turn(id, begun);
        }
      }
    };
    await Promise.all(Array.from({ length: TALKERS }, talker));
    await this.#writing;
  }

  /** Throws when something that was acknowledged is not there. */
  async check(): Promise<void> {
    for (const writer of this.#writers) await writer.check(this.#product);
  }

  /** Messages without an answer that finished, in all conversations there are. */
  async unanswered(): Promise<number> {
    let count = 0;
    for (const conversation of this.#conversations) {
      const { nodes } = await this.#product.client.call('conversations.show', { conversation, limit: 100 });
      const answered = new Set(nodes.filter(({ state }) => state === 'finished').map(({ turn, kind }) => kind + turn));
      count += nodes.filter(({ kind, turn }) => kind === 'user' && !answered.has(`agent${turn}`)).length;
    }
    return count;
  }

  /** A reader comes for each turn, leaves in the middle of it, comes back where it was, and sees the end. */
  async #turn(conversation: string, number: number): Promise<void> {
    const { client } = this.#product;
    {
      using first = client.conversation(conversation);
      await first.send(`!mock slow=0.005 -- Turn ${number}: what do you think of the weather?`);
    }
    this.reconnects += 1;
    using again = client.conversation(conversation);
    const page = await again.until(({ state, nodes }) => state === 'idle' && nodes.at(-1)?.kind === 'agent');
    if (page.nodes.at(-1)?.state !== 'finished')
      throw new Error(`Turn ${number} ended as ${page.nodes.at(-1)?.state}.`);
    this.turns += 1;
    if (number % TURNS_A_WRITE === 0) this.#write(number / TURNS_A_WRITE);
    if (number % TURNS_AN_EDIT === 0) await this.#edit(number);
  }

  /** One write after the other, whoever waits for it. */
  #write(number: number): void {
    const writer = this.#writers[number % this.#writers.length];
    if (!writer) return;
    this.#writing = this.#writing.then(async () => {
      await writer.write(this.#product);
      this.#count(writer.name);
    });
    this.#writing.catch(() => undefined);
  }

  async #edit(number: number): Promise<void> {
    await this.#product.files.write('bots/assistant/AGENT.md', `Be brief. This is edit ${number}.\n`);
    this.#count('edits on disk');
  }

  #count(name: string): void {
    this.written[name] = (this.written[name] ?? 0) + 1;
  }
}

/** Has the probe look, and gives what it saw. */
function createHold({ pid }: Product, file: string): () => Promise<Held> {
  let number = 0;
  return async () => {
    number += 1;
    process.kill(pid, 'SIGUSR2');
    const look = async (): Promise<Held | undefined> => {
      const held = JSON.parse(await readFile(file, 'utf8').catch(() => 'null')) as Held | null;
      return held?.number === number ? held : undefined;
    };
    return until('what the server holds', look, 60_000);
  };
}

/** Bytes in each folder of a home, those of `.boternity` one by one. */
async function sizes(home: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const place = path.join(entry.parentPath, entry.name);
    const { size } = await stat(place).catch(() => ({ size: 0 }));
    const names = path.relative(home, place).split(path.sep);
    const folder = names.slice(0, names[0] === '.boternity' ? 2 : 1).join('/');
    found.set(folder, (found.get(folder) ?? 0) + size);
  }
  return found;
}
