import { appendFile, cp, mkdir, open, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin, nameOf, type BotChanged, type Files } from 'boternity';
import { botFolder, testHouse, testKernel, type TestKernel } from 'boternity/testing';
import t from 'tap';
import { ownerFetch } from '../../../core/cli/owner-fetch.ts';
import { createClient } from '../../../core/ui/client.ts';
import standardPlugins from '../../../plugins/standard.ts';
import { startProduct, until } from '../../support/product.ts';
import { begin, say } from '../../support/talk.ts';

t.setTimeout(120_000);

const soul = (name: string): string => `---\nname: ${JSON.stringify(name)}\n---\n\nYou are calm.\n`;

await t.test('an edit on disk is live soon, is one fact, and no fact when nothing is different', async (t) => {
  const facts: BotChanged[] = [];
  await using kernel = await testKernel([listener(facts)], { files: botFolder('ada') });
  const bots = await kernel.service('bots');
  const before = await bots.get('ada');
  await sleep(50);
  const began = performance.now();
  await swap(kernel, 'ada', soul('Ada Lovelace'));
  const after = await until('the edit', async () => {
    const bot = await bots.get('ada');
    return nameOf(bot) === 'Ada Lovelace' && bot;
  });
  t.ok(performance.now() - began < 1_000, `after ${Math.round(performance.now() - began)} ms`);
  t.equal(nameOf(before), 'ada', 'a bot that was handed out never changes');
  t.not(after.version, before.version);
  await swap(kernel, 'ada', soul('Ada Lovelace'));
  await sleep(200);
  t.strictSame(facts, [{ bot: after.id, slug: 'ada', kind: 'soul', path: 'SOUL.md' }]);
  t.equal(await bots.get('ada'), after, 'the very same object while nothing changes');
});

await t.test('with watching turned off the edit is not seen', async (t) => {
  await using kernel = await testKernel([], { files: botFolder('ada'), watch: false });
  const bots = await kernel.service('bots');
  await bots.get('ada');
  await edit(kernel, 'ada', soul('Ada Lovelace'));
  await sleep(500);
  t.equal(nameOf(await bots.get('ada')), 'ada');
});

await t.test('every way in which editors save ends in the new text, without a problem in between', async (t) => {
  await using kernel = await testKernel([], { files: botFolder('ada') });
  const bots = await kernel.service('bots');
  await bots.get('ada');
  const file = path.join(kernel.home, 'bots/ada/SOUL.md');
  const dances: Record<string, (text: string) => Promise<void>> = {
    'a temporary file and a rename': async (text) => {
      await writeFile(`${file}.swp`, text);
      await rename(`${file}.swp`, file);
    },
    'empty it, then write': async (text) => {
      const handle = await open(file, 'w');
      await sleep(3);
      await handle.write(text);
      await handle.close();
    },
    'move the old one away, then write': async (text) => {
      await rename(file, `${file}~`);
      await writeFile(file, text);
      await unlink(`${file}~`);
    },
    'delete it, then write': async (text) => {
      await unlink(file);
      await writeFile(file, text);
    },
    'write in pieces': async (text) => {
      await writeFile(file, '');
      for (const piece of text.match(/[^]{1,8}/g) ?? []) {
        await appendFile(file, piece);
        await sleep(2);
      }
    },
    'swap the whole folder': async (text) => {
      const folder = path.dirname(file);
      await cp(folder, `${folder}-new`, { recursive: true });
      await writeFile(path.join(`${folder}-new`, 'SOUL.md'), text);
      await rename(folder, `${folder}-old`);
      await rename(`${folder}-new`, folder);
      await rm(`${folder}-old`, { recursive: true });
    },
  };
  for (const [dance, save] of Object.entries(dances)) {
    await save(soul(dance));
    const bot = await until(
      dance,
      async () => {
        const now = await bots.get('ada').catch(() => undefined);
        return now && nameOf(now) === dance && now;
      },
      3_000,
    ).catch((error: unknown) => t.fail(String(error)));
    if (typeof bot === 'object') t.strictSame(bot.problems, [], dance);
  }
  await edit(kernel, 'ada', soul('once more'));
  t.ok(await until('the folder is still watched', async () => nameOf(await bots.get('ada')) === 'once more'));
});

