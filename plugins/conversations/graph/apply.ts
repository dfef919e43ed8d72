import type { Change, Commit, Graph, GraphNode, Link, NodeBirth } from './graph.ts';
import { isTerminal } from './rules.ts';

/** Carries a commit out on the graph. What it does not know (of a later version) it leaves alone. */
export function applyCommit(graph: Graph, commit: Commit): void {
  graph.seq = commit.seq;
  // What is noted beside a conversation does not move it up in lists.
  const isBeside = commit.changes.every((change) => change.type === 'aside' && change.purpose === 'extraction');
  if (!isBeside || graph.updatedAt === '') graph.updatedAt = commit.at;
  for (const change of commit.changes) applyChange(graph, change, commit.at);
}

function applyChange(graph: Graph, change: Change, at: string): void {
  switch (change.type) {
    case 'conversation':
      Object.assign(graph, { id: change.id, bot: change.bot, slug: change.slug, createdAt: at });
      return;
    case 'origin':
      graph.origin = change.origin;
      return;
    case 'allow':
      graph.allowed.add(change.tool);
      return;
    case 'aside':
      graph.asides.push({ id: change.id, purpose: change.purpose, turn: change.turn, run: change.run });
      return;
    case 'persona':
      graph.persona = change.persona;
      return;
    case 'found':
      for (const tool of change.tools) {
        graph.found.delete(tool);
        graph.found.add(tool);
      }
      return;
    case 'node':
      applyBirth(graph, change.node, at);
      return;
    case 'edge':
    case 'unlink':
      applyEdge(graph, change);
      return;
    case 'compress':
      for (const id of change.nodes) withNode(graph, id, (node) => (node.summary = change.by));
      withNode(graph, change.by, (node) => (node.sums = change.nodes.length));
      return;
    case 'title':
    case 'lane':
    case 'head':
    case 'archive':
    case 'merged':
      applyToLane(graph, change);
      return;
    case 'state':
    case 'output':
    case 'answer':
    case 'result':
    case 'run':
    case 'visibility':
    case 'translation':
    case 'untranslated':
      applyToNode(graph, change, at);
      return;
    default:
      change satisfies never;
  }
}

function applyBirth(graph: Graph, birth: NodeBirth, at: string): void {
  const node: GraphNode = {
    ...birth,
    order: graph.nodes.size,
    text: birth.text ?? '',
    thinking: '',
    reason: null,
    calls: [],
    extra: undefined,
    result: undefined,
    run: undefined,
    translations: [],
    isExcluded: false,
    isDeleted: false,
    summary: undefined,
    sums: 0,
    parents: [],
    children: [],
    createdAt: at,
    finishedAt: isTerminal(birth.state) ? at : null,
  };
  graph.nodes.set(node.id, node);
  if (!isTerminal(node.state)) graph.open.add(node.id);
  const set = graph.versions.get(node.version.set);
  if (set) set.push(node.id);
  else graph.versions.set(node.version.set, [node.id]);
  if (node.retries !== undefined) graph.replaced.add(node.retries);
  if (node.key !== undefined) graph.keys.set(node.key, node.id);
  if (node.state === 'awaiting_approval') graph.news = graph.seq;
  if (node.kind === 'user' && node.version.number === 1) graph.messages += 1;
}

function applyEdge(graph: Graph, { type, from, to, kind }: Extract<Change, { type: 'edge' | 'unlink' }>): void {
  const edit = (links: readonly Link[], node: string): readonly Link[] =>
    type === 'edge' ? [...links, { node, kind }] : links.filter((link) => link.node !== node || link.kind !== kind);
  withNode(graph, from, (node) => (node.children = edit(node.children, to)));
  withNode(graph, to, (node) => (node.parents = edit(node.parents, from)));
}

type LaneChange = Extract<Change, { type: 'title' | 'lane' | 'head' | 'archive' | 'merged' }>;

function applyToLane(graph: Graph, change: LaneChange): void {
  if (change.type === 'lane') {
    const { lane } = change;
    graph.lanes.set(lane.id, { ...lane, head: lane.from, isArchived: false, mergedInto: null });
    return;
  }
  if (change.type === 'title' && change.lane === undefined) {
    // What a person wrote stays, whatever else was on its way.
    if (graph.isNamed && change.by !== 'person') return;
    graph.title = change.title;
    graph.isNamed ||= change.by === 'person';
    return;
  }
  const lane = graph.lanes.get(change.lane ?? '');
  if (!lane) return;
  if (change.type === 'title') lane.title = change.title;
  else if (change.type === 'head') lane.head = change.node;
  else if (change.type === 'archive') lane.isArchived = change.isArchived;
  else lane.mergedInto = change.into;
}

type NodeChange = Extract<
  Change,
  { type: 'state' | 'output' | 'answer' | 'result' | 'run' | 'visibility' | 'translation' | 'untranslated' }
>;

function applyToNode(graph: Graph, change: NodeChange, at: string): void {
  const node = graph.nodes.get(change.node);
  if (!node) return;
  switch (change.type) {
    case 'state':
      node.state = change.state;
      node.reason = change.reason ?? null;
      node.finishedAt = isTerminal(change.state) ? at : null;
      if (isTerminal(change.state)) graph.open.delete(node.id);
      else graph.open.add(node.id);
      if (isNews(node)) graph.news = graph.seq;
      return;
    case 'output':
      node[change.channel] = node[change.channel].slice(0, change.offset) + change.text;
      return;
    case 'answer':
      node.calls = change.calls ?? [];
      node.extra = change.extra;
      return;
    case 'result':
      node.result = {
        text: change.text,
        details: change.details ?? null,
        isError: change.isError,
        durationMs: change.durationMs ?? null,
      };
      return;
    case 'run':
      node.run = { ...node.run, ...change.run };
      return;
    case 'translation': {
      const { translation } = change;
      const others = node.translations.filter(({ language }) => language !== translation.language);
      node.translations = [...others, translation];
      return;
    }
    case 'untranslated':
      node.translations = node.translations.filter(
        ({ language }) => change.language !== undefined && language !== change.language,
      );
      return;
    case 'visibility':
      node.isExcluded = change.excluded ?? node.isExcluded;
      node.isDeleted = change.deleted ?? node.isDeleted;
      return;
    default:
      change satisfies never;
  }
}

/** Whether somebody should see what has just become of a node: an answer is complete or failed, or a person is asked. */
function isNews({ kind, state, calls }: GraphNode): boolean {
  if (state === 'awaiting_approval') return true;
  return kind === 'agent' && (state === 'errored' || (state === 'finished' && calls.length === 0));
}

function withNode(graph: Graph, id: string, work: (node: GraphNode) => unknown): void {
  const node = graph.nodes.get(id);
  if (node) work(node);
}
