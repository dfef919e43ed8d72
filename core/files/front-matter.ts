import matter from 'gray-matter';
import { editYaml, parseYaml, YamlError } from './yaml.ts';

export interface FrontMatter {
  /** What stands between the fences; an empty object without any. */
  readonly data: unknown;
  /** The text after the closing fence. */
  readonly body: string;
  /** Line of the file, from 1, on which the data begins. */
  readonly dataLine: number;
}

const forbidden = (): never => {
  throw new YamlError('front matter may only be YAML', 1, 1);
};

/**
 * Splits a Markdown file. The fence must be a line of three dashes and nothing else: `---js` is refused, and the engines
 * that gray-matter would run it with throw. Options are always passed, because without them its cache swallows a repeated error.
 * Throws YamlError with the place in the file.
 */
export function parseFrontMatter(text: string): FrontMatter {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (!source.startsWith('---')) return { data: {}, body: source, dataLine: 1 };
  const [fence = ''] = source.split('\n', 1);
  if (fence.trimEnd() !== '---')
    throw new YamlError(`the fence must be "---" alone, not ${JSON.stringify(fence.slice(0, 40))}`, 1, 1);
  if (!/\n---[ \t]*\r?(?:\n|$)/.test(source))
    throw new YamlError('the front matter is not closed by a line "---"', 1, 1);
  const { data, content } = matter(source, {
    language: 'yaml',
    engines: {
      yaml: { parse: (yaml) => parseYaml(yaml.replace(/^\r?\n/, ''), 1) ?? {} },
      javascript: forbidden,
      js: forbidden,
      json: forbidden,
      coffee: forbidden,
    },
  });
  return { data, body: content, dataLine: 2 };
}

/** Sets values in the front matter and keeps its comments and the text below it. Without front matter one is made. */
export async function editFrontMatter(
  text: string,
  changes: readonly { path: readonly string[]; value: unknown }[],
): Promise<string> {
  const { dataLine } = parseFrontMatter(text);
  if (dataLine === 1) return `---\n${await editYaml('', changes)}---\n\n${text}`;
  const begin = text.indexOf('\n') + 1;
  const end = text.indexOf('\n---', begin - 1) + 1;
  return `${text.slice(0, begin)}${await editYaml(text.slice(begin, end), changes)}${text.slice(end)}`;
}
