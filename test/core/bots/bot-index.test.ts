import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { createLog } from '../../../core/base/log.ts';
import { BotIndex } from '../../../core/bots/bot-index.ts';
import { createDiskFiles } from '../../../core/files/disk.ts';
import { temporaryFolder, type Folder } from '../../support/product.ts';

t.setTimeout(120_000);

const CACHE = '.boternity/cache/bots.jsonl';
/** Files that were changed so short ago are read again, because a second change might not show. */
const TICK_MS = 2_100;

interface Summary {
  readonly slug: string;
  readonly soul: string;
  readonly files: number;
}

/** An index over a folder whose reader counts what it reads. */
function indexOf(folder: Folder, options: { version?: string; during?: (slug: string) => Promise<unknown> } = {}) {
  const read: string[] = [];
  const index = new BotIndex<Summary>({
    home: { path: folder.path, files: createDiskFiles(folder.path), log: createLog(() => undefined) },
    has: () => true,
    version: () => options.version ?? '1',
    enter: (name) => !name.split('/').some((part) => part.startsWith('.') || part === 'memory'),
    beside: (slug) => [`.boternity/seals/${slug}.json`],
    isFollowed: () => true,
    async read(slug) {
      read.push(slug);
      const soul = (await folder.read(`bots/${slug}/SOUL.md`)) ?? 'none';
      const skill = (await folder.read(`bots/${slug}/skills/a/SKILL.md`)) ?? '';
      await options.during?.(slug);
      return { slug, soul: soul + skill, files: read.length };
    },
  });
  return { index, read };
}

function files(slugs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    slugs.flatMap((slug) => [
      [`bots/${slug}/SOUL.md`, `soul of ${slug}`],
      [`bots/${slug}/skills/a/SKILL.md`, 'skill'],
      [`bots/${slug}/memory/2026-01-01/a.json`, '{}'],
      [`bots/${slug}/.git/HEAD`, 'ref: refs/heads/main'],
      [`.boternity/seals/${slug}.json`, '{}'],
    ]),
  );
}

const souls = (summaries: readonly Summary[]): string[] => summaries.map(({ soul }) => soul);
const slugs = Array.from({ length: 20 }, (_, at) => `bot-${String(at).padStart(2, '0')}`);

await t.test(
  'what did not change is read once, in this run and in later ones, and equals what is read anew',
  async (t) => {
    await using folder = await temporaryFolder(files(slugs));
    await sleep(TICK_MS);
    const first = indexOf(folder);
    const listed = souls(await first.index.list(slugs));
    t.strictSame(first.read.toSorted(), slugs);
    await first.index.list(slugs);
    await Promise.all([first.index.get('bot-01'), first.index.get('bot-01')]);
    t.equal(first.read.length, slugs.length, 'asked again it reads nothing');
    await first.index[Symbol.asyncDispose]();
    const second = indexOf(folder);
    t.strictSame(souls(await second.index.list(slugs)), listed);
    t.strictSame(second.read, [], 'nor after a restart');
    await second.index[Symbol.asyncDispose]();
    await rm(path.join(folder.path, CACHE));
    const third = indexOf(folder);
    t.strictSame(souls(await third.index.list(slugs)), listed, 'without its cache it tells the same');
    t.equal(third.read.length, slugs.length);
  },
);

