import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseFrontMatter, parseYaml } from 'boternity';
import t from 'tap';
import type { PlanView } from '../../plugins/imports/plan-view.ts';
import { holds, memoriesOf, openClawFolder } from '../support/imports.ts';
import { startProduct, temporaryFolder, type Product } from '../support/product.ts';

t.setTimeout(120_000);

const fixtures = path.resolve(import.meta.dirname, '../fixtures');
const workspace = path.join(fixtures, 'openclaw-workspace');
const agent = path.join(fixtures, 'cybros-agent');
const original = (file: string): Promise<string> => readFile(path.join(workspace, file), 'utf8');
const planOf = async (product: Product, place: string, ...flags: string[]): Promise<PlanView> =>
  (await product.cliJson(['import', place, ...flags])) as PlanView;

await t.test(
  'an OpenClaw workspace is shown first, with what becomes of each file, and nothing is written',
  async (t) => {
    await using product = await startProduct();
    const before = await readdir(product.home);
    const ran = await product.cli(['import', workspace]);
    t.equal(ran.code, 0, ran.stderr);
    t.match(ran.stderr, 'Nothing was written. Add --apply');
    for (const line of [
      'is an OpenClaw workspace',
      /AGENT\.md .* from AGENTS\.md, TOOLS\.md/,
      /SOUL\.md .* as it is/,
      /memory\/dreaming\/2026-03-01\.md: written for review/,
      /projects\/: 2 files that belong to no part of a bot/,
      /BOOTSTRAP\.md: the ritual/,
      /directive "Likes long reports\.": it was superseded/,
      /workflow Inbox triage {2}workflows\/inbox-triage\.yaml/,
    ])
      t.match(ran.stdout, line);
    const plan = await planOf(product, workspace, '--diff');
    const [bot] = plan.bots;
    t.match(plan, { format: 'openclaw', isOwn: false, secrets: [], skills: [] });
    t.match(bot, { name: 'Pinch', slug: 'pinch', problems: [] });
    const identity = bot?.files.find(({ file }) => file === 'IDENTITY.md');
    t.match(identity, { state: 'changed', from: 'IDENTITY.md' });
    t.match(
      identity?.diff,
      /^--- IDENTITY\.md\n\+\+\+ IDENTITY\.md\n[^]*\n\+display_name: Pinch\n[^]*\n-- \*\*Name:\*\* Pinch\n/,
    );
    t.equal(bot?.files.find(({ file }) => file === 'SOUL.md')?.diff, '', 'what stays the same differs in nothing');
    t.strictSame(await readdir(path.join(product.home, 'bots')), ['assistant']);
    t.strictSame((await readdir(product.home)).toSorted(), before.toSorted(), 'no other folder either');
  },
);

