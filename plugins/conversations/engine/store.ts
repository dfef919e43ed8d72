import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createId, Fault, readJsonLines, type Bot, type Home, type Problem } from 'boternity';
import { Conversation } from './conversation.ts';
import { applyCommit } from '../graph/apply.ts';
import { emptyGraph, type Commit, type Graph } from '../graph/graph.ts';
import { openNodes } from '../graph/path.ts';
import { factsOf, type Tell } from '../facts.ts';
import { headingOf, type Heading } from '../present.ts';
import { FinderSlot } from './finder-slot.ts';
import { Headings } from './headings.ts';
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
  readonly #home: Home;
  readonly #parts: EngineParts;
  readonly #open = new Map<string, Promise<Open>>();
  /** Those that write their last line; they can be opened again afterwards. */
  readonly #closing = new Map<string, Promise<void>>();
  /** Id → slug of the bot whose data it lies in. */
  #places: Promise<Map<string, string>> | undefined;
  readonly #headings: Headings;
  #isClosed = false;
  /** Whether what waits is carried on. A command that only looks, without a server, begins nothing that would end with it. */
  #isGoing = false;
  #resuming: NodeJS.Timeout | undefined;

  constructor(home: Home, parts: EngineParts) {
    this.#home = home;
    this.#parts = parts;
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
    const open = { conversation, scheduler: new Scheduler(this.#parts, conversation) };
    places.set(id, bot.slug);
    this.#open.set(id, Promise.resolve(open));
    void this.#closeIdle();
    return open;
  }

  /** The conversation with this id, open. Throws CONVERSATION_MISSING. */
  async get(id: string): Promise<Open> {
    const known = this.#open.get(id);
    if (known) {
      this.#open.delete(id);
      this.#open.set(id, known);
      return known;
    }
    const slug = (await this.#allPlaces()).get(id);
    if (slug === undefined) throw missing(id);
    await this.#closing.get(id);
    const raced = this.#open.get(id);
    if (raced) return raced;
    this.#headings.forget(id);
    const opening = (async () => {
      const conversation = await Conversation.open(this.#file(slug, id), this.#home.log, factsOf(this.#parts.tell));
      const scheduler = new Scheduler(this.#parts, conversation);
      if (this.#isGoing) scheduler.kick();
      return { conversation, scheduler };
    })();
    this.#open.set(id, opening);
    opening.catch(() => this.#open.delete(id));
    void this.#closeIdle();
    return opening;
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
    return headings.filter((heading) => heading !== undefined).toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
  }

  /** A conversation as it is now: live when it is open, else as its journal tells it. Undefined when it cannot be read. */
  async graphOf(id: string): Promise<Graph | undefined> {
    const open = await this.#open.get(id)?.catch(() => undefined);
    if (open) return open.conversation.graph;
    const slug = await this.botOf(id);
    return slug === undefined ? undefined : (await this.#read(id, slug)).graph;
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

  async remove(id: string): Promise<void> {
    const { conversation, scheduler } = await this.get(id);
    const places = await this.#allPlaces();
    const owner = places.get(id);
    if (owner === undefined) throw missing(id);
    // Nobody finds it from here on: a reader that is sent away and comes back at once must not open it again.
    places.delete(id);
    this.#open.delete(id);
    try {
      await scheduler.close();
      await conversation.close();
      await this.#home.files.remove(folderOf(owner, id));
    } catch (error) {
      places.set(id, owner);
      throw error;
    } finally {
      this.#headings.forget(id);
      this.reading.forget(id);
    }
    const { bot, slug } = conversation.graph;
    this.#parts.tell.removed({ id, bot: { id: bot, slug } });
  }

  /** Closes and forgets the conversations of bots that are no more. */
  async keepOnly(slugs: readonly string[]): Promise<void> {
    if (!this.#places) return;
    const places = await this.#allPlaces();
    for (const [id, owner] of places) {
      if (slugs.includes(owner)) continue;
      const opened = this.#open.get(id);
      places.delete(id);
      this.#open.delete(id);
      const open = await opened?.catch(() => undefined);
      await open?.scheduler.close();
      await open?.conversation.close();
      this.#headings.forget(id);
      this.reading.forget(id);
    }
  }

  /** The folder of a bot has another name; its conversations moved along. Those that are open are opened again where they lie now. */
  async renamed(from: string, to: string): Promise<void> {
    if (!this.#places) return;
    const places = await this.#allPlaces();
    for (const [id, owner] of places) {
      if (owner !== from) continue;
      const open = await this.#open.get(id)?.catch(() => undefined);
      await open?.scheduler.close();
      await open?.conversation.close();
      this.#open.delete(id);
      this.#headings.forget(id);
      places.set(id, to);
    }
  }

  /** Carries on what waited when the server stopped. For a server that goes on. */
  begin(): void {
    this.#isGoing = true;
    this.#resuming = setTimeout(() => void this.#resumeAll().catch(() => undefined), RESUME_MS).unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#resuming);
    const all = await Promise.allSettled(this.#open.values());
    for (const result of all) {
      if (result.status !== 'fulfilled') continue;
      await result.value.scheduler.close().catch(() => undefined);
      await this.#end(result.value).catch(() => undefined);
    }
    this.#open.clear();
    await this.reading.flush();
    await this.#headings.close();
  }

  async #resumeAll(): Promise<void> {
    for (const [id, slug] of await this.#allPlaces()) {
      if (this.#isClosed) return;
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
    const heading = await this.#headings.get(id, journalOf(slug, id), async () => {
      const { graph } = await this.#read(id, slug);
      return graph && headingOf(graph);
    });
    return heading;
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
    const { files } = this.#home;
    const places = new Map<string, string>();
    for (const { name: slug } of await files.list('data')) {
      const entries = await files.list(`data/${slug}/conversations`).catch((error: unknown) => {
        this.#home.log.warn(`The conversations of ${slug} cannot be listed`, { error });
        return [];
      });
      for (const { name: id, kind } of entries) if (kind === 'folder') places.set(id, slug);
    }
    return places;
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
      if (!open || this.#open.get(id) !== opening || open.scheduler.isBusy || open.conversation.hub.isRead) continue;
      this.#open.delete(id);
      const closed = this.#end(open).finally(() => this.#closing.delete(id));
      this.#closing.set(id, closed);
      await closed;
    }
  }
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
