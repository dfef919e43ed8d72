import type { Attempt, SectionAccount, ToolCall, Usage } from 'boternity';

/** What a node is: words of a person, an answer of a bot, a call of a tool, words of nobody, a summary of nodes before it. */
export type NodeKind = 'user' | 'agent' | 'task' | 'system' | 'summary';

/** States of a node. Only agent and task nodes can be in one of the first three. */
export type NodeState =
  | 'pending'
  | 'awaiting_approval'
  | 'running'
  | 'finished'
  | 'errored'
  | 'rejected'
  | 'skipped'
  | 'stopped';

/**
 * `sequence`: the child waits until the parent has ended, however. `dependency`: until it has finished; where it ends otherwise the
 * child is skipped. `branch`: tells where something came from; nobody waits for it.
 */
export type EdgeKind = 'sequence' | 'dependency' | 'branch';

export type LaneKind = 'main' | 'branch' | 'thread' | 'checkpoint';

/** The lane that every conversation begins with. */
export const MAIN = 'main';

export interface RunRecord {
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';
  readonly attempt: number;
  readonly queuedAt?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly usage?: Usage;
  readonly firstTokenMs?: number;
  readonly durationMs?: number;
  /** Commit of the bot's repository that the run used; a digest of its files where there is no history. */
  readonly botVersion?: string;
  /** What the person should know beside the answer. */
  readonly notices?: readonly { readonly code: string; readonly message: string }[];
  /** Weight of each section of the prompt. Never the text. */
  readonly prompt?: readonly SectionAccount[];
  /** What was done so that the prompt fits: estimated tokens, how many it may have, results cut, nodes summed up. */
  readonly context?: {
    readonly tokens: number;
    readonly limit: number;
    readonly trimmed: number;
    readonly compacted: number;
    /** Estimated tokens before anything was cut or summed up; absent where nothing was. */
    readonly before?: number;
  };
  /** Ids of the memories that stood in the prompt. */
  readonly recalled?: readonly string[];
  /** Models that were asked before the one that answered, or passed over. */
  readonly attempts?: readonly Attempt[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
  /** A second call of the model put calls of tools right, or could not. Its usage is part of `usage`. */
  readonly repair?: { readonly calls: number; readonly repaired: number; readonly usage: Usage };
}

/** How a call came to the tool that it is carried out with. */
export interface Resolution {
  /** The name was the tool's own, another form of it, one that differs by capitals and separators, put right, or no tool's. */
  readonly name: 'exact' | 'alias' | 'normalized' | 'repaired' | 'unknown';
  readonly arguments: 'given' | 'repaired' | 'invalid';
  /** As the model wrote it, where that is not what is carried out. */
  readonly written?: { readonly name: string; readonly arguments: string };
}

/** A message in another language: for people, never for models. */
export interface Translation {
  readonly language: string;
  readonly state: 'pending' | 'done' | 'failed';
  readonly text: string;
  readonly error?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly usage?: Usage;
}

/** Why a call of a tool waits for a person. */
export interface Approval {
  /** The turn does not go on without it; else a denied call is a result that the model reads. */
  readonly required: boolean;
}

/** A file that came with a message; its content lies beside the conversation. */
export interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  /** Media type, as its name says. */
  readonly media: string;
  /** Estimated, in a prompt. */
  readonly tokens: number;
}

/** A node as it is born. Texts and results come by later changes. */
export interface NodeBirth {
  readonly id: string;
  readonly turn: string;
  readonly lane: string;
  readonly kind: NodeKind;
  readonly state: NodeState;
  /** Nodes that people choose between share a set; the number counts from 1. */
  readonly version: { readonly set: string; readonly number: number };
  /** The failed node that this one tries again. It takes its place, and its number. */
  readonly retries?: string;
  readonly text?: string;
  readonly attachments?: readonly Attachment[];
  /** As it is carried out. What the model wrote stands in the answer that asked for it. */
  readonly call?: ToolCall;
  readonly resolution?: Resolution;
  readonly approval?: Approval;
  /** It asks the bot for the first words; nobody wrote it. */
  readonly opens?: true;
  /** What the sender calls the message, so that one sent twice is one. */
  readonly key?: string;
}

export interface LaneBirth {
  readonly id: string;
  readonly kind: LaneKind;
  readonly parent: string;
  /** The node behind which it begins. */
  readonly from: string;
  readonly title: string;
}

/** Who began a conversation: a person, or a program by the OpenAI-compatible API. */
export type Origin = 'person' | 'api';

/** A model's work for a conversation that is no answer in it: it was given a title, or something was learned from it up to a turn. */
export interface Aside {
  readonly id: string;
  readonly purpose: 'title' | 'extraction';
  /** The turn after which it was done. */
  readonly turn: string;
  readonly run: RunRecord;
}

