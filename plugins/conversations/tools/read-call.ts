import { bareName, type ToolCall } from 'boternity';
import type { Resolution } from '../graph/graph.ts';
import type { Tool } from './tool.ts';

/** Names of tools that one sentence tells. */
const MOST_TOLD = 30;

/** A call as a model wrote it, beside the tool that it means. */
export interface ReadCall {
  /** As it would be carried out. */
  readonly call: ToolCall;
  readonly resolution: Resolution;
  /** Why it cannot be carried out, in words for the model. */
  readonly wrong?: string;
  /** The client would carry it out: nothing of it is read here. */
  readonly isForClient?: true;
}

/** What another call of the model makes of one that could not be read. */
export interface Mending {
  readonly name?: string | undefined;
  readonly arguments: Readonly<Record<string, unknown>>;
}

type Readable = Pick<Tool, 'input' | 'inputOf'>;

/** Finds the tool that a call means and looks whether it could take the arguments. */
export function readCall(written: ToolCall, tools: ReadonlyMap<string, Readable>): ReadCall {
  const { name, how } = resolve(written.name, tools);
  const tool = tools.get(name);
  if (!tool) return { call: written, resolution: { name: how, arguments: 'given' }, wrong: noTool(name, tools.keys()) };
  const call = { ...written, name };
  const wrong = wrongIn(call, tool);
  const isSame = name === written.name;
  const resolution: Resolution = {
    name: how,
    arguments: wrong === undefined ? 'given' : 'invalid',
    ...(!isSame && { written: { name: written.name, arguments: written.arguments } }),
  };
  return { call, resolution, ...(wrong !== undefined && { wrong }) };
}

/**
 * The call put right, where the tool is one of the bot's and takes the arguments; else the call as it was. A name that was found
 * stays, whatever the mending says.
 */
export function mend(broken: ReadCall, mending: Mending, tools: ReadonlyMap<string, Readable>): ReadCall {
  const isNameless = broken.resolution.name === 'unknown';
  const name = isNameless ? (mending.name ?? '') : broken.call.name;
  const tool = tools.get(name);
  const call = { id: broken.call.id, name, arguments: JSON.stringify(mending.arguments) };
  if (!tool || wrongIn(call, tool) !== undefined) return broken;
  const written = broken.resolution.written ?? { name: broken.call.name, arguments: broken.call.arguments };
  return {
    call,
    resolution: { name: isNameless ? 'repaired' : broken.resolution.name, arguments: 'repaired', written },
  };
}

/** The arguments as a value. Throws SyntaxError. */
export function argumentsOf(call: ToolCall): unknown {
  return call.arguments.trim() === '' ? {} : JSON.parse(call.arguments);
}

export function noTool(name: string, names: Iterable<string>): string {
  const all = [...names];
  const told = all.slice(0, MOST_TOLD).join(', ');
  return `There is no tool "${name}". There are: ${told || 'none'}${all.length > MOST_TOLD ? `, and ${all.length - MOST_TOLD} more` : ''}.`;
}

/** Some models write `files.read`, `files-read` or `filesRead` where `files_read` is meant. */
function resolve(
  name: string,
  tools: ReadonlyMap<string, unknown>,
): { readonly name: string; readonly how: Resolution['name'] } {
  if (tools.has(name)) return { name, how: 'exact' };
  const alias = name.replaceAll(/[.-]/g, '_');
  if (tools.has(alias)) return { name: alias, how: 'alias' };
  const alike = [...tools.keys()].filter((each) => bareName(each) === bareName(name));
  const [only] = alike;
  return only !== undefined && alike.length === 1 ? { name: only, how: 'normalized' } : { name, how: 'unknown' };
}

/** What makes arguments no form of the input at all. What has the form and is still no good is the action's to refuse. */
const formless = new Set(['invalid_type', 'invalid_value', 'invalid_union', 'unrecognized_keys']);

function wrongIn(call: ToolCall, { input, inputOf }: Readable): string | undefined {
  let given: unknown;
  try {
    given = argumentsOf(call);
  } catch {
    return `The arguments of ${call.name} are not JSON. Call it again with a JSON object.`;
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return `The arguments of ${call.name} are no JSON object. Call it again with one.`;
  const { error } = input.safeParse(inputOf(given));
  const issues = error?.issues.filter(({ code }) => formless.has(code)) ?? [];
  if (issues.length === 0) return undefined;
  const sentences = issues
    .slice(0, 10)
    .map(({ path, message }) => `${path.map(String).join('.') || 'input'}: ${message}`);
  return `INPUT_INVALID: ${call.name} cannot use these arguments. ${sentences.join('; ')}`;
}
