import { createId } from '../../base/ids.ts';
import type { ToolCall } from '../message.ts';
import type { StopReason } from '../model.ts';
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

  /** The calls in order, with ids of their own. */
  finish(isTaken: (id: string) => boolean): ToolCall[] {
    const named = this.#calls.filter((call) => call.name !== '');
    const whole = named.map(({ id, name, arguments: input }) => {
      return { id, name, arguments: input.trim() === '' ? '{}' : input };
    });
    return withOwnIds(whole, isTaken);
  }

  /** Why the answer stopped. Many services say that it ended where they call tools, and some say that they call where they do not. */
  stop(told: StopReason): StopReason {
    if (told === 'end' && !this.isEmpty) return 'tools';
    return told === 'tools' && this.isEmpty ? 'end' : told;
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

/** The same calls, each with an id of its own: the one it has where that is free, else a new one. */
export function withOwnIds(calls: readonly ToolCall[], isTaken: (id: string) => boolean): ToolCall[] {
  const given = new Set<string>();
  return calls.map(({ id: own, name, arguments: input }) => {
    const id = own !== '' && !given.has(own) && !isTaken(own) ? own : `call_${createId()}`;
    given.add(id);
    return { id, name, arguments: input };
  });
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
