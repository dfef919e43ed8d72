import { createId, type ToolCall } from 'boternity';
import { fieldsOf, numberOf, textOf } from './unknown.ts';

interface Growing {
  readonly index: number | undefined;
  id: string;
  name: string;
  arguments: string;
}

/**
 * Puts tool calls together from their fragments. Services number them, or name them by id, or send each whole, or number
 * all of them zero; ids may come late, change between fragments or never come.
 */
export class ToolCalls {
  readonly #calls: Growing[] = [];

  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  add(fragment: unknown): void {
    const fields = fieldsOf(fragment);
    const tool = fieldsOf(fields.function);
    const index = numberOf(fields.index);
    const id = textOf(fields.id);
    const name = textOf(tool.name);
    const input = typeof tool.arguments === 'object' ? writeObject(tool.arguments) : textOf(tool.arguments);
    const same = this.#find(index, id);
    const call = same && !isNext(same, id, name, input) ? same : this.#begin(index);
    if (call.id === '') call.id = id;
    if (name !== call.name) call.name += name;
    call.arguments += input;
  }

  /** The calls in order; those without an id, or with one that is taken, get a new one. */
  finish(isTaken: (id: string) => boolean): ToolCall[] {
    const given = new Set<string>();
    return this.#calls
      .filter((call) => call.name !== '')
      .map((call) => {
        const isFree = call.id !== '' && !given.has(call.id) && !isTaken(call.id);
        const id = isFree ? call.id : `call_${createId()}`;
        given.add(id);
        return { id, name: call.name, arguments: call.arguments.trim() === '' ? '{}' : call.arguments };
      });
  }

  #find(index: number | undefined, id: string): Growing | undefined {
    if (index !== undefined) return this.#calls.findLast((call) => call.index === index);
    return this.#calls.findLast((call) => id !== '' && call.id === id) ?? this.#calls.at(-1);
  }

  #begin(index: number | undefined): Growing {
    const call: Growing = { index, id: '', name: '', arguments: '' };
    this.#calls.push(call);
    return call;
  }
}

/** Whether a fragment under the same number, or under none, begins another call instead of going on with this one. */
function isNext(call: Growing, id: string, name: string, input: string): boolean {
  if (name === '' || call.name === '' || (id !== '' && id === call.id)) return false;
  if (isWhole(call.arguments)) return input !== '' || name !== call.name;
  return id !== '' && call.id !== '' && name !== call.name;
}

function isWhole(text: string): boolean {
  if (!text.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function writeObject(value: unknown): string {
  return value === null ? '' : JSON.stringify(value);
}
