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
  'applied, it is a bot: soul to the byte, looks, notes on tools, skills, memories with their dates, schedules switched off',
  async (t) => {
    await using product = await startProduct();
    const applied = (await product.cliJson(['import', workspace, '--apply'])) as { bots: { slug: string }[] };
    t.match(applied, { bots: [{ slug: 'pinch' }], secrets: [] });
    const read = async (file: string): Promise<string> => (await product.files.read(`bots/pinch/${file}`)) ?? '';
    t.equal(await read('SOUL.md'), await original('SOUL.md'));
    const shown = await product.client.call('bots.show', { bot: 'pinch' });
    t.match(shown, {
      name: 'Pinch',
      emoji: '🦞',
      avatar: 'avatars/pinch.svg',
      description: 'space lobster',
      origin: { kind: 'import', from: 'OpenClaw, agent main' },
      found: [],
    });
    const looks = parseFrontMatter(await read('IDENTITY.md'));
    t.match(looks.data, { creature: 'space lobster' });
    t.notOk('vibe' in (looks.data as object), 'a placeholder is no value');
    t.match(looks.body, 'Born in a terminal.');
    t.equal(await read('avatars/pinch.svg'), await original('avatars/pinch.svg'));
    const ways = await read('AGENT.md');
    t.match(
      ways,
      /^# How to work\n[^]*## Group chats\n\nSpeak when spoken to\.\n\n## Tools\n\n- camera[^]*- speaker: the kitchen/,
    );
    t.match(await read('USER.md'), /Never before eight/);
    t.notMatch(await read('USER.md'), /long reports/);
    t.match(parseFrontMatter(await read('skills/greet-people/SKILL.md')).data, {
      name: 'greet-people',
      description: /^Says hello/,
    });
    t.equal(await read('skills/weather/SKILL.md'), await original('skills/tools/weather/SKILL.md'));

    const memories = await memoriesOf(product, 'pinch');
    t.match(memories.get('Tea, not coffee.'), {
      importance: 5,
      category: 'preference',
      triggers: ['drink', 'breakfast'],
      origin: 'owner',
      kind: 'fact',
    });
    t.match(memories.get('The gateway stays on loopback. Source: memory/2026-03-01.md#L4-L6'), {
      importance: 2,
      triggers: ['gateway setup', 'network'],
    });
    t.match(memories.get("Sam's sister is called Robin."), { importance: 3 });
    t.match(memories.get('Garden\nPlanted beans with Sam.'), {
      kind: 'note',
      origin: 'agent',
      day: '2026-03-01',
      created_at: '2026-03-01T12:00:00.000Z',
    });
    t.match(memories.get('Went to the sea.'), { day: '2026-03-02' });
    t.match(memories.get('Codex said: use tabs.'), { origin: 'untrusted', day: '2026-01-05' });
    t.match(memories.get('Answers in the morning are short.\nNever before eight.'), {
      day: '2026-02-03',
      category: 'preference',
    });
    t.equal(memories.size, 9);
    t.notOk([...memories.keys()].some((text) => /REM|long reports|loose/.test(text)));

    for (const [name, schedule] of [
      ['inbox-triage', 'every 30 minutes'],
      ['water', 'every 2 hours'],
      ['heartbeat', 'every 30 minutes'],
    ])
      t.match(parseYaml(await read(`workflows/${name}.yaml`)), {
        enabled: false,
        triggers: [{ type: 'cron', schedule }],
      });
    t.match(parseYaml(await read('workflows/boot.yaml')), {
      enabled: false,
      steps: [{ config: { prompt: /good morning/ } }],
    });
    t.match(await product.files.read('data/pinch/files/imported/DREAMS.md'), 'warm water');
    t.strictSame(await holds(path.join(product.home, 'bots/pinch'), 'warm water'), [], 'dreams are for people to read');
    t.match((await product.cli(['chat', 'pinch'], { input: 'hello\n' })).code, 0);
    t.match(await product.cliJson(['import', workspace, '--apply', '--name', 'Second']), {
      bots: [{ slug: 'second' }],
    });
  },
);