await t.test(
  'a Cybros agent becomes a bot: settings and files where they lie here, code inert, what has no place named',
  async (t) => {
    await using product = await startProduct();
    const plan = await planOf(product, agent);
    const left = new Map(plan.left.map(({ what, why }) => [what, why]));
    t.match(plan, { format: 'cybros', isOwn: false, bots: [{ name: 'Morgan', slug: 'morgan', problems: [] }] });
    t.match(left.get('NOTES.txt'), /no part of a bot/);
    t.match(left.get('capability self_modify'), /only a person grants it/);
    t.match(left.get('agent.yml theme'), /nothing here/);
    t.strictSame(plan.bots[0]?.disabled.map(({ where }) => where).toSorted(), [
      'hooks/before_inference',
      'tools/tide.sh',
      'tools/tide.yaml',
    ]);
    await product.cliJson(['import', agent, '--apply']);
    const read = async (file: string): Promise<string> => (await product.files.read(`bots/morgan/${file}`)) ?? '';
    for (const [file, from = file] of [
      ['SOUL.md'],
      ['AGENT.md'],
      ['USER.md'],
      ['prompts/system.md.liquid'],
      ['personas/pirate/SOUL.md'],
      ['tools/tide.yaml', 'tools/tide.yml'],
      ['tools/tide.sh'],
      ['hooks/before_inference'],
      ['data/facts.yaml', 'data/facts.yml'],
      ['data/lorebook.yaml', 'data/lorebook.yml'],
      ['skills/summarize/SKILL.md'],
      ['skills/summarize/references/example.md'],
    ] as [string, string?][])
      t.equal(await read(file), await readFile(path.join(agent, from), 'utf8'), file);
    t.match(parseFrontMatter(await read('skills/knots/SKILL.md')).data, {
      name: 'knots',
      description: 'Ties a bowline in three steps.',
    });
    t.match(parseYaml(await read('bot.yaml')), {
      model: { default: 'openai/gpt-5-mini', prefer: ['anthropic/claude-sonnet-4-5', 'openai/gpt-5-mini'] },
      tools: { allow: ['memory_search', 'memory_store'] },
    });
    t.match(await product.client.call('bots.show', { bot: 'morgan' }), {
      name: 'Morgan',
      description: "Keeps the ship's log.",
      found: [],
      origin: { kind: 'import', from: 'Cybros agent Morgan' },
    });
    const { waits } = await product.client.call('bots.show', { bot: 'morgan' });
    t.strictSame(waits.map(({ path }) => path).toSorted(), [
      'hooks/before_inference',
      'tools/tide.sh',
      'tools/tide.yaml',
    ]);
    t.match((await memoriesOf(product, 'morgan')).get('Evening\nAnchored in the bay.'), {
      day: '2026-05-04',
      origin: 'agent',
    });
    await using odd = await temporaryFolder({ 'agent.yml': '- a\n- list\n', 'AGENT.md': 'Work.\n' });
    t.match(await planOf(product, odd.path), {
      format: 'cybros',
      bots: [{ name: path.basename(odd.path), problems: [] }],
    });
    await using bad = await temporaryFolder({ 'agent.yml': 'a: !!js/function "x"\n' });
    t.match((await planOf(product, bad.path)).left, [{ what: 'agent.yml', why: /cannot be read/ }]);
  },
);

await t.test(
  'a folder that is no bot, or far too much of one, is refused before anything is sent or made',
  async (t) => {
    await using product = await startProduct();
    await using box = await temporaryFolder({ 'readme.txt': 'hi', 'deep/x.txt': 'x' });
    t.match(await product.cli(['import', box.path]), {
      code: 5,
      stderr: /nothing that is known here \(it holds deep\/x\.txt, readme\.txt/,
    });
    t.match(await product.cli(['import', workspace, '--format', 'nonsense']), {
      code: 5,
      stderr: /there are: boternity, cybros, folder, openclaw|there are:/,
    });
    t.match(
      await product.cli(['import', agent, '--format', 'openclaw', '--json']),
      { code: 0, stdout: /"format":"openclaw"/ },
      'one may say what it is',
    );
    await mkdir(path.join(box.path, 'many'));
    for (let at = 0; at < 5_001; at += 500)
      await Promise.all(
        Array.from({ length: 500 }, (_, each) => writeFile(path.join(box.path, `many/${at + each}`), '')),
      );
    t.match(await product.cli(['import', box.path]), {
      code: 5,
      stderr: /more than a bot does.*Name the folder of the bot itself/s,
    });
    await writeFile(path.join(box.path, 'SOUL.md'), 'Calm.\n');
    await writeFile(path.join(box.path, 'big.bin'), Buffer.alloc(17 * 1024 * 1024));
    const { left } = await planOf(product, await onlySmall(t.testdir({}), box.path));
    t.match(left, [{ what: 'big.bin', why: /17 MB; at most 16/ }]);
    t.strictSame((await product.client.call('imports.list', {})).imports, []);
  },
);

async function onlySmall(target: string, from: string): Promise<string> {
  for (const file of ['SOUL.md', 'big.bin']) await cp(path.join(from, file), path.join(target, file));
  return target;
}
