import { setImmediate as nextTurn } from 'node:timers/promises';
import { Fault, Hub, openJournal, redactor, systemClock, timestamp, type Journal, type Log } from 'boternity';
import { applyCommit } from '../graph/apply.ts';
import { failed } from '../graph/ending.ts';
import { emptyGraph, type Change, type Commit, type Graph, type GraphNode } from '../graph/graph.ts';
import { openNodes } from '../graph/path.ts';
import { isTerminal } from '../graph/rules.ts';
import { interrupted as unfinished } from '../graph/translations.ts';
import { nodeEvent } from '../present.ts';
import type { ConversationNews } from '../views.ts';

/** Streamed text is journalled when this much of it has come … */
const OUTPUT_BYTES = 1024;
/** … or this long after it came, in milliseconds. */
const OUTPUT_MS = 250;
/** Lines of a journal after which others get a turn. */
const APPLIED_AT_ONCE = 1_000;

/** Hears what a commit changed. */
export type TellHouse = (graph: Graph, news: readonly ConversationNews[]) => void;

type Output = Extract<Change, { type: 'output' }>;

interface Streamed {
  offset: number;
  text: string;
}

/** One open conversation: its graph, its journal and its live events. Every change goes to the journal first. */
export class Conversation {
  readonly graph: Graph;
  readonly hub: Hub<ConversationNews>;
  readonly #journal: Journal;
  readonly #tellHouse: TellHouse;
  /** Text that readers have and the journal has not, by node and channel. */
  readonly #unsaved = new Map<string, Streamed>();
  #lastSeq: number;
  #isClosed = false;
  #saver: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();
  #committing: Promise<void> = Promise.resolve();

  private constructor(graph: Graph, journal: Journal, tellHouse: TellHouse) {
    this.graph = graph;
    this.#journal = journal;
    this.#tellHouse = tellHouse;
    this.#lastSeq = graph.seq;
    this.hub = new Hub({ conversation: graph.id });
  }

  /** Opens a journal. What ran when the server stopped ends here as failed, what waited goes on waiting; a torn last line is cut off. */
  static async open(file: string, log: Log, tellHouse: TellHouse): Promise<Conversation> {
    const { journal, values, torn } = await openJournal(file);
    if (torn) log.warn(`The last line of ${file} was torn and is cut off`, { bytes: torn.bytes });
    const graph = emptyGraph();
    for (const [at, commit] of (values as Commit[]).entries()) {
      if (at % APPLIED_AT_ONCE === 0) await nextTurn();
      try {
        applyCommit(graph, commit);
      } catch (cause) {
        throw new Fault('JOURNAL_TORN', `${file} is damaged: line ${at + 1} is no entry of a conversation.`, { cause });
      }
    }
    if (graph.id === '') throw new Fault('JOURNAL_TORN', `${file} does not say which conversation it is.`);
    const conversation = new Conversation(graph, journal, tellHouse);
    const crashed = openNodes(graph).filter(({ state }) => state === 'running');
    const { code, message, hint } = interrupted;
    const changes = [...crashed.flatMap((node) => failed(node, { code, message, hint })), ...unfinished(graph)];
    await conversation.commit(changes).catch((error: unknown) => {
      // What is there can be read all the same, and the next one who opens it finds the same.
      log.warn('What a crash left unfinished cannot be written', { file, error });
      conversation.apply({ changes, at: timestamp(systemClock), seq: graph.seq });
    });
    return conversation;
  }

  static async create(
    file: string,
    bot: { readonly id: string; readonly slug: string },
    id: string,
    tellHouse: TellHouse,
  ): Promise<Conversation> {
    const { journal } = await openJournal(file);
    const conversation = new Conversation(Object.assign(emptyGraph(), { id }), journal, tellHouse);
    await conversation.commit([{ type: 'conversation', id, bot: bot.id, slug: bot.slug }]);
    return conversation;
  }

