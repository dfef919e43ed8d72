import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkFiles } from './house-files.ts';
import { checkPackages, readManifest } from './house-packages.ts';
import { classify, isBrowser, judge, roomOf, rooms, type Import } from './house-rooms.ts';
import { readSource, type Source } from './house-source.ts';
import { checkStyles } from './house-styles.ts';
import { listFiles, type Violation } from './house-tree.ts';

export interface HouseReport {
  readonly files: number;
  readonly imports: number;
  readonly rooms: ReadonlySet<string>;
  readonly violations: readonly Violation[];
}

/** Checks a tree against every rule of the house that its text can show. A tree in which it finds nothing to check fails. */
export async function checkHouse(root: string): Promise<HouseReport> {
  const sources = await readSources(root);
  const imports = sources.flatMap((source) => source.imports.map((found) => classify(source, found)));
  const seen = new Set(sources.map(({ file }) => roomOf(file)?.replace(/^plugins\/.*/, 'plugins') ?? 'none'));
  const violations = [
    ...checkSeen(seen, imports.length),
    ...checkRooms(sources),
    ...checkImports(imports, new Set(listFiles(root, ['**/*']))),
    ...checkClient(sources, imports),
    ...checkPackages(await readManifest(root), imports),
    ...(await checkFiles(root, sources)),
    ...(await checkStyles(root, sources)),
  ];
  return { files: sources.length, imports: imports.length, rooms: seen, violations };
}

async function readSources(root: string): Promise<Source[]> {
  const files = listFiles(root, ['*.ts', '{core,plugins,test,bench,tools,bin}/**/*.{ts,js,mjs}']);
  return Promise.all(files.map(async (file) => readSource(file, await readFile(path.join(root, file), 'utf8'))));
}

function checkSeen(seen: ReadonlySet<string>, imports: number): Violation[] {
  const missing = rooms.filter((room) => !seen.has(room));
  if (missing.length === 0 && imports > 0) return [];
  const message = `The check has seen ${imports} imports and no file in: ${missing.join(', ')}. It checked nothing.`;
  return [{ rule: 'nothing', file: '.', message }];
}

function checkRooms(sources: readonly Source[]): Violation[] {
  return sources
    .filter(({ file }) => roomOf(file) === undefined)
    .map(({ file }) => ({ rule: 'room', file, message: 'stands in no room of the house' }));
}

function checkImports(imports: readonly Import[], present: ReadonlySet<string>): Violation[] {
  return imports.flatMap((found): Violation[] => {
    const at = { file: found.from, line: found.line };
    const { target } = found;
    if (target.kind === 'file' && !present.has(target.file)) {
      return [{ ...at, rule: 'lost', message: `imports ${target.file}, which is not there` }];
    }
    const refusal = judge(found);
    return refusal ? [{ ...at, ...refusal }] : [];
  });
}

/** The client is imported by the CLI: what it loads, at any distance, knows neither lit nor the page. */
function checkClient(sources: readonly Source[], imports: readonly Import[]): Violation[] {
  const page = ['window', 'document', 'customElements', 'HTMLElement', 'localStorage', 'navigator', 'location'];
  const reached = new Set(['core/ui/client.ts']);
  const violations: Violation[] = [];
  for (const file of reached) {
    for (const { from, line, target, isTypeOnly } of imports) {
      if (from !== file || isTypeOnly) continue;
      if (target.kind === 'file') reached.add(target.file);
      else violations.push({ rule: 'client', file, line, message: 'is loaded by the CLI and imports more than files' });
    }
    const names = sources.find((source) => source.file === file)?.names;
    const used = isBrowser(roomOf(file) ?? '') ? page.filter((name) => names?.has(name)) : [];
    if (used.length > 0)
      violations.push({ rule: 'client', file, message: `is loaded by the CLI and names ${used[0]}` });
  }
  return violations;
}