await t.test(
  'a whole OpenClaw folder becomes its agents: included files, models, servers switched off, keys in no file, the rest named',
  async (t) => {
    await using product = await startProduct();
    const token = (prefix: string): string => prefix + randomBytes(24).toString('hex');
    const keys = {
      openai: token('sk-'),
      telegram: `${randomBytes(4).readUInt32BE()}:${randomBytes(26).toString('hex').slice(0, 35)}`,
      mcp: token('tok-'),
      env: token(''),
      pasted: `sk-ant-api03-${randomBytes(80).toString('base64url').replaceAll(/[-_]/g, 'x').slice(0, 93)}AA`,
    };
    await using box = await openClawFolder(workspace, keys);
    await using secret = await temporaryFolder({ 'far.md': 'OUTSIDE-OF-THE-FOLDER' });
    await symlink(path.join(secret.path, 'far.md'), path.join(box.path, 'workspace/LINK.md'));
    await symlink(secret.path, path.join(box.path, 'workspace/skills/far'));

    const plan = await planOf(product, box.path);
    const said = JSON.stringify(plan);
    for (const [name, key] of Object.entries(keys))
      t.notOk(said.includes(key), `the plan does not repeat the key of ${name}`);
    t.match(plan.bots, [{ name: 'Pinch the First' }, { name: 'work' }]);
    t.strictSame(plan.secrets.map(({ what }) => what).toSorted(), [
      'ANTHROPIC_API_KEY',
      'FILES_TOKEN',
      'OPENAI_API_KEY',
      'TELEGRAM_BOT_TOKEN',
      'WEATHER_API_KEY',
    ]);
    const left = new Map(plan.left.map(({ what, why }) => [what, why]));
    for (const [what, why] of [
      ['$include "../outside.json" in openclaw.json', /leads out/],
      ['$include "/etc/passwd" in openclaw.json', /leads out/],
      ['$include "./base.json5" in conf/more.json5', /includes itself/],
      ['agent far', /\/srv\/elsewhere is not in this folder/],
      ['workspace/LINK.md', /links are not followed/],
      ['workspace/skills/far', /links are not followed/],
      ['workspace-work/notes.sqlite', /database/],
      ['state/openclaw.sqlite', /database/],
      ['credentials/', /sign in anew/],
      ['agents/main/agent/auth-profiles.json', /sign in anew/],
      ['agents/main/sessions/', /conversations/],
      ['model provider openai', 'add it with: bnity provider add openai --address https://api.example.invalid/v1'],
      ['channel telegram', /no such channel/],
      ['openclaw.json gateway', /settings of its own/],
      ['job Strange', /no known kind/],
      ['fallback models of main: openai/gpt-5', /bot\.yaml/],
      ['tool rules of work', /other names/],
    ] as const)
      t.match(left.get(what), why, what);

    await product.cliJson(['import', box.path, '--apply']);
    const read = async (file: string): Promise<string> => (await product.files.read(file)) ?? '';
    t.match(parseYaml(await read('bots/pinch-the-first/bot.yaml')), {
      model: { default: 'anthropic/claude-sonnet-4-5' },
      skills: ['shared-tool'],
    });
    t.match(parseYaml(await read('bots/work/bot.yaml')), { model: { default: 'openai/gpt-5-mini' } });
    t.match(parseYaml(await read('bots/work/workflows/morning-brief.yaml')), {
      enabled: false,
      triggers: [{ schedule: '0 7 * * 1-5', timezone: 'Europe/Berlin' }],
    });
    t.match(parseYaml(await read('bots/pinch-the-first/workflows/ping.yaml')), {
      enabled: false,
      triggers: [{ schedule: 'every 1 hours' }],
    });
    t.match(await read('skills/shared-tool/SKILL.md'), 'Yes.');
    const [fact] = [...(await memoriesOf(product, 'work')).keys()];
    t.match(fact, 'The key is ${ANTHROPIC_API_KEY} do not lose it');
    await product.stop();
    for (const [name, key] of Object.entries(keys))
      t.strictSame(await holds(product.home, key), [], `the key of ${name} is in no file`);
    t.strictSame(await holds(product.home, 'OUTSIDE-OF-THE-FOLDER'), [], 'and what links lead to neither');
    t.strictSame(await holds(product.home, '"never"'), []);
  },
);

await t.test(
  'MCP servers arrive switched off, with references where keys stood and the keys in the vault',
  async (t) => {
    await using product = await startProduct();
    const token = `tok-${randomBytes(20).toString('hex')}`;
    await using box = await temporaryFolder({
      'SOUL.md': 'Calm.\n',
      'openclaw.json': `{ mcp: { servers: { files: { command: 'npx', enabled: true, env: { FILES_TOKEN: '${token}', REF: { source: 'env', provider: 'x', id: 'REF_NAME' } } } } } }`,
    });
    const plan = await planOf(product, box.path);
    t.match(plan.bots[0]?.disabled, [{ what: 'MCP server files', where: 'bot.yaml mcp.files' }]);
    t.equal(plan.secrets[0]?.what, 'FILES_TOKEN');
    t.match(await product.cliJson(['import', box.path, '--apply', '--secrets']), { secrets: ['FILES_TOKEN'] });
    const settings = parseYaml((await product.files.read('bots/openclaw/bot.yaml')) ?? '') as { mcp?: object };
    t.strictSame(settings.mcp, {
      files: { enabled: false, command: 'npx', env: { FILES_TOKEN: '${FILES_TOKEN}', REF: '${REF_NAME}' } },
    });
    t.match(
      (await product.client.call('bots.show', { bot: 'openclaw' })).waits,
      [{ path: 'bot.yaml#mcp' }],
      'nobody approved it',
    );
    const { secrets } = await product.client.call('secrets.list', {});
    t.match(secrets, [{ name: 'FILES_TOKEN', backend: 'file', preview: `****${token.slice(-4)}` }]);
    t.strictSame(await holds(product.home, token), [], 'the vault has it, and nothing in plain text');
  },
);

await t.test('several agents come in together or not at all', async (t) => {
  await using product = await startProduct();
  await using box = await temporaryFolder({
    'openclaw.json': `{ agents: { list: [{ id: 'main' }, { id: 'two' }] } }`,
    'workspace/SOUL.md': 'One.\n',
    'workspace-two/SOUL.md': 'Two.\n',
    'skills/common/SKILL.md': '---\nname: common\ndescription: For all.\n---\n\nNew.\n',
  });
  await writeFile(path.join(product.home, 'bots/two'), 'a file where a folder would be');
  const refused = await product.cli(['import', box.path, '--apply', '--json']);
  t.not(refused.code, 0);
  t.strictSame((await readdir(path.join(product.home, 'bots'))).toSorted(), ['assistant', 'two']);
  t.strictSame(await readdir(path.join(product.home, 'skills')).catch(() => []), [], 'and no skill stays behind');
  t.strictSame(
    (await product.client.call('bots.list', {})).bots.map(({ slug }) => slug),
    ['assistant'],
  );
});

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
