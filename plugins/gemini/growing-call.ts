import { fieldsOf, listOf, textOf, type Fields } from 'boternity';

type Value = string | number | boolean | null | ValueList | ValueObject;
type ValueList = Value[];
interface ValueObject {
  [name: string]: Value;
}

/** A call that may come in pieces: values by their JSONPath, text in several of them. */
export class GrowingCall {
  readonly name: string;
  readonly id: string;
  /** Whether the service said that more of it comes. */
  isOpen: boolean;
  #input: Value = objectOf();

  constructor(call: Fields) {
    this.name = textOf(call.name);
    this.id = textOf(call.id);
    this.isOpen = false;
    this.add(call);
  }

  get arguments(): string {
    return JSON.stringify(this.#input);
  }

  add(call: Fields): void {
    this.isOpen = call.willContinue === true;
    if (call.args !== undefined && call.args !== null) this.#input = call.args as Value;
    for (const piece of listOf(call.partialArgs)) this.#addPiece(fieldsOf(piece));
  }

  #addPiece(piece: Fields): void {
    const path = stepsOf(textOf(piece.jsonPath));
    const value = valueOf(piece);
    if (value !== undefined) this.#input = placed(this.#input, path, value);
  }
}

function valueOf({ stringValue, numberValue, boolValue, nullValue }: Fields): Value | undefined {
  if (typeof stringValue === 'string') return stringValue;
  if (typeof numberValue === 'number') return numberValue;
  if (typeof boolValue === 'boolean') return boolValue;
  return nullValue === undefined ? undefined : null;
}

/** `$.a[0]['b c']` → a, 0, b c. Source: RFC 9535, the part of it that names one place. */
function stepsOf(path: string): (string | number)[] {
  const steps = path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/g);
  return [...steps].map(([, name, index, single, double]) =>
    index === undefined ? (name ?? single ?? double ?? '') : Number(index),
  );
}

/** The value with another inside. A text that is there already is gone on with; a list grows by one at a time. */
function placed(into: Value | undefined, path: readonly (string | number)[], value: Value): Value {
  const [step, ...rest] = path;
  if (step === undefined) return typeof into === 'string' && typeof value === 'string' ? into + value : value;
  if (typeof step === 'number') {
    const list = Array.isArray(into) ? into : [];
    const at = Math.min(step, list.length);
    list[at] = placed(list[at], rest, value);
    return list;
  }
  const object = typeof into === 'object' && into !== null && !Array.isArray(into) ? into : objectOf();
  object[step] = placed(object[step], rest, value);
  return object;
}

/** An object without ancestors, so that no name in it means anything. */
function objectOf(): ValueObject {
  return Object.create(null) as ValueObject;
}
