import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../../base/fault.ts';
import { makeFolder, syncFolder } from '../disk.ts';
import { writeAtomically } from '../replace-file.ts';
import { isMissingFile } from '../system-calls.ts';

const config = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tlogallrefupdates = true
`;

/** Makes the folders and files of an empty repository. HEAD comes last: it is what makes a folder a repository. */
export async function makeRepository(gitDir: string, ref: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info']) {
    await mkdir(path.join(gitDir, folder), { recursive: true });
  }
  await writeAtomically(path.join(gitDir, 'config'), config);
  await makeFolder(path.join(gitDir, 'refs'));
  await writeAtomically(path.join(gitDir, 'HEAD'), `ref: ${ref}\n`);
  await Promise.all(['objects', 'refs', '..'].map((folder) => syncFolder(path.join(gitDir, folder))));
}

/** Lines that a repository from elsewhere lacks are added; its own stay. */
export async function addExcludes(gitDir: string, lines: readonly string[]): Promise<void> {
  const file = path.join(gitDir, 'info/exclude');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissingFile(error)) return '';
    throw Fault.from(error);
  });
  const missing = lines.filter((line) => !text.split('\n').includes(line));
  if (missing.length === 0) return;
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await writeAtomically(file, `${start}${missing.join('\n')}\n`);
}
