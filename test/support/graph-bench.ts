import { append, type InputPolicy } from '../../plugins/conversations/graph/append.ts';
import { applyCommit } from '../../plugins/conversations/graph/apply.ts';
import { DENIED, failed, propagated, stopped } from '../../plugins/conversations/graph/ending.ts';
import {
  emptyGraph,
  MAIN,
  type Change,
  type Commit,
  type Graph,
  type GraphNode,
} from '../../plugins/conversations/graph/graph.ts';
import { archive, branch, exclude, merge, remove } from '../../plugins/conversations/graph/lanes.ts';
import { isReady, openNodes, pathOf } from '../../plugins/conversations/graph/path.ts';
import { laneOf, moved } from '../../plugins/conversations/graph/rules.ts';
import { greet } from '../../plugins/conversations/graph/greet.ts';
import { callTools } from '../../plugins/conversations/graph/steps.ts';
import { interrupted, translatable, translated, untranslated } from '../../plugins/conversations/graph/translations.ts';
import { edit, regenerate, retry, select } from '../../plugins/conversations/graph/versions.ts';

/** A conversation without disk or models: the operations are the real ones, what a model would do is told by the test. */
export class GraphBench {
  readonly graph: Graph = emptyGraph();
  readonly journal: string[] = [];
  #ids = 0;

  constructor() {
    this.commit([{ type: 'conversation', id: 'c', bot: 'b', slug: 'ada' }]);
  }

  readonly newId = (): string => `n${(this.#ids += 1)}`;

  commit(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const commit: Commit = { v: 1, seq: this.graph.seq + 1, at: `t${this.graph.seq + 1}`, changes };
    this.journal.push(JSON.stringify(commit));
    applyCommit(this.graph, JSON.parse(JSON.stringify(commit)) as Commit);
    this.commit(propagated(this.graph));
  }

  send(text: string, lane = MAIN, policy: InputPolicy = 'queue'): { message: string; reply: string } {
    const { changes, made } = append(this.graph, { text, lane }, policy, this.newId);
    this.commit(changes);
    return made;
  }

  node(id: string): GraphNode {
    const node = this.graph.nodes.get(id);
    if (!node) throw new Error(`no ${id}`);
    return node;
  }

  ready(): GraphNode[] {
    return openNodes(this.graph).filter((node) => node.state === 'pending' && isReady(this.graph, node));
  }

  begin(node: GraphNode): void {
    const run: Change[] =
      node.kind === 'agent'
        ? [{ type: 'run', node: node.id, run: { attempt: node.run?.attempt ?? 1, state: 'running' } }]
        : [];
    this.commit([...run, ...moved(node, 'running')]);
  }

  finish(node: GraphNode, text = `answer ${node.id}`): void {
    const run: Change[] =
      node.kind === 'agent'
        ? [{ type: 'run', node: node.id, run: { attempt: node.run?.attempt ?? 1, state: 'succeeded' } }]
        : [];
    this.commit([
      { type: 'output', node: node.id, channel: 'text', offset: 0, text },
      ...run,
      ...moved(node, 'finished'),
    ]);
  }

  call(node: GraphNode, approvals: readonly (boolean | undefined)[]): string {
    const planned = approvals.map((required, at) => ({
      call: { id: `call${at}`, name: 'tool', arguments: '{}' },
      ...(required !== undefined && { approval: { required } }),
    }));
    const { changes, next } = callTools(this.graph, node, planned, this.newId);
    this.commit([
      ...changes,
      { type: 'run', node: node.id, run: { attempt: 1, state: 'succeeded' } },
      ...moved(node, 'finished'),
    ]);
    return next;
  }

  /** Runs everything that can run to its end. */
  settle(): void {
    for (let [node] = this.ready(); node; [node] = this.ready()) {
      this.begin(node);
      this.finish(node);
    }
  }

  texts(lane = MAIN): string[] {
    return pathOf(this.graph, laneOf(this.graph, lane)).map((node) => node.text);
  }

  replayed(): Graph {
    const graph = emptyGraph();
    for (const line of this.journal) applyCommit(graph, JSON.parse(line) as Commit);
    return graph;
  }
}

