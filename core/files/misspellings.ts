import type * as Yaml from 'yaml';
import { z } from 'zod';
import { nearest } from '../base/nearest.ts';

type Schema = Readonly<Record<string, unknown>>;

/** A key that a schema does not know, or a value that is nearly one it takes. Line and column count from 1. */
export interface Misspelling {
  readonly kind: 'key' | 'value';
  readonly line: number;
  readonly column: number;
  readonly found: string;
  /** What was most likely meant; undefined when nothing is near. */
  readonly meant: string | undefined;
  /** Where it stands in the text. */
  readonly from: number;
  readonly to: number;
}

/** What is misspelt in a YAML text. Empty for one that cannot be read: that is told elsewhere. Slow: for problems only. */
export async function findMisspellings(text: string, schema: z.ZodType): Promise<Misspelling[]> {
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) return [];
  const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return [...new Walk(yaml, lines).node(document.contents, described)];
}

/** The text with every misspelling put right whose meaning is clear. Everything else stays as it is, to the letter. */
export function correctMisspellings(text: string, misspellings: readonly Misspelling[]): string {
  const clear = misspellings.filter(({ meant }) => meant !== undefined).toSorted((a, b) => b.from - a.from);
  return clear.reduce((now, { from, to, meant = '' }) => now.slice(0, from) + meant + now.slice(to), text);
}

/** Goes through a document beside its schema. */
class Walk {
  readonly #yaml: typeof Yaml;
  readonly #lines: Yaml.LineCounter;

  constructor(yaml: typeof Yaml, lines: Yaml.LineCounter) {
    this.#yaml = yaml;
    this.#lines = lines;
  }

  *node(node: unknown, schema: Schema): Generator<Misspelling> {
    const { isMap, isScalar, isSeq } = this.#yaml;
    const forms = formsOf(schema);
    if (isMap(node)) {
      const form = forms.find(({ type }) => type === 'object');
      if (form) yield* this.#pairs(node.items, form);
    } else if (isSeq(node)) {
      const form = forms.find(({ type }) => type === 'array');
      for (const item of form ? node.items : []) yield* this.node(item, (form?.items ?? {}) as Schema);
    } else if (isScalar(node)) {
      const meant = meantBy(node.value, forms);
      if (meant !== undefined) yield* this.#tell('value', node, meant);
    }
  }

  *#pairs(pairs: readonly Yaml.Pair[], form: Schema): Generator<Misspelling> {
    const properties = (form.properties ?? {}) as Readonly<Record<string, Schema>>;
    const keyOf = ({ key }: Yaml.Pair): string => (this.#yaml.isScalar(key) ? String(key.value) : '');
    const present = new Set(pairs.map(keyOf));
    for (const pair of pairs) {
      const key = keyOf(pair);
      const known = properties[key];
      if (known) yield* this.node(pair.value, known);
      else if (form.additionalProperties !== false)
        yield* this.node(pair.value, (form.additionalProperties ?? {}) as Schema);
      else if (this.#yaml.isScalar(pair.key)) {
        const free = Object.keys(properties).filter((name) => !present.has(name));
        const meant = nearest(key, free);
        yield* this.#tell('key', pair.key, meant);
        if (meant !== undefined) yield* this.node(pair.value, properties[meant] ?? {});
      }
    }
  }

  *#tell(kind: Misspelling['kind'], { value, range }: Yaml.Scalar, meant: string | undefined): Generator<Misspelling> {
    if (!range) return;
    const [from, to] = range;
    const { line, col } = this.#lines.linePos(from);
    yield { kind, line, column: col, found: String(value), meant, from, to };
  }
}

/** The forms that a schema admits. */
function formsOf(schema: Schema): Schema[] {
  return Array.isArray(schema.anyOf) ? (schema.anyOf as Schema[]).flatMap(formsOf) : [schema];
}

const booleans: Readonly<Record<string, string>> = { yes: 'true', on: 'true', no: 'false', off: 'false' };

/** What a value was meant to be, where none of the forms takes it and one nearly does. */
function meantBy(value: unknown, forms: readonly Schema[]): string | undefined {
  if (typeof value !== 'string') return undefined;
  const choices = forms.flatMap((form) => (Array.isArray(form.enum) ? (form.enum as unknown[]) : [form.const]));
  const words = choices.filter((choice) => typeof choice === 'string');
  const free = forms.filter((form) => !Array.isArray(form.enum) && form.const === undefined);
  const types = new Set(free.map(({ type }) => type));
  if (words.includes(value) || types.has('string') || types.has(undefined)) return undefined;
  if (types.has('boolean')) return booleans[value.toLowerCase()] ?? nearest(value, ['true', 'false', ...words]);
  const isNumber = types.has('number') || types.has('integer');
  if (isNumber && value.trim() !== '' && Number.isFinite(Number(value))) return String(Number(value));
  return nearest(value, words);
}
