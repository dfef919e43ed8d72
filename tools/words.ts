import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Words } from '../core/ui/language.ts';
import { unwordedIn } from './unworded.ts';

/**
 * `node tools/words.ts` prints, for every folder of pages, the texts that have no German words yet, and words that no text
 * asks for, and what people read and does not go through `msg()`. Texts are what stands in `msg('…')`, ``msg(str`…`)`` and, in the
 * client, ``say`…` ``, and the titles of panels.
 */

const root = fileURLToPath(new URL('../', import.meta.url));
const pages = ['core/ui/**/*.ts', 'plugins/*/ui/**/*.ts'];
const makers = 'plugins/*/{index,pages,panel}.ts';
const CALL = /\bmsg\(\s*(str)?|\b(say)(?=`)/g;
const TITLE = /\btitle: '((?:[^'\\]|\\.)*)'/g;
const ESCAPE = /\\(.)/g;
/** The same in every language: names, what is written exactly so, measures. */
const NAMES =
  /^(Boternity|Node|OpenAPI|English|Deutsch|Ada|Esc|Mod-s|… MB|bnity .+|https?:.+|[\w/.-]+\.(md|json)|\/\w+|[A-Z_]+)$/s;

/** What is in one folder of pages: its texts, and what is wrong with how they stand there. */
interface Told {
  readonly texts: Set<string>;
  readonly wrong: string[];
}

export interface Translation {
  /** Folder of the pages, from the root. */
  readonly folder: string;
  readonly missing: readonly string[];
  readonly unused: readonly string[];
  /** Texts whose words fill in other places than they do. */
  readonly differing: readonly string[];
  readonly wrong: readonly string[];
}

if (import.meta.main) {
  for (const { folder, missing, unused, differing, wrong } of await translations('de')) {
    const lines = [
      ...missing.map((text) => `missing    ${JSON.stringify(text)}`),
      ...unused.map((text) => `unused     ${JSON.stringify(text)}`),
      ...differing.map((text) => `differing  ${JSON.stringify(text)}`),
      ...wrong.map((what) => `wrong      ${what}`),
    ];
    if (lines.length > 0) console.log(`${folder}\n  ${lines.join('\n  ')}`);
  }
}

/** How complete a language is, by folder of pages. */
export async function translations(language: string): Promise<Translation[]> {
  const folders = await readTexts();
  return Promise.all(
    Array.from(folders, async ([folder, { texts, wrong }]) => {
      const words = await wordsOf(folder, language);
      const both = [...texts].filter((text) => Object.hasOwn(words, text));
      return {
        folder,
        missing: [...texts].filter((text) => !Object.hasOwn(words, text)),
        unused: Object.keys(words).filter((text) => !texts.has(text)),
        differing: both.filter((text) => placesIn(text) !== placesIn(words[text] ?? '')),
        wrong,
      };
    }),
  );
}

async function readTexts(): Promise<Map<string, Told>> {
  const folders = new Map<string, Told>();
  const told = (folder: string): Told => {
    const known = folders.get(folder) ?? { texts: new Set(), wrong: [] };
    folders.set(folder, known);
    return known;
  };
  for await (const file of glob(pages, { cwd: root })) {
    const plain = file.split(path.sep).join('/');
    if (/words-[a-z-]+\.ts$/.test(plain)) continue;
    const source = await readFile(path.join(root, file), 'utf8');
    const found = textsIn(source);
    const { texts, wrong } = told(/^(?:core|plugins\/[^/]+)\/ui/.exec(plain)?.[0] ?? plain);
    for (const text of found.texts) texts.add(text);
    const unworded = unwordedIn(source).filter((text) => !NAMES.test(text));
    wrong.push(...found.wrong.map((what) => `${plain}: ${what}`));
    wrong.push(...unworded.map((text) => `${plain}: ${JSON.stringify(text)} does not go through msg()`));
  }
  for await (const file of glob(makers, { cwd: root })) {
    const source = await readFile(path.join(root, file), 'utf8');
    if (!/\bmodule: new URL\(/.test(source)) continue;
    for (const [, title = ''] of source.matchAll(TITLE)) told('core/ui').texts.add(title.replaceAll(ESCAPE, '$1'));
  }
  return folders;
}

/** The texts of a source, as keys of words: `{0}`, `{1}` … where something is filled in. */
export function textsIn(source: string): { readonly texts: string[]; readonly wrong: string[] } {
  const texts: string[] = [];
  const wrong: string[] = [];
  for (const call of source.matchAll(CALL)) {
    const rest = source.slice(call.index + call[0].length);
    const text = (call[1] ?? call[2]) === undefined ? plainText(rest) : templateText(rest);
    if (text === undefined) wrong.push(`${source.slice(call.index, call.index + 40).split('\n')[0]} is no plain text`);
    else texts.push(text);
  }
  return { texts, wrong };
}

function plainText(source: string): string | undefined {
  const [, , text] = /^(['"])((?:(?!\1)[^\\\n]|\\.)*)\1/.exec(source) ?? [];
  return text?.replaceAll(ESCAPE, '$1');
}

function templateText(source: string): string | undefined {
  if (!source.startsWith('`')) return undefined;
  let text = '';
  let filled = 0;
  for (let at = 1; at < source.length; at += 1) {
    if (source[at] === '`') return text;
    if (source[at] === '\\') text += source[(at += 1)];
    else if (source.startsWith('${', at)) {
      at = endOfValue(source, at + 2);
      text += `{${filled++}}`;
    } else text += source[at];
  }
  return undefined;
}

/** Where the brace that ends a value stands; braces inside it are counted. */
function endOfValue(source: string, start: number): number {
  let depth = 1;
  let at = start;
  for (; at < source.length; at += 1) {
    if (source[at] === '{') depth += 1;
    if (source[at] === '}' && --depth === 0) break;
  }
  return at;
}

async function wordsOf(folder: string, language: string): Promise<Words> {
  const file = pathToFileURL(path.join(root, folder, `words-${language}.ts`));
  try {
    return ((await import(file.href)) as { words: Words }).words;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return {};
    throw error;
  }
}

function placesIn(text: string): string {
  return [...text.matchAll(/\{\d+\}/g)]
    .map(([place]) => place)
    .toSorted()
    .join();
}