await t.test('of a thousand edits over fifty bots none is lost', async (t) => {
  const slugs = Array.from({ length: 50 }, (_, at) => `bot-${at}`);
  const facts: BotChanged[] = [];
  await using kernel = await testKernel([listener(facts)], {
    files: Object.assign({}, ...slugs.map((slug) => botFolder(slug))) as Record<string, string>,
  });
  const bots = await kernel.service('bots');
  await bots.all();
  await sleep(50);
  for (let round = 1; round <= 20; round += 1) {
    await Promise.all(slugs.map((slug) => edit(kernel, slug, soul(`${slug} round ${round}`))));
    if (round % 5 === 0) await sleep(7);
  }
  await until('the last of all', async () => (await bots.all()).every((bot) => nameOf(bot) === `${bot.slug} round 20`));
  t.strictSame([...new Set(facts.map(({ slug }) => slug))].toSorted(), slugs.toSorted(), 'each bot has told');
  t.ok((await bots.all()).every((bot) => bot.problems.length === 0));
});

await t.test('bots come and go with their folders while the server runs', async (t) => {
  await using kernel = await testKernel([], {
    files: { ...botFolder('ada'), 'bots/README.md': 'x', ...botFolder('.hidden') },
  });
  const bots = await kernel.service('bots');
  const isListed = (...slugs: string[]): Promise<boolean> =>
    until(String(slugs), () => String(bots.slugs) === String(slugs), 3_000).catch(() => false);
  t.ok(await isListed('ada'), 'a file and a hidden folder are no bots');
  const { id } = await bots.get('ada');
  await mkdir(path.join(kernel.home, 'bots/bob'));
  t.ok(await isListed('ada', 'bob'));
  await edit(kernel, 'bob', soul('Bob'));
  t.ok(await until('the soul in a new folder', async () => nameOf(await bots.get('bob')) === 'Bob'));
  await cp(path.join(kernel.home, 'bots/ada'), path.join(kernel.home, 'bots/copy'), { recursive: true });
  t.ok(await isListed('ada', 'bob', 'copy'));
  t.not((await bots.get('copy')).id, id, 'a copied folder gets an id of its own');
  await rm(path.join(kernel.home, 'bots/bob'), { recursive: true });
  t.ok(await isListed('ada', 'copy'));
  await t.rejects(bots.get('bob'), { code: 'BOT_MISSING' });
  await Promise.all(
    Array.from({ length: 30 }, (_, at) => kernelWrite(kernel, `bots/many-${at}/SOUL.md`, soul(`Many ${at}`))),
  );
  await until(
    'all thirty',
    async () => (await bots.all()).filter((bot) => /^Many \d+$/.test(nameOf(bot))).length === 30,
  );
  t.equal((await bots.get(id)).slug, 'ada', 'an id finds its bot');
});

await t.test('a turn with a bot that has not changed reads none of its files', async (t) => {
  let reads: string[] = [];
  const wrap = (files: Files): Files => ({
    ...files,
    read: (file) => {
      reads.push(file);
      return files.read(file);
    },
  });
  await using house = await testHouse({ plugins: standardPlugins, wrap });
  const client = createClient({ url: house.url, fetch: ownerFetch(house.home) });
  const { id } = await client.call('conversations.create', { bot: 'assistant' });
  const turn = async (text: string): Promise<string> => {
    using live = client.conversation(id);
    const { reply } = await live.send(text);
    const page = await live.until(({ nodes }) => nodes.some((node) => node.id === reply && node.state === 'finished'));
    return page.nodes.at(-1)?.text ?? '';
  };
  await turn('first');
  t.ok(
    reads.some((file) => file === 'bots/assistant/SOUL.md'),
    'the first turn reads',
  );
  reads = [];
  await turn('second');
  await client.call('bots.show', { bot: 'assistant' });
  t.strictSame(reads.filter(isOfBot), [], 'and the next ones do not');
  await writeFile(path.join(house.home, 'bots/assistant/SOUL.md'), soul('Edited'));
  await until(
    'the edit',
    async () => (await client.call('bots.show', { bot: 'assistant' })).name === 'Assistant' && reads.some(isOfBot),
  );
  t.strictSame([...new Set(reads.filter(isOfBot))], ['bots/assistant/SOUL.md'], 'an edit costs the one file');
});

