import { coerceTexts, typesOf } from './coerce.ts';
import type { JsonSchema } from './action.ts';

/** What of an action an example needs: the same in the server and in a client that has read the list of actions. */
export interface Exemplary {
  readonly cli?: string | null | undefined;
  readonly examples: readonly string[];
}

/**
 * An input that shows how an action is called: the one that its first example on the command line stands for. What the example
 * leaves to a prompt or to standard input is taken from the schema. Empty when the action needs nothing and shows nothing.
 */
export function exampleOf(action: Exemplary, schema: JsonSchema): Record<string, unknown> {
  const [line] = action.examples;
  const texts = line === undefined ? {} : textsOf(wordsOf(line), action.cli ?? '', schema);
  const shown = coerceTexts(texts, schema);
  const required = (schema.required ?? []) as string[];
  const missing = required.filter((name) => shown[name] === undefined);
  return { ...shown, ...Object.fromEntries(missing.map((name) => [name, sampleOf(propertiesOf(schema)[name] ?? {})])) };
}

/** The words of a command line as a shell gives them to a program, up to where the shell would do something of its own. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [whole] of line.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'])+/g)) {
    if (/^(?:[<>|;#]|&&)/.test(whole)) break;
    words.push(
      whole.replaceAll(
        /"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
        (_, double?: string, single?: string) => double?.replaceAll(/\\(.)/g, '$1') ?? single ?? '',
      ),
    );
  }
  return words;
}

function textsOf(words: readonly string[], cli: string, schema: JsonSchema): Record<string, string | string[]> {
  const literal = cli.split(' ').filter((part) => !/^[<[]/.test(part));
  const positionals = [...cli.matchAll(/[<[](\w+)/g)].map((found) => found[1] ?? '');
  const names = Object.keys(propertiesOf(schema));
  const rest = words.slice(1 + literal.filter((word) => !word.startsWith('--')).length);
  const texts: Record<string, string | string[]> = {};
  let at = 0;
  while (at < rest.length) {
    const word = rest[at] ?? '';
    at += 1;
    if (!word.startsWith('--')) {
      const name = positionals.shift();
      if (name !== undefined) texts[name] = word;
      continue;
    }
    const name = names.find((each) => flagOf(each) === word.slice(2));
    if (name === undefined) continue;
    const types = typesOf(propertiesOf(schema)[name] ?? {});
    const values: string[] = [];
    while (at < rest.length && !rest[at]?.startsWith('--')) {
      if (types.includes('boolean') || (values.length > 0 && !types.includes('array'))) break;
      values.push(rest[at] ?? '');
      at += 1;
    }
    texts[name] = types.includes('boolean') ? 'true' : types.includes('array') ? values : (values[0] ?? '');
  }
  return texts;
}

/** The flag of a field on the command line, without its dashes. */
export function flagOf(name: string): string {
  return name.replaceAll('_', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A value that a schema takes, as plain as possible. */
function sampleOf(schema: JsonSchema): unknown {
  const { examples, enum: choices, anyOf, minimum } = schema;
  if (Array.isArray(examples)) return examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(choices)) return choices[0];
  if (Array.isArray(anyOf)) return sampleOf((anyOf[0] ?? {}) as JsonSchema);
  const [type] = typesOf(schema);
  if (type === 'integer' || type === 'number') return minimum ?? 1;
  if (type === 'boolean') return true;
  if (type === 'array') return [sampleOf((schema.items ?? {}) as JsonSchema)];
  if (type === 'object') {
    const required = (schema.required ?? []) as string[];
    return Object.fromEntries(required.map((name) => [name, sampleOf(propertiesOf(schema)[name] ?? {})]));
  }
  const { minLength = 0 } = schema;
  return 'text'.padEnd(Number(minLength), ' of some length');
}

function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return (schema.properties ?? {}) as Record<string, JsonSchema>;
}
