import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createLog } from '../../core/base/log.ts';
import { createRepositories } from '../../core/files/git/repositories.ts';
import { treeRefusals } from '../../core/bots/tree-check.ts';

/** A program that changes a bot until it is killed: `node <writer> <home> <slug>`. Each line it prints is a commit that was answered. */
export const writer = import.meta.filename;

if (import.meta.main) {
  const [home = '', slug = ''] = process.argv.slice(2);
  await change(home, slug);
}

async function change(home: string, slug: string): Promise<never> {
  const repositories = createRepositories({ home, log: createLog(() => undefined), refuse: treeRefusals });
  const repository = repositories.of(path.join(home, 'bots', slug), slug);
  const author = { kind: 'bot', id: slug, name: slug } as const;

  for (let at = 0; ; at += 1) {
    const text = `${process.pid} ${at}\n`;
    const files = new Map([
      ['SOUL.md', text],
      [`notes/${at % 7}.md`, text],
    ]);
    for (const [file, content] of files) await writeFile(path.join(repository.folder, file), content);
    const id = await repository.commit(files, { author, message: `Change ${at}` });
    process.stdout.write(`${id} ${text}`);
  }
}
