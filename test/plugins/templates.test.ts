import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseFrontMatter, parseYaml } from 'boternity';
import t, { type Test } from 'tap';
import { git } from '../support/git.ts';
import { holds } from '../support/imports.ts';
import { guestConfig, guestPlugin } from '../support/probe-plugin.ts';
import { startProduct, temporaryFolder } from '../support/product.ts';

const templates = ['assistant', 'researcher', 'coder', 'writer'];

await t.test(
  'IDEN-07: each template makes a bot with a soul, looks, ways, settings and skills of its own',
  async (t) => {
    await using product = await startProduct();
    const { client, files } = product;
    const seen = new Map<string, Set<string>>();
    const keep = (what: string, text: string): void => void seen.set(what, (seen.get(what) ?? new Set()).add(text));
    const listed = (await client.call('templates.list', {})).templates;
    t.strictSame(
      listed.map(({ name }) => name),
      ['assistant', 'coder', 'researcher', 'writer', 'blank'],
    );
    for (const template of templates) {
      const made = await product.cliJson(['create', `My ${template}`, '--template', template]);
      t.match(made, { slug: `my-${template}`, found: [], origin: { kind: 'template', from: template, at: String } });
      const folder = `bots/my-${template}`;
      for (const file of ['SOUL.md', 'AGENT.md', 'USER.md', 'IDENTITY.md', 'bot.yaml', 'prompts/system.md.liquid'])
        keep(file, (await files.read(`${folder}/${file}`)) ?? '');
      const { soul, emoji, accentColor, description } = await client.call('bots.show', { bot: `my-${template}` });
      t.equal(soul.name, `My ${template}`);
      for (const [what, value] of Object.entries({ tone: soul.tone, emoji, accentColor, description, body: soul.body }))
        keep(what, String(value));
      keep('traits', soul.traits.join());
      const skills = await readdir(path.join(product.home, folder, 'skills'));
      t.ok(skills.length >= 1, 'it brings a skill');
      t.strictSame(listed.find(({ name }) => name === template)?.skills.toSorted(), skills.toSorted());
      for (const skill of skills) {
        const text = (await files.read(`${folder}/skills/${skill}/SKILL.md`)) ?? '';
        const { data, body } = parseFrontMatter(text);
        t.match(data, { name: skill, description: /\bUse it when\b/ }, 'it says what it is for and when');
        t.ok(body.length > 500 && body.length < 5_000, `${skill} is a whole skill, and short enough for a prompt`);
        keep(`skill`, text);
      }
      assertTemplate(t, (await files.read(`${folder}/prompts/system.md.liquid`)) ?? '');
    }
    t.equal(seen.get('skill')?.size, 8);
    seen.delete('skill');
    for (const [what, texts] of seen) t.equal(texts.size, templates.length, `each has another ${what}`);
    t.strictSame((await client.call('bots.check', {})).problems, [], 'and nothing is wrong in any of them');
  },
);

await t.test('the blank template has a name and nothing else, and can talk', async (t) => {
  await using product = await startProduct();
  const { client } = product;
  const made = await client.call('bots.create', { name: 'Nil', template: 'blank' });
  t.match(made, { name: 'Nil', found: [], soul: { body: '' }, origin: { kind: 'template', from: 'blank' } });
  t.match(parseYaml((await product.files.read('bots/nil/bot.yaml')) ?? ''), { status: 'active' });
  const answer = await product.cli(['chat', 'nil'], { input: 'hello\n' });
  t.equal(answer.code, 0, answer.stderr);
});

await t.test(
  'where a bot came from is kept beside the folders, goes with the bot, and is no matter of a copied folder',
  async (t) => {
    await using product = await startProduct();
    const { client } = product;
    const originOf = async (bot: string) => (await client.call('bots.show', { bot })).origin;
    t.match(await originOf('assistant'), { kind: 'template', from: 'assistant' }, 'the first bot too');
    const { id } = await client.call('bots.clone', { bot: 'assistant', name: 'Twin' });
    t.match(await originOf('twin'), { kind: 'clone', from: 'assistant' });
    await product.files.write('bots/by-hand/SOUL.md', '---\nname: Hand\n---\n');
    await product.stop();
    await product.start();
    t.match((await product.client.call('bots.show', { bot: 'twin' })).origin, { kind: 'clone', from: 'assistant' });
    t.equal((await product.client.call('bots.show', { bot: 'by-hand' })).origin, null);
    t.notMatch((await readdir(path.join(product.home, 'bots/twin'))).join(), /origin/);
    await product.files.write(`.boternity/origins/${id}.json`, '{ not json');
    t.equal(
      (await product.client.call('bots.show', { bot: 'twin' })).origin,
      null,
      'a damaged record costs nothing else',
    );
    await product.client.call('bots.delete', { bot: 'twin' });
    t.equal(await product.files.read(`.boternity/origins/${id}.json`), undefined);
  },
);