await t.test('ids stay over a restart, do not travel with copies, and end with their bot', async (t) => {
  await using product = await startProduct();
  const idOf = async (bot: string): Promise<string> => (await product.client.call('bots.show', { bot })).id;
  const first = await idOf('assistant');
  await product.client.call('bots.create', { name: 'Ada' });
  const ada = await idOf('ada');
  await product.stop();
  await cp(path.join(product.home, 'bots/ada'), path.join(product.home, 'bots/ada-copy'), { recursive: true });
  await product.start();
  t.equal(await idOf('assistant'), first);
  t.equal(await idOf('ada'), ada);
  t.not(await idOf('ada-copy'), ada);
  await product.client.call('bots.delete', { bot: 'ada' });
  await product.client.call('bots.create', { name: 'Ada' });
  t.not(await idOf('ada'), ada, 'a new bot of an old name is another bot');
});

await t.test('one broken bot stops neither the start nor the others', async (t) => {
  await using product = await startProduct({
    files: {
      'bots/well/SOUL.md': soul('Well'),
      'bots/js/SOUL.md': '---js\n{}\n---\n',
      'bots/yaml/bot.yaml': 'status: [',
      'bots/yaml/SOUL.md': soul('Yaml'),
      'bots/big/SOUL.md': 'x'.repeat(1024 * 1024),
      'bots/none/IDENTITY.md': '---\nemoji: 🦉\n---\n',
      'bots/folder/SOUL.md/inside': 'x',
    },
  });
  await symlink('/etc/passwd', path.join(product.home, 'bots/none/SOUL.md'));
  t.equal((await say(product, await begin(product, 'well'), 'hi')).answer.state, 'finished');
  const { bots } = await product.client.call('bots.list', {}).catch((error: unknown) => {
    t.fail(String(error));
    return { bots: [] };
  });
  t.strictSame(
    bots.filter(({ problems }) => problems > 0).map(({ slug }) => slug),
    ['big', 'folder', 'js', 'none', 'yaml'],
  );
  for (const bot of ['js', 'big', 'none', 'folder']) {
    const refused = await product.client.call('conversations.create', { bot }).catch((error: unknown) => error);
    t.match(refused, {
      code: 'BOT_BROKEN',
      status: 422,
      message: /SOUL\.md:1: /,
      hint: `Correct the file; all problems: bnity check ${bot}`,
    });
  }
  const checked = await product.cli(['check']);
  for (const bot of ['big', 'folder', 'js', 'none', 'yaml']) t.match(checked.stdout, `bots/${bot}/`);
});

function listener(facts: BotChanged[]) {
  return definePlugin({
    name: 'listener',
    setup: (context) => context.on('bot.changed', (fact) => void facts.push(fact)),
  })();
}

async function edit(kernel: TestKernel, slug: string, text: string): Promise<void> {
  await writeFile(path.join(kernel.home, 'bots', slug, 'SOUL.md'), text);
}

/** One step, so that nobody can see a half of it, however slow the machine is. */
async function swap(kernel: TestKernel, slug: string, text: string): Promise<void> {
  const place = path.join(kernel.home, 'bots', slug, 'SOUL.md');
  await writeFile(`${place}.new`, text);
  await rename(`${place}.new`, place);
}

async function kernelWrite(kernel: TestKernel, file: string, text: string): Promise<void> {
  const place = path.join(kernel.home, file);
  await mkdir(path.dirname(place), { recursive: true });
  await writeFile(place, text);
}

function isOfBot(file: string): boolean {
  return file.startsWith('bots/');
}