  /**
   * Writes changes as one line, then carries them out and tells the readers; one commit after the other. A function makes its
   * changes from the graph as all earlier commits left it. Rejects, with nothing changed, when the disk refuses. `isReshaped` tells
   * the readers that the page is another one than its nodes can tell.
   */
  commit(changes: readonly Change[] | ((graph: Graph) => readonly Change[]), isReshaped = false): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Fault('SCOPE_CLOSED', 'The conversation was closed a moment ago.'));
    const done = this.#committing.then(() =>
      this.#commit(typeof changes === 'function' ? changes(this.graph) : changes, isReshaped),
    );
    this.#committing = done.catch(() => undefined);
    return done;
  }

  async #commit(changes: readonly Change[], isReshaped: boolean): Promise<void> {
    if (changes.length === 0) return;
    const streamed = this.#takeUnsaved();
    const line = this.#line([...streamed, ...changes]);
    try {
      await this.#journal.append(line);
    } catch (error) {
      this.#giveBack(streamed);
      throw error;
    }
    this.apply({ ...line, changes });
    if (isReshaped) this.hub.emit({ type: 'page' });
  }

  /** Carries changes out and tells the readers, without the journal: for what a full disk refuses to remember. */
  apply(commit: Pick<Commit, 'changes' | 'at' | 'seq'>): void {
    // As the journal has them, so that lengths and texts are the same for readers of either.
    const changes = redactor.value(commit.changes);
    const news: ConversationNews[] = changes.flatMap((change) =>
      change.type === 'title' && change.lane === undefined ? [{ type: 'title' as const, title: change.title }] : [],
    );
    const before = new Map(touched(changes).map((id) => [id, this.graph.nodes.get(id)?.state ?? null]));
    applyCommit(this.graph, { v: 1, ...commit, changes });
    for (const [id, from] of before) {
      const node = this.graph.nodes.get(id);
      if (node && !node.opens) news.push(nodeEvent(this.graph, node, from));
    }
    for (const each of news) this.hub.emit(each);
    this.#tellHouse(this.graph, news);
  }

  /** Adds streamed text: to readers at once, to the journal within a quarter of a second or a kilobyte. What has ended stays as it is. */
  stream(node: GraphNode, channel: 'text' | 'thinking', text: string): void {
    if (isTerminal(node.state)) return;
    const offset = node[channel].length;
    node[channel] += text;
    this.hub.emit({ type: 'delta', node: node.id, lane: node.lane, channel, offset, text });
    const key = `${node.id} ${channel}`;
    const unsaved = this.#unsaved.get(key);
    if (unsaved) unsaved.text += text;
    else this.#unsaved.set(key, { offset, text });
    if ((unsaved?.text.length ?? text.length) >= OUTPUT_BYTES) this.#saveOutput();
    else this.#saver ??= setTimeout(() => this.#saveOutput(), OUTPUT_MS);
  }

  /** Writes what is left and lets go of file and readers. Nothing can be committed from here on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#committing;
    this.#saveOutput();
    await this.#saving;
    this.hub.close();
    await this.#journal[Symbol.asyncDispose]();
  }

  #saveOutput(): void {
    clearTimeout(this.#saver);
    this.#saver = undefined;
    if (this.#unsaved.size === 0) return;
    const streamed = this.#takeUnsaved();
    // A failed write is met again by the commit that ends the node; that one is answered for.
    this.#saving = this.#journal.append(this.#line(streamed)).catch(() => this.#giveBack(streamed));
  }

  #line(changes: readonly Change[]): Commit {
    this.#lastSeq += 1;
    return { v: 1, seq: this.#lastSeq, at: timestamp(systemClock), changes };
  }

  /** What the disk refused goes with the next line: all text from there on, because later pieces may have been written without it. */
  #giveBack(changes: readonly Output[]): void {
    for (const { node, channel, offset } of changes) {
      const key = `${node} ${channel}`;
      const from = Math.min(offset, this.#unsaved.get(key)?.offset ?? offset);
      const text = this.graph.nodes.get(node)?.[channel].slice(from);
      if (text) this.#unsaved.set(key, { offset: from, text });
    }
    if (!this.#isClosed) this.#saver ??= setTimeout(() => this.#saveOutput(), OUTPUT_MS);
  }

  #takeUnsaved(): Output[] {
    clearTimeout(this.#saver);
    this.#saver = undefined;
    const changes = [...this.#unsaved].map(([key, { offset, text }]): Output => {
      const [node = '', channel] = key.split(' ');
      return { type: 'output', node, channel: channel as 'text' | 'thinking', offset, text };
    });
    this.#unsaved.clear();
    return changes;
  }
}

function touched(changes: readonly Change[]): string[] {
  const ids = changes.flatMap((change) => {
    if (change.type === 'node') return [change.node.id];
    return isTold(change) ? [change.node] : [];
  });
  return [...new Set(ids)];
}

function isTold(change: Change): change is Extract<Change, { type: (typeof told)[number] }> {
  return told.some((type) => type === change.type);
}

/** Changes of a node that its readers are told of. */
const told = ['state', 'result', 'run', 'translation', 'untranslated'] as const;

/** Why something failed that the server would have done if it had not stopped. */
export const interrupted = new Fault('INTERRUPTED', 'The server stopped before this was finished.', {
  hint: 'Try it again.',
});