await t.test(
  'a bot is made of a git repository with its history; its code waits, and no credential of the address is kept',
  async (t) => {
    await using there = await startProduct();
    await using here = await startProduct();
    await using place = await temporaryFolder({
      'ada/SOUL.md': '---\nname: Ada\n---\n\nCalm.\n',
      'ada/tools/tide.sh': '#!/bin/sh\necho high\n',
      'ada/hooks/on_start': '#!/bin/sh\n',
      'plain/README.md': 'no bot',
    });
    for (const folder of ['ada', 'plain']) {
      const work = path.join(place.path, folder);
      await git(work, 'init', '-q', '-b', 'trunk');
      await git(work, 'add', '-A');
      await git(work, 'commit', '-qm', 'By somebody else');
    }
    await writeFile(path.join(place.path, 'ada/.git/hooks/post-checkout'), '#!/bin/sh\ntouch ../ran\n', {
      mode: 0o755,
    });
    const ada = path.join(place.path, 'ada');
    const made = await here.cliJson(['create', 'Ada of git', '--from', ada]);
    t.match(made, {
      slug: 'ada-of-git',
      name: 'Ada of git',
      origin: { kind: 'git', from: ada },
      soul: { name: 'Ada' },
      found: [],
    });
    const { waits } = made as { waits: { kind: string; path: string }[] };
    t.strictSame(waits.map(({ kind, path }) => `${kind} ${path}`).toSorted(), [
      'code hooks/on_start',
      'code tools/tide.sh',
    ]);
    const log = await git(path.join(here.home, 'bots/ada-of-git'), 'log', '--format=%s by %an', 'main');
    t.match(log, /^Call it Ada of git by .*\nBy somebody else by By Hand$/);
    t.notOk(
      existsSync(path.join(place.path, 'ran')) || existsSync(path.join(here.home, 'bots/ran')),
      'no hook has run',
    );

    const { authorization = '' } = await there.credentials();
    const token = authorization.replace('Bearer ', '');
    const address = `http://x:${token}@${new URL(there.url).host}/git/assistant.git`;
    const far = await here.client.call('bots.create', { name: 'Far', from: address });
    t.match(far, {
      slug: 'far',
      name: 'Far',
      origin: { kind: 'git', from: `${there.url.replace(/\/$/, '')}/git/assistant.git` },
    });
    t.equal(far.soul.body, (await there.client.call('bots.show', { bot: 'assistant' })).soul.body);
    await here.stop();
    t.strictSame(await holds(here.home, token), [], 'the token of the address is in no file');
    await here.start();

    const before = await readdir(path.join(here.home, 'bots'));
    for (const [from, sentence] of [
      ['ext::sh -c "touch /tmp/x"', /only https, http, git, ssh and folders/],
      ['--upload-pack=x', /no address/],
      [path.join(place.path, 'plain'), /no SOUL\.md/],
      [path.join(place.path, 'none'), /no git repository/],
      ['http://127.0.0.1:1/x.git', /could not fetch/],
    ] as const) {
      const refused = await here.client.call('bots.create', { name: 'No', from }).catch((error: unknown) => error);
      t.match(refused, { message: sentence }, from);
      t.notMatch(refused, { code: 'INTERNAL' }, from);
    }
    t.match(
      await here.client.call('bots.create', { name: 'X', slug: 'far', from: ada }).catch((error: unknown) => error),
      { status: 409 },
    );
    t.strictSame(await readdir(path.join(here.home, 'bots')), before);
    t.strictSame(await readdir(path.join(here.home, '.boternity/staging')).catch(() => []), [], 'nothing lies about');
  },
);

await t.test(
  'a bot that was pushed says who pushed it; to fetch from elsewhere takes more than to create',
  async (t) => {
    await using product = await startProduct({
      files: { 'boternity.config.ts': guestConfig, 'plugins/guest/index.ts': guestPlugin, 'grants.json': '["*"]' },
    });
    await using place = await temporaryFolder({ 'ada/SOUL.md': '---\nname: Ada\n---\n\nCalm.\n' });
    const ada = path.join(place.path, 'ada');
    await git(ada, 'init', '-q', '-b', 'main');
    await git(ada, 'add', '-A');
    await git(ada, 'commit', '-qm', 'First');
    await git(ada, 'push', '-q', `${product.url}/git/ada.git`, 'main');
    t.match((await product.client.call('bots.show', { bot: 'ada' })).origin, { kind: 'push', from: 'Guest' });
    await product.files.write('grants.json', '["server:read", "bots:write"]');
    for (const [from, grant] of [
      ['https://example.invalid/x.git', /bots:admin/],
      [ada, /server:admin/],
    ] as const)
      t.match(await product.client.call('bots.create', { name: 'No', from }).catch((error: unknown) => error), {
        status: 403,
        message: grant,
      });
  },
);

/** A template of the shape that Liquid has: tags closed, blocks ended, only names that a prompt knows. */
function assertTemplate(t: Test, text: string): void {
  t.match(text, /AGENT\.md, SOUL\.md, the words of IDENTITY\.md, USER\.md, this template, tools/, 'it tells the order');
  const blocks: string[] = [];
  for (const [tag, , word = '', rest = ''] of text.matchAll(/\{%(-?)\s*(\w+)([^%]*)%\}/g)) {
    if (word === 'comment' || word === 'if') blocks.push(word);
    else if (word.startsWith('end')) t.equal(blocks.pop(), word.slice(3), tag);
    else t.fail(`an unknown tag ${tag} ${rest}`);
  }
  t.strictSame(blocks, []);
  for (const [, name = ''] of text.matchAll(/\{\{\s*([^}]*?)\s*\}\}/g)) t.match(name, /^(agent|user)\.name$/);
}
