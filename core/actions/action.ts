import { z } from 'zod';
import type { Caller } from './caller.ts';
import type { Grant } from './grants.ts';

export type Door = 'http' | 'cli' | 'bot' | 'mcp' | 'grpc';

/** A JSON Schema object (draft 2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Where in a conversation a bot calls an action. */
export interface CalledAt {
  readonly conversation: string;
  readonly turn: string;
  /** The message that the turn answers. */
  readonly message: string | undefined;
  /** Whether something from outside the house, as a page of the web is, came into this turn before. */
  readonly isTainted: boolean;
}

export interface ActionCall {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** Tells how far it is. HTTP makes server-sent events of it, the command line prints it. */
  readonly progress: (fact: unknown) => void;
  /** Only at the door `bot`. */
  readonly at?: CalledAt;
}

export interface ActionDefinition<Input extends z.ZodObject, Output extends z.ZodType> {
  /** `nouns.verb`, unique. */
  readonly name: string;
  /** One sentence: OpenAPI summary, line of --help and description of the tool. */
  readonly summary: string;
  readonly permission: Grant;
  /** Method and path below /api/v1; `{name}` takes an input field from the path, `{name+}` at its end one with slashes in it. */
  readonly http?: string;
  /** Words and positional arguments: `create <name>`, `provider add <name>`. `[name]` is optional. */
  readonly cli?: string;
  /** Whole command lines for --help. */
  readonly examples?: readonly string[];
  /** Where the action can be called; http and cli by default, where it has such a form. Add `bot` to offer it as a tool. */
  readonly doors?: readonly Door[];
  /** Fields that a table on a terminal shows, where the output is a list. All of them by default. */
  readonly columns?: readonly string[];
  /** Asks before it runs on a terminal; `--force` skips. The text names what is lost. */
  readonly confirm?: string;
  /** HTTP status of success; 200 by default. */
  readonly status?: 200 | 201 | 202;
  /** machine: as a tool it can touch files of this machine beside the actions, as a shell without a sandbox can. */
  readonly reach?: 'machine';
  /** What it answers may hold words of strangers: nothing is learned from a turn that read them without saying so. */
  readonly isForeign?: boolean;
  /**
   * What holds for a bot whose settings name the tool nowhere. ask: it is offered, and a person approves each call. Without it
   * the bot does not have the tool.
   */
  readonly rule?: 'ask';
  /**
   * Slug or id of the bot that an input concerns, so that a grant for this bot covers the call. By default what the field `bot`
   * says. It is asked before the input is checked, so it gets whatever came in; undefined when there is no such bot.
   */
  readonly bot?: (input: Readonly<Record<string, unknown>>) => Promise<string | undefined>;
  /** The answer lists things of several bots: who has a grant for some of them runs it too, and `run` leaves out the others. */
  readonly listsBots?: boolean;
  readonly input: Input;
  readonly output: Output;
  run(input: z.output<Input>, call: ActionCall): Promise<z.input<Output>>;
}

/** An action without its types, as doors see it. */
export interface Action {
  readonly name: string;
  readonly summary: string;
  readonly permission: Grant;
  readonly http: string | undefined;
  readonly cli: string | undefined;
  readonly examples: readonly string[];
  readonly doors: readonly Door[];
  readonly confirm: string | undefined;
  readonly columns: readonly string[] | undefined;
  readonly status: number;
  readonly reach: 'machine' | undefined;
  readonly isForeign: boolean;
  /** What holds for bots whose settings name it nowhere: deny when undefined. */
  readonly rule: 'ask' | undefined;
  /** Slug or id of the bot that an unchecked input concerns; absent when the action concerns no bot. */
  readonly bot: ((input: Readonly<Record<string, unknown>>) => Promise<string | undefined>) | undefined;
  readonly listsBots: boolean;
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  /** JSON Schemas of input and output, made on first use. */
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  readonly run: (input: Record<string, unknown>, call: ActionCall) => Promise<unknown>;
}

/** An action that remembers what goes in and out, for the client's types only. */
export interface TypedAction<Input, Output> extends Action {
  readonly types?: { readonly input: Input; readonly output: Output };
}

export type InputOf<A> = A extends { readonly types?: { readonly input: infer Input } } ? Input : never;
export type OutputOf<A> = A extends { readonly types?: { readonly output: infer Output } } ? Output : never;

/** Declares something a user can do. Every door projects it; none of them adds to it. */
export function defineAction<Input extends z.ZodObject, Output extends z.ZodType>(
  definition: ActionDefinition<Input, Output>,
): TypedAction<z.input<Input>, z.output<Output>> {
  let inputSchema: JsonSchema | undefined;
  let outputSchema: JsonSchema | undefined;
  return {
    name: definition.name,
    summary: definition.summary,
    permission: definition.permission,
    http: definition.http,
    cli: definition.cli,
    examples: definition.examples ?? [],
    doors: definition.doors ?? ['http', 'cli'],
    confirm: definition.confirm,
    columns: definition.columns,
    status: definition.status ?? 200,
    reach: definition.reach,
    isForeign: definition.isForeign ?? false,
    rule: definition.rule,
    bot: definition.bot ?? (Object.hasOwn(definition.input.shape, 'bot') ? botField : undefined),
    listsBots: definition.listsBots ?? false,
    input: definition.input,
    output: definition.output,
    get inputSchema() {
      return (inputSchema ??= z.toJSONSchema(definition.input, { io: 'input', unrepresentable: 'any' }));
    },
    get outputSchema() {
      return (outputSchema ??= z.toJSONSchema(definition.output, { io: 'output', unrepresentable: 'any' }));
    },
    run: (input, call) => definition.run(input as z.output<Input>, call),
  };
}

async function botField({ bot }: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  return typeof bot === 'string' ? bot : undefined;
}