/** One mutation of a conversation. Journals hold nothing else. */
export type Change =
  | { readonly type: 'conversation'; readonly id: string; readonly bot: string; readonly slug: string }
  /** Who began it: a program by the API. */
  | { readonly type: 'origin'; readonly origin: Origin }
  | { readonly type: 'title'; readonly title: string; readonly lane?: string; readonly by?: 'model' | 'person' }
  | { readonly type: 'lane'; readonly lane: LaneBirth }
  | { readonly type: 'node'; readonly node: NodeBirth }
  | { readonly type: 'edge'; readonly from: string; readonly to: string; readonly kind: EdgeKind }
  | { readonly type: 'unlink'; readonly from: string; readonly to: string; readonly kind: EdgeKind }
  /** The last node of a lane. What leads to it is what the lane shows. */
  | { readonly type: 'head'; readonly lane: string; readonly node: string | null }
  | { readonly type: 'state'; readonly node: string; readonly state: NodeState; readonly reason?: string }
  /** Text that was streamed, from `offset` on. */
  | {
      readonly type: 'output';
      readonly node: string;
      readonly channel: 'text' | 'thinking';
      readonly offset: number;
      readonly text: string;
    }
  /** What an answer held beside its text. */
  | {
      readonly type: 'answer';
      readonly node: string;
      readonly calls?: readonly ToolCall[];
      readonly extra?: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: 'result';
      readonly node: string;
      readonly text: string;
      readonly details?: unknown;
      readonly isError: boolean;
      readonly durationMs?: number;
    }
  | { readonly type: 'run'; readonly node: string; readonly run: RunRecord }
  | ({ readonly type: 'aside' } & Aside)
  /** Out of the prompt; with `deleted` out of what people see too. */
  | { readonly type: 'visibility'; readonly node: string; readonly excluded?: boolean; readonly deleted?: boolean }
  /** A translation of its text begins or has ended; it takes the place of an earlier one into the same language. */
  | { readonly type: 'translation'; readonly node: string; readonly translation: Translation }
  /** Its translations are gone; with a language that one alone. */
  | { readonly type: 'untranslated'; readonly node: string; readonly language?: string }
  /** From now on the summary stands for these nodes in prompts. */
  | { readonly type: 'compress'; readonly nodes: readonly string[]; readonly by: string }
  | { readonly type: 'archive'; readonly lane: string; readonly isArchived: boolean }
  | { readonly type: 'merged'; readonly lane: string; readonly into: string }
  /** A person lets this tool be used in this conversation without being asked again. */
  | { readonly type: 'allow'; readonly tool: string }
  /** From the next turn on the bot speaks as this persona; as itself where it is null. */
  | { readonly type: 'persona'; readonly persona: string | null }
  /** The bot has found these tools: its prompts show them in this conversation from now on. */
  | { readonly type: 'found'; readonly tools: readonly string[] };

/** One line of a journal: changes that count together or not at all. */
export interface Commit {
  readonly v: 1;
  /** Rises with every line. Decides order; ids never do. */
  readonly seq: number;
  readonly at: string;
  readonly changes: readonly Change[];
}

export interface Link {
  readonly node: string;
  readonly kind: EdgeKind;
}

export interface GraphNode extends Omit<NodeBirth, 'text'> {
  /** Number of its birth: a node comes before all that hang on it. */
  readonly order: number;
  state: NodeState;
  text: string;
  thinking: string;
  reason: string | null;
  calls: readonly ToolCall[];
  extra: Readonly<Record<string, unknown>> | undefined;
  result:
    | {
        readonly text: string;
        readonly details: unknown;
        readonly isError: boolean;
        /** How long the tool ran; null where it did not. */
        readonly durationMs: number | null;
      }
    | undefined;
  run: RunRecord | undefined;
  translations: readonly Translation[];
  isExcluded: boolean;
  isDeleted: boolean;
  /** The summary that stands for it in prompts. */
  summary: string | undefined;
  /** How many nodes it sums up, if it is a summary. */
  sums: number;
  parents: readonly Link[];
  children: readonly Link[];
  readonly createdAt: string;
  finishedAt: string | null;
}

export interface Lane extends Omit<LaneBirth, 'parent' | 'from' | 'title'> {
  readonly parent: string | null;
  readonly from: string | null;
  title: string;
  head: string | null;
  isArchived: boolean;
  mergedInto: string | null;
}

/** A conversation as its journal tells it. */
export interface Graph {
  id: string;
  bot: string;
  slug: string;
  origin: Origin;
  title: string;
  /** The persona as which the bot speaks; null for itself. */
  persona: string | null;
  /** Whether a person gave the title. */
  isNamed: boolean;
  seq: number;
  createdAt: string;
  updatedAt: string;
  /** In order of birth. */
  readonly nodes: Map<string, GraphNode>;
  readonly lanes: Map<string, Lane>;
  /** Nodes that have not ended. */
  readonly open: Set<string>;
  /** Nodes that this process carries out, whatever their state says yet; no journal holds them. */
  readonly claimed: Set<string>;
  /** Set of versions → its nodes, in order of birth. */
  readonly versions: Map<string, string[]>;
  /** Nodes that were tried again: others stand in their place. */
  readonly replaced: Set<string>;
  /** Key of a sender → node. */
  readonly keys: Map<string, string>;
  /** Tools that may be used in this conversation without asking. */
  readonly allowed: Set<string>;
  /** In order. */
  readonly asides: Aside[];
  /** Number of the last line that holds something to see: an answer that ended by itself, or a call that waits for a person. */
  news: number;
  /** Tools that the bot found, the last found last. */
  readonly found: Set<string>;
  /** How many messages people wrote. */
  messages: number;
}

export function emptyGraph(): Graph {
  const main: Lane = {
    id: MAIN,
    kind: 'main',
    parent: null,
    from: null,
    title: '',
    head: null,
    isArchived: false,
    mergedInto: null,
  };
  return {
    id: '',
    bot: '',
    slug: '',
    origin: 'person',
    title: '',
    persona: null,
    isNamed: false,
    seq: 0,
    createdAt: '',
    updatedAt: '',
    nodes: new Map(),
    lanes: new Map([[MAIN, main]]),
    open: new Set(),
    claimed: new Set(),
    versions: new Map(),
    replaced: new Set(),
    keys: new Map(),
    allowed: new Set(),
    asides: [],
    news: 0,
    found: new Set(),
    messages: 0,
  };
}
