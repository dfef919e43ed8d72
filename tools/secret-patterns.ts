import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * `node tools/secret-patterns.ts <gitleaks.toml>`: makes core/base/secret-patterns.json of the rules of gitleaks, whose
 * expressions are those of RE2. Rules that this Node cannot compile are left out.
 */
const LICENCE =
  'The rules are those of gitleaks (https://github.com/gitleaks/gitleaks), MIT License, Copyright (c) 2019 Zachary Rice. ' +
  'Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated ' +
  'documentation files (the "Software"), to deal in the Software without restriction, including without limitation the ' +
  'rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit ' +
  'persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and ' +
  'this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED ' +
  '"AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF ' +
  'MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT ' +
  'HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ' +
  'ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.';

const POSIX_CLASSES: Readonly<Record<string, string>> = { alnum: '0-9A-Za-z', alpha: 'A-Za-z', digit: '0-9' };

interface Table {
  [key: string]: string | number | boolean | string[] | Table[] | undefined;
}

interface Rule extends Table {
  pattern?: string;
  path?: string;
}

if (process.argv[1] === import.meta.filename) {
  const target = path.resolve(import.meta.dirname, '../core/base/secret-patterns.json');
  const [, , source = 'test/fixtures/secrets/gitleaks.toml'] = process.argv;
  await writeFile(target, convertRules(await readFile(source, 'utf8')));
}

/** The text of secret-patterns.json for a text of gitleaks.toml. */
export function convertRules(toml: string): string {
  const document = parseToml(toml);
  const rules = tablesOf(document.rules).map(ruleOf);
  const usable = rules.filter(({ pattern, path: place }) => compiles(pattern) && compiles(place));
  const allow = tablesOf(document.allowlist).map(allowanceOf);
  return `${JSON.stringify({ licence: LICENCE, allow, rules: usable }, (_key, value: unknown) => (isEmpty(value) ? undefined : value), 1)}\n`;
}

function ruleOf(rule: Table): Rule {
  const allow = tablesOf(rule.allowlists).map(allowanceOf);
  const { id, description, secretGroup: group, entropy, keywords } = rule;
  return {
    id,
    description,
    ...patternOf(rule.regex),
    ...(typeof rule.path === 'string' && { path: toJavaScript(rule.path) }),
    group,
    entropy,
    keywords,
    allow,
  };
}

/**
 * Many rules begin with an optional run of name characters. It finds nothing more, and makes a backtracking engine fifty times
 * slower: such a rule is marked, and whoever needs the whole match looks back from its begin.
 */
function patternOf(expression: Table[string]): Table {
  if (typeof expression !== 'string') return {};
  const pattern = toJavaScript(expression);
  const short = pattern.replace(/^((?:\(\?i:)?)\[\\w\.-\]\{0,50\}\?((?:\(\?i:)?)(?:\[\\w\.-\]\{0,50\}\?)?/, '$1$2');
  return short === pattern ? { pattern } : { pattern: short, hasLead: true };
}

function allowanceOf(list: Table): Table {
  const convert = (patterns: unknown): string[] => (Array.isArray(patterns) ? patterns.map(toJavaScript) : []);
  return {
    patterns: convert(list.regexes),
    target: list.regexTarget,
    paths: convert(list.paths),
    words: list.stopwords,
    all: list.condition === 'AND' ? true : undefined,
  };
}

/** RE2 to JavaScript: flags in the middle become groups with flags, which end where their group or alternative does. */
export function toJavaScript(pattern: string): string {
  let made = '';
  let isInClass = false;
  const open: string[][] = [[]];
  const flags = (): string[] => open.at(-1) ?? [];
  const begin = (): string =>
    flags()
      .map((flag) => `(?${flag}:`)
      .join('');
  const end = (): string => ')'.repeat(flags().length);
  for (let at = 0; at < pattern.length;) {
    const rest = pattern.slice(at);
    const [, flag] = /^\(\?([ims]+)\)/.exec(rest) ?? [];
    const [escape] = /^\\[^]/.exec(rest) ?? [];
    const [posix, name = ''] = /^\[:(\w+):\]/.exec(rest) ?? [];
    const char = rest.charAt(0);
    let taken = char;
    let put = char;
    if (escape) {
      taken = escape;
      put = escape === '\\z' ? '(?![^])' : escape === '\\A' ? '(?<![^])' : escape;
    } else if (isInClass) {
      if (posix) [taken, put] = [posix, POSIX_CLASSES[name] ?? '[:unknown:]'];
      else isInClass = char !== ']';
    } else if (flag) {
      taken = `(?${flag})`;
      put = `(?${flag}:`;
      flags().push(flag);
    } else if (char === '(') {
      const [group = '('] = /^\(\?(?:P<\w+>|<\w+>|[-ims]*:)/.exec(rest) ?? [];
      taken = group;
      put = group.includes('<') ? '(' : group;
      open.push([]);
    } else if (char === ')') {
      put = `${end()})`;
      open.pop();
    } else if (char === '|') put = `${end()}|${begin()}`;
    else isInClass = char === '[';
    made += put;
    at += taken.length;
  }
  return made + end();
}

function compiles(pattern: string | undefined): boolean {
  try {
    return pattern === undefined || new RegExp(pattern).source !== '';
  } catch {
    return false;
  }
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function tablesOf(value: Table[string]): Table[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object') : [];
}

/** As much of TOML as that file uses: tables, lists of tables, strings of one line, numbers, lists of strings. */
function parseToml(text: string): Table {
  const top: Table = {};
  let table = top;
  let key = '';
  let isInList = false;
  for (const line of text.split('\n')) {
    const [, header]: readonly string[] = /^\[\[?([\w.]+)\]\]?$/.exec(line) ?? [];
    const [, name, value = '']: readonly string[] = isInList ? [] : (/^\s*(\w+) = (.*)$/.exec(line) ?? []);
    if (header && !isInList) table = tableAt(top, header.split('.'));
    else if (name) {
      key = name;
      isInList = value.startsWith('[') && !value.includes(']', value.lastIndexOf("'") + 1);
      const strings: string[] = stringsIn(value);
      table[key] = value.startsWith('[') ? strings : (strings[0] ?? Number(value));
    } else if (isInList) {
      isInList = !line.startsWith(']');
      if (isInList) table[key] = [...((table[key] as string[] | undefined) ?? []), ...stringsIn(line)];
    }
  }
  return top;
}

/** A new table in the list of that name; below a dot it belongs to the last one of the list above. */
function tableAt(top: Table, [first = '', second]: readonly string[]): Table {
  const above = second === undefined ? top : (tablesOf(top[first]).at(-1) ?? top);
  const name = second ?? first;
  const table: Table = {};
  above[name] = [...tablesOf(above[name]), table];
  return table;
}

function stringsIn(line: string): string[] {
  const found = line.matchAll(/'''([^]*?)'''|"((?:[^"\\]|\\.)*)"/g);
  return Array.from(found, ([, raw, quoted]) => raw ?? (JSON.parse(`"${quoted}"`) as string));
}
