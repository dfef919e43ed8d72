import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createId, Fault, readJsonLines, type Bot, type Home, type Problem } from 'boternity';
import { Conversation, interrupted } from './conversation.ts';
import { applyCommit } from '../graph/apply.ts';
import { emptyGraph, type Commit, type Graph } from '../graph/graph.ts';
import { openNodes } from '../graph/path.ts';
import { factsOf, type Tell } from '../facts.ts';
import { headingOf, type Heading } from '../present.ts';
import type { AttachmentSlot } from './attached.ts';
import { FinderSlot } from './finder-slot.ts';
import { Headings } from './headings.ts';
import { InHand } from './in-hand.ts';
import type { EngineParts } from './job.ts';
import { Reading } from './reading.ts';
import { Scheduler } from './scheduler.ts';

/** Open conversations that nobody reads or answers are closed above this number, least lately used first. */
const KEPT_OPEN = 50;
/** Rest after the start before what waited is carried on, in milliseconds. */
const RESUME_MS = 1_000;
/** Conversations that are looked at side by side for a list. */
const READ_AT_ONCE = 200;

export interface Open {
  readonly conversation: Conversation;
  readonly scheduler: Scheduler;
}

/** All conversations of a home. Which there are is read once, when first asked; each is opened when it is used. */
export class ConversationStore {
  /** Up to where people have seen conversations. */
  readonly reading: Reading;
  readonly finding = new FinderSlot(this);
  readonly attached: AttachmentSlot;
  readonly #home: Home;
  readonly #parts: EngineParts;
  readonly #open = new Map<string, Promise<Open>>();
  /** Those that write their last line; whoever asks for one waits until that is done. */
  readonly #closing = new Map<string, Promise<void>>();
  readonly #inHand = new InHand();
  /** Id → slug of the bot whose data it lies in. */
  #places: Promise<Map<string, string>> | undefined;
  /** Bots whose conversations are among the places. */
  #bots = new Set<string>();
  readonly #headings: Headings;
  #isClosed = false;
  /** Whether what waits is carried on. A command that only looks, without a server, begins nothing that would end with it. */
  #isGoing = false;
  #resuming: NodeJS.Timeout | undefined;
  #draining: AbortSignal | undefined;

  constructor(home: Home, parts: EngineParts) {
    this.#home = home;
    this.#parts = parts;
    this.attached = parts.attached;
    this.#headings = new Headings(home);
    this.reading = new Reading(home, async (id) => {
      const slug = await this.botOf(id);
      return slug === undefined ? undefined : folderOf(slug, id);
    });
  }

  /** How the house hears of what happens here. */
  get tell(): Tell {
    return this.#parts.tell;
  }

