import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { roomOf } from './house-rooms.ts';
import type { Source } from './house-source.ts';
import { listFiles, type Violation } from './house-tree.ts';

const FILE_LINES = 400;
const KERNEL_LINES = 500;
const PLUGIN_INDEX_LINES = 80;

/** The rules about files themselves: size, language, default exports, and that they speak of the product alone. */
export async function checkFiles(root: string, sources: readonly Source[]): Promise<Violation[]> {
  return [
    ...(await checkLength(root, sources)),
    ...checkKernel(sources),
    ...sources.flatMap(checkLanguage),
    ...sources.flatMap(checkDefaultExport),
    ...(await checkWords(root)),
    ...(await checkLock(root)),
  ];
}

async function checkLength(root: string, sources: readonly Source[]): Promise<Violation[]> {
  const styles = listFiles(root, ['{core,plugins,test,bench,tools}/**/*.css']);
  const texts = await Promise.all(styles.map((file) => readFile(path.join(root, file), 'utf8')));
  const sizes = [
    ...sources.map(({ file, lines }) => ({ file, lines })),
    ...styles.map((file, index) => ({ file, lines: (texts[index] ?? '').split('\n').length - 1 })),
  ];
  return sizes.flatMap(({ file, lines }): Violation[] => {
    const limit = /^plugins\/[^/]+\/index\.ts$/.test(file) ? PLUGIN_INDEX_LINES - 1 : FILE_LINES;
    return lines > limit ? [{ rule: 'length', file, message: `has ${lines} lines; ${limit} are the limit` }] : [];
  });
}

function checkKernel(sources: readonly Source[]): Violation[] {
  const kernel = sources.filter(({ file }) => roomOf(file) === 'kernel');
  const lines = kernel.reduce((total, { codeLines }) => total + codeLines, 0);
  if (lines < KERNEL_LINES) return [];
  const message = `has ${lines} lines of code, blank and comment lines not counted; under ${KERNEL_LINES} is the rule`;
  return [{ rule: 'kernel-length', file: 'core/kernel', message }];
}

function checkLanguage({ file, constructs }: Source): Violation[] {
  return constructs.map(({ what, line }) => ({
    rule: 'language',
    file,
    line,
    message: `has ${what}: only what leaves JavaScript behind when types are erased`,
  }));
}

function checkDefaultExport({ file, defaultExport }: Source): Violation[] {
  if (!defaultExport) return [];
  const isPlace = /^(plugins\/[^/]+\/index\.ts|plugins\/standard\.ts|boternity\.config\.ts|vite\.config\.ts)$/.test(
    file,
  );
  if (isPlace || (file.startsWith('core/') && defaultExport.isPlugin)) return [];
  const message = 'has a default export; only plugins, their list and the config have one';
  return [{ rule: 'default-export', file, line: defaultExport.line, message }];
}

/** A path of somebody's machine means nothing to a reader and breaks elsewhere. */
async function checkWords(root: string): Promise<Violation[]> {
  const files = listFiles(root, ['**/*.{ts,js,mjs,css,html,json,md,yaml,yml,sh}', '.ci/*', '.taprc', '.npmrc']);
  const machinePath = /(?<![\w.~/}-])\/(?:work|root)\/|(?<![\w.~/}-])\/home\/[a-z]/;
  const found = await Promise.all(
    files.map(async (file): Promise<Violation[]> => {
      const lines = (await readFile(path.join(root, file), 'utf8')).split('\n');
      const index = lines.findIndex((line) => machinePath.test(line));
      return index < 0 ? [] : [{ rule: 'words', file, line: index + 1, message: 'names a path of one machine' }];
    }),
  );
  return found.flat();
}

/** Where a package was fetched from is the installer's matter; what it must contain is the lock's. */
async function checkLock(root: string): Promise<Violation[]> {
  const file = 'package-lock.json';
  const text = await readFile(path.join(root, file), 'utf8').catch(() => undefined);
  if (text === undefined) return [{ rule: 'lock', file, message: 'is not there' }];
  const { packages = {} } = JSON.parse(text) as { packages?: Record<string, Record<string, unknown>> };
  const hosts = /"resolved": "http/.test(text) ? [{ rule: 'lock', file, message: 'names the host of a registry' }] : [];
  const open = Object.entries(packages).filter(
    ([name, entry]) => name.includes('node_modules/') && !entry['link'] && !entry['inBundle'] && !entry['integrity'],
  );
  return [
    ...hosts,
    ...open.map(([name]) => ({ rule: 'lock', file, message: `does not say what ${name} must contain` })),
  ];
}
