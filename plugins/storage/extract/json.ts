import { Unreadable, type Block } from './reading.ts';

/** How deep a document is looked into; what lies deeper is one value. */
const DEPTH = 40;

/** Every value of a JSON document with the way to it: `orders[2].customer: Ada`. */
export function* jsonBlocks(text: string): Generator<Block> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Unreadable('It is no valid JSON.');
  }
  yield* blocksOf(value, '');
}

/** A JSON value a line. Lines that are none are plain text. */
export function* jsonLineBlocks(text: string): Generator<Block> {
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const lines = [at + 1, at + 1] as const;
    let said = line;
    try {
      const pieces = [...blocksOf(JSON.parse(line) as unknown, '')].map(({ text: piece }) => piece);
      said = pieces.join('; ');
    } catch {
      // A torn line is searched as it stands.
    }
    yield { text: said, lines };
  }
}

/** Objects whose values are all plain are one block, so that what belongs together stays together. */
function* blocksOf(value: unknown, path: string, depth = 0): Generator<Block> {
  if (!isNested(value) || depth > DEPTH) {
    yield { text: line(path, value), path };
    return;
  }
  const entries = entriesOf(value, path);
  const isFlat = entries.every(([, , inner]) => !isNested(inner));
  if (isFlat && entries.length > 0) {
    const text = entries.map(([name, , inner]) => line(name, inner)).join('; ');
    yield { text: path === '' ? text : `${path}: ${text}`, path };
    return;
  }
  for (const [, inside, inner] of entries) yield* blocksOf(inner, inside, depth + 1);
}

function entriesOf(value: object, path: string): [name: string, path: string, value: unknown][] {
  if (Array.isArray(value)) return value.map((inner: unknown, at) => [`[${at}]`, `${path}[${at}]`, inner]);
  return Object.entries(value).map(([key, inner]) => {
    const step = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key) ? key : `[${JSON.stringify(key)}]`;
    return [key, path === '' || step.startsWith('[') ? `${path}${step}` : `${path}.${step}`, inner];
  });
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function line(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return name === '' ? text : `${name}: ${text}`;
}