/** Everybody answers, every model ends. */
export function endAll(bench: GraphBench): void {
  const asked = (): GraphNode[] => openNodes(bench.graph).filter(({ state }) => state === 'awaiting_approval');
  const running = (): GraphNode[] => openNodes(bench.graph).filter(({ state }) => state === 'running');
  for (let round = 0; round < 100; round += 1) {
    for (const node of running()) bench.finish(node);
    for (const node of asked()) bench.commit(moved(node, 'pending'));
    bench.settle();
    if (running().length + asked().length === 0) return;
  }
}

/** One of all the things that can happen, to one of all the nodes. What cannot be done throws a fault. */
export function doSomething(
  bench: GraphBench,
  { what, which, other }: { what: number; which: number; other: number },
): void {
  const { graph, newId } = bench;
  const nodes = [...graph.nodes.values()];
  const lanes = [...graph.lanes.values()];
  const node = nodes[which % Math.max(nodes.length, 1)];
  const lane = lanes[other % lanes.length] ?? laneOf(graph, MAIN);
  const ready = bench.ready();
  const running = openNodes(graph).filter(({ state }) => state === 'running');
  const asked = openNodes(graph).filter(({ state }) => state === 'awaiting_approval');
  const one = <T>(from: readonly T[]): T | undefined => from[which % Math.max(from.length, 1)];
  const policies: InputPolicy[] = ['queue', 'restart', 'refuse-stale'];
  const act = <T>(target: T | undefined, work: (target: T) => readonly Change[] | void): void => {
    const changes = target === undefined ? undefined : work(target);
    if (changes) bench.commit(changes);
  };
  const what2 = [
    () => bench.send(`m${which}`, lane.id, policies[which % 3]),
    () => act(one(ready), (each) => bench.begin(each)),
    () => act(one(running), (each) => bench.finish(each)),
    () =>
      act(
        one(running.filter(({ kind }) => kind === 'agent')),
        (each) => void bench.call(each, [[undefined], [true], [false, undefined]][other % 3] ?? []),
      ),
    () => act(one(running), (each) => failed(each, { code: 'X', message: 'broken', hint: '' })),
    () => act(one(openNodes(graph)), (each) => stopped(each, 'stop')),
    () => act(one(asked), (each) => moved(each, other % 2 ? 'pending' : 'rejected', other % 2 ? undefined : DENIED)),
    () => act(node, (each) => retry(graph, each.id, newId).changes),
    () => act(node, (each) => regenerate(graph, each.id, newId).changes),
    () => act(node, (each) => edit(graph, each.id, `e${other}`, newId).changes),
    () => act(node, (each) => select(graph, each.id, other % 2 ? 'next' : (other % 3) + 1).changes),
    () =>
      act(
        node,
        (each) =>
          branch(
            graph,
            {
              from: each.id,
              kind: (['branch', 'thread', 'checkpoint'] as const)[other % 3] ?? 'branch',
              title: '',
              ...(other % 2 && { text: 'aside' }),
            },
            newId,
          ).changes,
      ),
    () => act(one(lanes), (each) => merge(graph, [each.id], lane.id, newId).changes),
    () => act(lane, (each) => archive(graph, each.id, which % 2 === 0)),
    () => act(node, (each) => exclude(graph, each.id, other % 2 === 0)),
    () => act(node, (each) => remove(graph, each.id, other % 2 === 0)),
    // A crash: what ran has failed, what waited goes on, an answer of a person is still awaited.
    () =>
      act(graph, () => [
        ...running.flatMap((each) => failed(each, { code: 'INTERRUPTED', message: 'crash', hint: '' })),
        ...interrupted(graph),
      ]),
    () =>
      act(node, (each): Change[] => {
        const language = ['German', 'French'][other % 2] ?? '';
        const asked = translatable(graph, each.id, language);
        return [{ type: 'translation', node: asked.id, translation: { language, state: 'pending', text: '' } }];
      }),
    () =>
      act(node, (each) => {
        const language = ['German', 'French'][other % 2] ?? '';
        if (other % 3 === 0) return untranslated(graph, each.id, language);
        return translated(each, { language, state: other % 3 === 1 ? 'done' : 'failed', text: `t${other}` });
      }),
    () => bench.settle(),
    () => act(graph, () => greet(graph, other % 2 ? 'Hello.' : undefined, newId)?.changes),
  ][what];
  what2?.();
}
