import { covers, defineAction, Fault, z, type Bots } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import type { Aside, Graph, GraphNode } from '../graph/graph.ts';
import { runOf } from '../present.ts';
import { nodeState, runView } from '../views.ts';
import { botOf } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'runs.list': ReturnType<typeof listRuns>;
    'runs.show': ReturnType<typeof showRun>;
  }
}

/** Conversations that are looked through for runs, the latest ones. */
const LOOKED_THROUGH = 50;

const run = runView.extend({
  id: z.string().describe('Id of the node that holds the answer'),
  purpose: z
    .enum(['answer', 'title', 'extraction'])
    .describe('title: the conversation was given one. extraction: something was learned from it'),
  conversation: z.string(),
  bot: z.string().describe('Slug of the bot'),
  turn: z.string(),
  queuedAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
});

const section = z.object({
  id: z.string(),
  stability: z.enum(['prefix', 'tail']).describe('prefix: the same bytes in every turn until a file changes'),
  bytes: z.number(),
  tokens: z.number().describe('Estimated'),
  sha256: z.string(),
  tools: z.number().optional().describe('How many tools the block holds'),
});

const context = z
  .object({
    tokens: z.number(),
    limit: z.number(),
    trimmed: z.number(),
    compacted: z.number(),
    before: z.number().exactOptional(),
  })
  .describe(
    'Estimated tokens of the prompt, how many it might have, results that were cut, messages that were summed up for it, tokens before that',
  );

const attempt = z
  .object({ model: z.string(), provider: z.string(), why: z.string(), message: z.string() })
  .describe('A model that was asked before the one that answered, or passed over');

const step = z
  .object({
    id: z.string(),
    kind: z.enum(['answer', 'tool']),
    name: z.string().nullable().describe('Of the tool; of the model'),
    state: nodeState,
    isError: z.boolean(),
    durationMs: z.number().nullable(),
  })
  .describe('An answer, or a call of a tool that one asked for');

export function listRuns(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'runs.list',
    summary: 'Lists what turns cost: each answer of a model with its state, model, usage and times, latest first.',
    permission: 'bots:use',
    http: 'GET /runs',
    cli: 'run list [bot]',
    listsBots: true,
    columns: ['id', 'bot', 'state', 'model', 'usage.input', 'usage.output', 'durationMs'],
    examples: ['bnity run list assistant', 'bnity run list --conversation 019… --json'],
    input: z.strictObject({
      bot: z.string().min(1).optional().describe('Only those of this bot'),
      conversation: z.string().min(1).optional(),
      state: runView.shape.state.optional(),
      limit: z.number().int().min(1).max(1000).default(50),
    }),
    output: z.object({ runs: z.array(run) }),
    async run(input, { caller }) {
      const slug = input.bot === undefined ? undefined : (await bots.get(input.bot)).slug;
      const headings = (await store.list(slug))
        .filter((each) => covers(caller.grants, 'bots:use', [each.slug, each.bot]))
        .filter((each) => input.conversation === undefined || each.id === input.conversation);
      if (input.conversation !== undefined && headings.length === 0)
        throw new Fault('CONVERSATION_MISSING', `There is no conversation "${input.conversation}".`);
      const runs: z.infer<typeof run>[] = [];
      for (const heading of headings.slice(0, LOOKED_THROUGH)) {
        // Of one that is damaged, what can be read.
        const open = await store.get(heading.id).catch(() => undefined);
        const graph = open?.conversation.graph ?? (await store.graphOf(heading.id));
        if (!graph) continue;
        runs.push(...rowsOf(graph).filter((each) => (input.state ?? each.state) === each.state));
        if (runs.length >= input.limit) break;
      }
      return { runs: runs.slice(0, input.limit) };
    },
  });
}

export function showRun(store: ConversationStore) {
  return defineAction({
    name: 'runs.show',
    summary: 'Shows one run, with what each section of its prompt weighed; never the text.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'GET /conversations/{conversation}/runs/{run}',
    cli: 'run show <conversation> <run>',
    examples: ['bnity run show 019… 019…'],
    input: z.strictObject({ conversation: z.string().min(1), run: z.string().min(1).describe('Id of the answer') }),
    output: run.extend({
      prompt: z.array(section),
      recalled: z.array(z.string()).describe('Ids of the memories that stood in the prompt'),
      context: context.nullable(),
      attempts: z.array(attempt),
      steps: z.array(step).describe('All of its turn, in order'),
    }),
    async run(input) {
      const { graph } = (await store.get(input.conversation)).conversation;
      const node = graph.nodes.get(input.run) ?? asAnswer(graph.asides.find(({ id }) => id === input.run));
      const [row] = node ? rowOf(graph, node) : [];
      if (!row) throw new Fault('NODE_MISSING', `This conversation has no run "${input.run}".`);
      const { prompt = [], context: weight = null, attempts = [], recalled = [] } = node?.run ?? {};
      const steps = [...graph.nodes.values()].filter(({ turn }) => turn === row.turn).flatMap(stepOf);
      return { ...row, prompt: [...prompt], recalled: [...recalled], context: weight, attempts: [...attempts], steps };
    },
  });
}

function stepOf({ id, state, run: answer, call, result, isDeleted }: GraphNode): z.infer<typeof step>[] {
  if (isDeleted) return [];
  if (call) {
    const { isError = false, durationMs = null } = result ?? {};
    return [{ id, kind: 'tool', name: call.name, state, isError: isError || state === 'errored', durationMs }];
  }
  if (!answer) return [];
  const { model = null, durationMs = null } = answer;
  return [{ id, kind: 'answer', name: model, state, isError: state === 'errored', durationMs }];
}

/** Latest first. */
function rowsOf(graph: Graph): z.infer<typeof run>[] {
  const nodes = [...graph.nodes.values()].filter((node) => node.run);
  const rows = [...nodes, ...graph.asides.flatMap((aside) => asAnswer(aside) ?? [])].flatMap((each) =>
    rowOf(graph, each),
  );
  return rows.toReversed().toSorted((a, b) => Number(a.queuedAt < b.queuedAt) - Number(a.queuedAt > b.queuedAt));
}

type Ran = Pick<GraphNode, 'id' | 'turn' | 'run' | 'createdAt' | 'finishedAt'> & Partial<Pick<Aside, 'purpose'>>;

function asAnswer(aside: Aside | undefined): Ran | undefined {
  if (!aside) return undefined;
  const { startedAt = '', endedAt = null } = aside.run;
  return { ...aside, createdAt: startedAt, finishedAt: endedAt };
}

function rowOf(graph: Graph, node: Ran): z.infer<typeof run>[] {
  const view = runOf(node);
  if (!view || !node.run) return [];
  const { queuedAt = node.createdAt, startedAt = null, endedAt = node.finishedAt } = node.run;
  return [
    {
      ...view,
      id: node.id,
      purpose: node.purpose ?? 'answer',
      conversation: graph.id,
      bot: graph.slug,
      turn: node.turn,
      queuedAt,
      startedAt,
      endedAt,
    },
  ];
}
