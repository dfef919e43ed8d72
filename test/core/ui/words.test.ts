import { glob } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import type { Words } from '../../../core/ui/language.ts';
import { unwordedIn } from '../../../tools/unworded.ts';
import { translations } from '../../../tools/words.ts';

const root = path.resolve(import.meta.dirname, '../../..');

void t.test(
  'every text of every page has German words, and nothing is said that does not go through msg()',
  async (t) => {
    const all = await translations('de');
    t.ok(all.length > 10, 'all folders of pages were read');
    for (const { folder, ...wrong } of all)
      t.same(wrong, { missing: [], unused: [], differing: [], wrong: [] }, `${folder}: see node tools/words.ts`);
  },
);

void t.test(
  'one English text has one German text, because the page keeps the words of all folders together',
  async (t) => {
    const said = new Map<string, string>();
    const two: string[] = [];
    for await (const file of glob('{core,plugins/*}/ui/words-de*.ts', { cwd: root })) {
      const tables = (await import(pathToFileURL(path.join(root, file)).href)) as Record<string, Words>;
      for (const [english, german] of Object.values(tables).flatMap((table) => Object.entries(table))) {
        if ((said.get(english) ?? german) !== german)
          two.push(`${english}: ${said.get(english)}, in ${file} ${german}`);
        said.set(english, german);
      }
    }
    t.ok(said.size > 500);
    t.same(two, []);
  },
);

void t.test('texts that are not worded are found wherever a person would read them', async (t) => {
  const source = `
    const many = ['Today', \`\${count} files\`];
    element.title = 'Delete it';
    const page = html\`<p class="soft \${look}">Hello \${name}</p><b>\${isDone ? 'done' : msg('open')}</b>
      <input placeholder="Search" aria-label=\${label || 'find'} @input=\${(event) => event.key === 'Enter'} />\`;
    throw new Error('Only programmers read this.');`;
  t.same(unwordedIn(source), ['Today', 'Delete it', 'Search', 'Hello …', 'done', 'find']);
});
