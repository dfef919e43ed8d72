import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseFrontMatter, parseYaml } from 'boternity';
import t, { type Test } from 'tap';
import { startProduct } from '../support/product.ts';

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