await t.test('whatever changed while nobody looked is noticed, also behind the back of clocks and lists', async (t) => {
  await using folder = await temporaryFolder(files(slugs));
  const place = (name: string): string => path.join(folder.path, name);
  await sleep(TICK_MS);
  const first = indexOf(folder);
  await first.index.list(slugs);
  await first.index[Symbol.asyncDispose]();
  const changes: Record<string, () => Promise<unknown>> = {
    'bot-01': () => folder.write('bots/bot-01/SOUL.md', 'SOUL OF BOT-01'),
    async 'bot-02'() {
      await folder.write('bots/bot-02/SOUL.md', 'SOUL OF bot-02');
      await utimes(place('bots/bot-02/SOUL.md'), 1, 1);
    },
    'bot-03': () => folder.write('bots/bot-03/USER.md', 'new'),
    'bot-04': () => rm(place('bots/bot-04/SOUL.md')),
    'bot-05': () => folder.write('bots/bot-05/skills/b/SKILL.md', 'new'),
    'bot-06': () => folder.write('bots/bot-06/skills/a/SKILL.md', 'changed'),
    'bot-07': () => rm(place('bots/bot-07/skills'), { recursive: true }),
    async 'bot-08'() {
      await rename(place('bots/bot-08'), place('bots/aside'));
      await mkdir(place('bots/bot-08'));
    },
    'bot-09': () => writeFile(place('bots/bot-09/.git/HEAD'), 'ref: refs/heads/else'),
    'bot-10': () => folder.write('bots/bot-10/.git/MERGE_HEAD', 'x'),
    'bot-11': () => createDiskFiles(folder.path).write('.boternity/seals/bot-11.json', '{"other":1}'),
  };
  for (const change of Object.values(changes)) await change();
  await folder.write('bots/bot-12/memory/2026-01-01/b.json', '{}');
  await folder.write('bots/bot-12/.git/objects/ab/cd', 'x');
  const second = indexOf(folder);
  const listed = await second.index.list(slugs);
  const expected = Object.keys(changes);
  t.strictSame(
    second.read.toSorted().filter((slug) => slug !== 'bot-12'),
    expected,
    'these are read again, and no others',
  );
  t.equal(listed[2]?.soul, 'SOUL OF bot-02skill');
  t.equal(listed[4]?.soul, 'noneskill');
});

await t.test(
  'what was changed just now is read again at the next start, because a second change might not show',
  async (t) => {
    await using folder = await temporaryFolder(files(['ada']));
    const first = indexOf(folder);
    await first.index.get('ada');
    await first.index[Symbol.asyncDispose]();
    const second = indexOf(folder);
    await second.index.get('ada');
    t.strictSame(second.read, ['ada']);
  },
);

await t.test('who asks after a change gets what is so after it, also when somebody is just reading', async (t) => {
  await using folder = await temporaryFolder(files(['ada']));
  const gate = Promise.withResolvers<void>();
  let isFirst = true;
  const { index, read } = indexOf(folder, {
    async during() {
      if (isFirst) await gate.promise;
      isFirst = false;
    },
  });
  const early = index.get('ada');
  while (read.length === 0) await sleep(5);
  await folder.write('bots/ada/SOUL.md', 'changed');
  index.touch('ada');
  const late = index.get('ada');
  gate.resolve();
  t.equal((await early).soul, 'soul of adaskill');
  t.equal((await late).soul, 'changedskill');
  t.equal((await index.get('ada')).soul, 'changedskill');
  index.touchAll();
  await folder.write('bots/ada/SOUL.md', 'once more');
  t.equal((await index.get('ada')).soul, 'once moreskill');
  await rm(path.join(folder.path, 'bots/ada'), { recursive: true });
  index.touch('ada');
  t.equal((await index.get('ada')).soul, 'none');
});

await t.test('a cache that is damaged, of another version or of another place counts for nothing', async (t) => {
  await using folder = await temporaryFolder(files(slugs));
  await sleep(TICK_MS);
  const first = indexOf(folder);
  await first.index.list(slugs);
  await first.index[Symbol.asyncDispose]();
  const cache = (await folder.read(CACHE)) ?? '';
  const wrong: Record<string, string> = {
    'other version': cache.replace('"version":"1"', '"version":"0"'),
    'other place': cache.replace('"home":"/', '"home":"/elsewhere/'),
    empty: '',
    NULs: '\0'.repeat(500),
    'no lines': 'null\n5\n',
    'lines of another form': `${cache.split('\n')[0]}\n{"slug":"bot-01"}\n`,
  };
  for (const [what, text] of Object.entries(wrong)) {
    await folder.write(CACHE, text);
    const { index, read } = indexOf(folder);
    t.equal((await index.list(slugs)).length, slugs.length, what);
    t.equal(read.length, slugs.length, `${what}: everything is read anew`);
  }
  await folder.write(CACHE, cache.slice(0, Math.floor(cache.length / 2)));
  const { index, read } = indexOf(folder);
  t.equal((await index.list(slugs)).length, slugs.length);
  t.ok(read.length > 0 && read.length < slugs.length, 'of half a cache the half is used');
});

await t.test('a bot that cannot be read is left out of the list and harms no other', async (t) => {
  await using folder = await temporaryFolder(files(['ada', 'bob']));
  const { index } = indexOf(folder, {
    during: (slug) => (slug === 'ada' ? Promise.reject(new Error('broken')) : Promise.resolve()),
  });
  t.strictSame(
    (await index.list(['ada', 'bob'])).map(({ slug }) => slug),
    ['bob'],
  );
});