  async create(bot: Bot): Promise<Open> {
    const id = createId();
    const places = await this.#allPlaces();
    const conversation = await Conversation.create(this.#file(bot.slug, id), bot, id, factsOf(this.#parts.tell));
    const open = { conversation, scheduler: this.#schedulerOf(conversation) };
    places.set(id, bot.slug);
    this.#inHand.use(id);
    this.#open.set(id, Promise.resolve(open));
    void this.#closeIdle();
    return open;
  }

  /** The conversation with this id, open. Throws CONVERSATION_MISSING. */
  async get(id: string): Promise<Open> {
    const places = await this.#allPlaces();
    while (this.#closing.has(id)) await this.#closing.get(id);
    this.#inHand.use(id);
    const known = this.#open.get(id);
    if (known) {
      this.#open.delete(id);
      this.#open.set(id, known);
      return known;
    }
    const slug = places.get(id);
    if (slug === undefined) throw missing(id);
    this.#headings.forget(id);
    const opening = (async () => {
      const conversation = await Conversation.open(this.#file(slug, id), this.#home.log, factsOf(this.#parts.tell));
      const scheduler = this.#schedulerOf(conversation);
      if (this.#isGoing) scheduler.kick();
      return { conversation, scheduler };
    })();
    this.#open.set(id, opening);
    opening.catch(() => this.#open.delete(id));
    void this.#closeIdle();
    return opening;
  }

  /** Does something that may use conversations: none that it gets is closed as idle before it is done. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#inHand.during(work);
    } finally {
      void this.#closeIdle();
    }
  }

  /** Slug of the bot to which a conversation belongs; undefined when there is no such conversation. Opens nothing. */
  async botOf(id: string): Promise<string | undefined> {
    return (await this.#allPlaces()).get(id);
  }

  /** The headings of all conversations, or of one bot's, latest first. */
  async list(slug?: string): Promise<Heading[]> {
    const places = [...(await this.#allPlaces())].filter(([, owner]) => slug === undefined || owner === slug);
    const headings: (Heading | undefined)[] = [];
    for (let at = 0; at < places.length; at += READ_AT_ONCE)
      headings.push(
        ...(await Promise.all(places.slice(at, at + READ_AT_ONCE).map(([id, owner]) => this.#heading(id, owner)))),
      );
    return headings
      .filter((heading) => heading !== undefined)
      .toSorted((a, b) => Number(a.updatedAt < b.updatedAt) - Number(a.updatedAt > b.updatedAt));
  }

  /** A conversation as it is now: live when it is open, else as its journal tells it. Undefined when it cannot be read. */
  async graphOf(id: string): Promise<Graph | undefined> {
    const open = await this.#open.get(id)?.catch(() => undefined);
    if (open) return open.conversation.graph;
    const slug = await this.botOf(id);
    return slug === undefined ? undefined : (await this.#read(id, slug)).graph;
  }

  async isRead(id: string): Promise<boolean> {
    return (await this.#open.get(id)?.catch(() => undefined))?.conversation.hub.isRead ?? false;
  }

  /** Reads every journal that nobody has open, and tells what is wrong. */
  async check(): Promise<Problem[]> {
    const problems: Problem[] = [];
    for (const [id, slug] of await this.#allPlaces()) {
      const open = await this.#open.get(id)?.catch(() => undefined);
      const { problem } = open ? {} : await this.#read(id, slug);
      if (problem) problems.push(problem);
    }
    return problems;
  }

  /** Deletes a conversation for good, one that is damaged too. Throws CONVERSATION_MISSING. */
  async remove(id: string): Promise<void> {
    const open = await this.get(id).catch((error: unknown) => {
      if (Fault.from(error).code !== 'JOURNAL_TORN') throw error;
    });
    const graph = await this.graphOf(id);
    const places = await this.#allPlaces();
    const slug = places.get(id);
    if (slug === undefined || this.#closing.has(id)) throw missing(id); // Somebody else was quicker.
    await this.#letGo(id, async () => {
      if (open) await shut(open);
      await this.reading.whileStill(async () => {
        await this.#home.files.remove(folderOf(slug, id));
        this.#forget(id, places);
      });
    });
    this.#parts.tell.removed({ id, bot: { id: graph?.bot ?? '', slug } });
  }

  /** Closes and forgets the conversations of bots that are no more, and finds those of bots that are there again, as after a checkout. */
  async keepOnly(slugs: readonly string[]): Promise<void> {
    if (!this.#places) return;
    const places = await this.#allPlaces();
    for (const [id, owner] of places) {
      if (slugs.includes(owner)) continue;
      const open = await this.#open.get(id)?.catch(() => undefined);
      await this.#letGo(id, async () => {
        if (open) await shut(open);
        this.#forget(id, places);
      });
    }
    const before = this.#bots;
    this.#bots = new Set(slugs);
    for (const slug of slugs) if (!before.has(slug)) await this.#readPlacesOf(slug, places);
  }

  /** The folder of a bot has another name; its conversations moved along. Those that are open are opened again where they lie now. */
  async renamed(from: string, to: string): Promise<void> {
    if (!this.#places) return;
    const places = await this.#allPlaces();
    const moved = [...places].flatMap(([id, owner]) => (owner === from ? id : []));
    for (const id of moved) {
      places.set(id, to);
      this.#headings.forget(id);
    }
    for (const id of moved) {
      const open = await this.#open.get(id)?.catch(() => undefined);
      if (!open) continue;
      await this.#letGo(id, () => shut(open));
      if (this.#isGoing && open.scheduler.isBusy) this.#resume(id);
    }
  }

  /** Carries on what waited when the server stopped. For a server that goes on. */
  begin(): void {
    this.#isGoing = true;
    this.#resuming = setTimeout(() => void this.#resumeAll().catch(() => undefined), RESUME_MS).unref();
  }

  /** Begins nothing new, for good. Settles when what is under way is over, or when the signal is aborted. */
  async drain(signal: AbortSignal): Promise<void> {
    clearTimeout(this.#resuming);
    this.#draining = signal;
    const all = await Promise.allSettled(this.#open.values());
    const open = all.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    await Promise.all(open.map(({ scheduler }) => scheduler.drain(signal)));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#resuming);
    const all = await Promise.allSettled(this.#open.values());
    for (const result of all) {
      if (result.status !== 'fulfilled') continue;
      await result.value.scheduler.close(interrupted).catch(() => undefined);
      await this.#end(result.value).catch(() => undefined);
    }
    this.#open.clear();
    await Promise.allSettled(this.#closing.values());
    await this.reading.flush();
    await this.#headings.close();
  }

  #schedulerOf(conversation: Conversation): Scheduler {
    const scheduler = new Scheduler(this.#parts, conversation);
    if (this.#draining) void scheduler.drain(this.#draining);
    return scheduler;
  }

  async #resumeAll(): Promise<void> {
    for (const [id, slug] of await this.#allPlaces()) {
      if (this.#isClosed || this.#draining) return;
      const heading = await this.#heading(id, slug);
      if (heading?.state === 'running') this.#resume(id);
    }
  }

  #file(slug: string, id: string): string {
    return path.join(this.#home.path, journalOf(slug, id));
  }

  async #heading(id: string, slug: string): Promise<Heading | undefined> {
    const open = await this.#open.get(id)?.catch(() => undefined);
    if (open) return headingOf(open.conversation.graph);
    return this.#headings.get(id, journalOf(slug, id), async () => {
      const { graph } = await this.#read(id, slug);
      return graph && headingOf(graph);
    });
  }

  /** What waited when the server stopped is carried out now. */
  #resume(id: string): void {
    this.get(id).catch((error: unknown) => this.#home.log.warn('A conversation cannot be resumed', { id, error }));
  }

  /** What can be read of a closed conversation, and what stands in the way of the rest. */
  async #read(id: string, slug: string): Promise<ReadJournal> {
    const file = journalOf(slug, id);
    try {
      return await readGraph(file, await this.#home.files.read(file));
    } catch (error) {
      return { problem: problemOf(file, 1, 'error', Fault.from(error).message) };
    }
  }

  #allPlaces(): Promise<Map<string, string>> {
    const places = (this.#places ??= this.#readPlaces());
    // What could not be read now may be readable next time.
    places.catch(() => (this.#places = undefined));
    return places;
  }

  async #readPlaces(): Promise<Map<string, string>> {
    const places = new Map<string, string>();
    for (const { name: slug } of await this.#home.files.list('data')) {
      this.#bots.add(slug);
      await this.#readPlacesOf(slug, places);
    }
    return places;
  }

  async #readPlacesOf(slug: string, places: Map<string, string>): Promise<void> {
    const entries = await this.#home.files.list(`data/${slug}/conversations`).catch((error: unknown) => {
      this.#home.log.warn(`The conversations of ${slug} cannot be listed`, { bot: slug, error });
      return [];
    });
    for (const { name: id, kind } of entries) if (kind === 'folder' && !this.#closing.has(id)) places.set(id, slug);
  }

  /** Closes a conversation in which nothing is under way, and remembers what lists tell of it. */
  async #end({ conversation }: Open): Promise<void> {
    await conversation.close();
    const { graph } = conversation;
    const slug = (await this.#allPlaces()).get(graph.id) ?? graph.slug;
    await this.#headings.learn(graph.id, journalOf(slug, graph.id), headingOf(graph));
  }

  async #closeIdle(): Promise<void> {
    for (const [id, opening] of this.#open) {
      if (this.#open.size <= KEPT_OPEN) return;
      const open = await opening.catch(() => undefined);
      const isUsed = this.#inHand.has(id) || open?.scheduler.isBusy || open?.conversation.hub.isRead;
      if (!open || isUsed || this.#open.get(id) !== opening) continue;
      await this.#letGo(id, () => this.#end(open)).catch((error: unknown) =>
        this.#home.log.warn('A conversation could not be closed', { conversation: id, error }),
      );
    }
  }

  /** Has whoever asks for a conversation wait while this is done with it, and then find it anew. */
  async #letGo(id: string, work: () => Promise<void>): Promise<void> {
    this.#open.delete(id);
    const done = work();
    const over = done.catch(() => undefined).finally(() => this.#closing.delete(id));
    this.#closing.set(id, over);
    await over;
    await done;
  }

  #forget(id: string, places: Map<string, string>): void {
    this.#headings.forget(id);
    this.reading.forget(id);
    this.#inHand.forget(id);
    places.delete(id);
  }
}

async function shut({ scheduler, conversation }: Open): Promise<void> {
  await scheduler.close();
  await conversation.close();
}

/** The journal of a conversation, from the home. */
function journalOf(slug: string, id: string): string {
  return `${folderOf(slug, id)}/journal.jsonl`;
}

function folderOf(slug: string, id: string): string {
  return `data/${slug}/conversations/${id}`;
}

interface ReadJournal {
  readonly graph?: Graph;
  readonly problem?: Problem;
}

/** A graph for the lists: what can be read of a journal; what a crash left running counts as ended once it is opened. */
async function readGraph(file: string, content: Buffer | undefined): Promise<ReadJournal> {
  if (!content) {
    return {
      problem: problemOf(file, 1, 'warning', 'the journal is missing; restore it from a backup, or remove its folder'),
    };
  }
  const { values, goodBytes } = await readJsonLines(content);
  const graph = emptyGraph();
  let line = 0;
  try {
    for (const commit of values as Commit[]) {
      if (line % 1_000 === 999) await nextTurn();
      applyCommit(graph, commit);
      line += 1;
    }
  } catch {
    // told below
  }
  // A conversation that is not open runs nothing: what a crash left running has ended, and opening it writes so.
  for (const node of openNodes(graph).filter(({ state }) => state === 'running')) {
    node.state = 'errored';
    graph.open.delete(node.id);
  }
  const isWhole = line === values.length && goodBytes === content.length;
  const what =
    graph.id === '' ? 'the journal does not say which conversation it is' : 'the journal is damaged from here on';
  const problem = problemOf(file, line + 1, 'error', `${what}; restore it from a backup`);
  return { ...(graph.id !== '' && { graph }), ...((!isWhole || graph.id === '') && { problem }) };
}

function problemOf(file: string, line: number, level: Problem['level'], message: string): Problem {
  return { file, line, column: 1, level, message };
}

function missing(id: string): Fault {
  return new Fault('CONVERSATION_MISSING', `There is no conversation "${id}".`);
}
