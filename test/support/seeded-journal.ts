import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createId } from '../../core/base/ids.ts';
import { append } from '../../plugins/conversations/graph/append.ts';
import { applyCommit } from '../../plugins/conversations/graph/apply.ts';
import { failed, propagated } from '../../plugins/conversations/graph/ending.ts';
import {
  emptyGraph,
  MAIN,
  type Change,
  type Commit,
  type Graph,
  type GraphNode,
  type RunRecord,
} from '../../plugins/conversations/graph/graph.ts';
import { moved, nodeOf } from '../../plugins/conversations/graph/rules.ts';
import { callTools } from '../../plugins/conversations/graph/steps.ts';

/** The bot that a conversation is with. */
export interface SeededOwner {
  readonly id: string;
  readonly slug: string;
}

/** How an answer came to be. */
export interface SeededAnswer {
  readonly thinking?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly run?: Partial<RunRecord>;
}

/** Rest between two lines of a journal, in milliseconds. */
const STEP_MS = 1_500;

/** A conversation written as the engine writes it, without the engine: the operations are the real ones, the time is told. */
export class SeededJournal {
  readonly id = createId();
  readonly graph: Graph = emptyGraph();
  readonly #lines: string[] = [];
  readonly #owner: SeededOwner;
  #at: number;

  constructor(owner: SeededOwner, title: string, beganMs: number) {
    this.#owner = owner;
    this.#at = beganMs;
    this.commit([{ type: 'conversation', id: this.id, bot: owner.id, slug: owner.slug }]);
    if (title !== '') this.commit([{ type: 'title', title, by: 'model' }]);
  }

  /** When its last line was written. */
  get at(): number {
    return this.#at;
  }

  /** Lets time go by. */
  wait(ms: number): void {
    this.#at += ms;
  }

  commit(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const commit: Commit = { v: 1, seq: this.graph.seq + 1, at: new Date(this.#at).toISOString(), changes };
    this.#at += STEP_MS;
    this.#lines.push(`${JSON.stringify(commit)}\n`);
    applyCommit(this.graph, commit);
  }

  node(id: string): GraphNode {
    return nodeOf(this.graph, id);
  }

  /** A message of a person; the id of the node that waits for the answer. */
  say(text: string, lane = MAIN): string {
    const { changes, made } = append(this.graph, { text, lane }, 'queue', createId);
    this.commit(changes);
    return made.reply;
  }

  begin(id: string): void {
    this.commit([
      { type: 'run', node: id, run: { ...this.#run(id), state: 'running' } },
      ...moved(this.node(id), 'running'),
    ]);
  }

  answer(id: string, text: string, { thinking, model = 'demo', provider = 'demo', run }: SeededAnswer = {}): void {
    this.begin(id);
    const usage = { input: 900 + text.length, output: Math.ceil(text.length / 4), cacheRead: 400, cacheWrite: null };
    this.commit([
      ...(thinking === undefined
        ? []
        : [{ type: 'output' as const, node: id, channel: 'thinking' as const, offset: 0, text: thinking }]),
      { type: 'output', node: id, channel: 'text', offset: 0, text },
      {
        type: 'run',
        node: id,
        run: {
          ...this.#run(id),
          state: 'succeeded',
          model,
          provider,
          usage: { ...usage, cost: 0.0004 },
          firstTokenMs: 320,
          durationMs: STEP_MS,
          ...run,
        },
      },
      ...moved(this.node(id), 'finished'),
    ]);
  }

  /** The answer asks for tools; the ids of the calls and of the answer behind them. */
  call(
    id: string,
    calls: readonly { readonly name: string; readonly arguments: object; readonly waits?: boolean }[],
  ): { readonly tasks: string[]; readonly next: string } {
    this.begin(id);
    const planned = calls.map(({ name, arguments: given, waits }, at) => ({
      call: { id: `call-${at}`, name, arguments: JSON.stringify(given) },
      ...(waits && { approval: { required: true } }),
    }));
    const { changes, next } = callTools(this.graph, this.node(id), planned, createId);
    this.commit([
      { type: 'answer', node: id, calls: planned.map(({ call }) => call) },
      ...changes,
      { type: 'run', node: id, run: { ...this.#run(id), state: 'succeeded', model: 'demo', provider: 'demo' } },
      ...moved(this.node(id), 'finished'),
    ]);
    const tasks = changes.flatMap((change) =>
      change.type === 'node' && change.node.kind === 'task' ? [change.node.id] : [],
    );
    return { tasks, next };
  }

  result(id: string, text: string, isError = false): void {
    this.commit(moved(this.node(id), 'running'));
    this.commit([
      { type: 'result', node: id, text, isError, durationMs: 240 },
      ...moved(this.node(id), isError ? 'errored' : 'finished', isError ? 'The tool failed.' : undefined),
    ]);
  }

  fail(id: string, code: string, message: string): void {
    this.begin(id);
    this.commit(failed(this.node(id), { code, message, hint: 'Try again, or choose another model.' }));
    this.commit(propagated(this.graph));
  }

  /** Writes it into a home. `seen`: up to which line people have read it, by person. `damaged`: one line in the middle is broken. */
  async write(
    home: string,
    {
      seen,
      isDamaged = false,
    }: { readonly seen?: Readonly<Record<string, number>>; readonly isDamaged?: boolean } = {},
  ): Promise<void> {
    const folder = path.join(home, 'data', this.#owner.slug, 'conversations', this.id);
    const lines = isDamaged ? this.#lines.toSpliced(1, 1, '{"v":1,"seq":2,"at":"20\n') : this.#lines;
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'journal.jsonl'), lines.join(''));
    if (seen) await writeFile(path.join(folder, 'read.json'), `${JSON.stringify({ v: 1, people: seen })}\n`);
  }

  #run(id: string): Pick<RunRecord, 'attempt' | 'queuedAt' | 'startedAt'> {
    const at = new Date(this.#at).toISOString();
    return { attempt: this.node(id).run?.attempt ?? 1, queuedAt: at, startedAt: at };
  }
}
