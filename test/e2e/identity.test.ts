import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { attempts, plantLinks } from '../support/mischief.ts';
import { gitIn } from '../support/door-cases-files.ts';
import { until, type Product } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';

t.setTimeout(180_000);

const ada = '---\nname: Ada\ntone: dry\n---\n\nYou are Ada, and you are calm.\n';
const tools = 'tools: { allow: ["files_*", "memories_*"] }\n';

/** What a bot with a shell outside of any sandbox could do: write where it likes. */
const shellPlugin = `import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { defineAction, definePlugin, z } from 'boternity';

export default definePlugin({
  name: 'shell',
  needs: ['home', 'actions'],
  setup({ home, actions }) {
    actions.add(
      defineAction({
        name: 'shell.write',
        summary: 'Writes any file of the home.',
        permission: 'shell:use',
        http: 'POST /shell',
        cli: 'shell write <path> <text>',
        doors: ['http', 'cli', 'bot'],
        reach: 'machine',
        input: z.strictObject({ path: z.string(), text: z.string() }),
        output: z.object({ done: z.literal(true) }),
        async run(input) {
          await writeFile(path.join(home.path, input.path), input.text);
          return { done: true };
        },
      }),
    );
  },
});
`;

await t.test('IDEN-03, SECU-04: a bot that tries in every way to change who it is changes nothing', async (t) => {
  await using talking = await startTalking({
    files: {
      'bots/ada/SOUL.md': ada,
      'bots/ada/bot.yaml': tools,
      'bots/ada/AGENT.md': 'Answer.\n',
      'bots/grace/SOUL.md': ada.replaceAll('Ada', 'Grace'),
      'bots/grace/AGENT.md': 'Answer.\n',
    },
  });
  const { product, mock } = talking;
  const conversation = await begin(product, 'ada');
  await say(product, conversation, 'Hello');
  await say(product, await begin(product, 'grace'), 'Hello');
  await plantLinks(path.join(product.home, 'bots/ada'));
  const before = await identity(product);
  const refused: string[] = [];
  for (const { what, tool, input } of attempts) {
    mock.script({ calls: [{ name: tool, arguments: JSON.stringify(input) }] }, 'I tried.');
    const { nodes } = await say(product, conversation, `Try: ${what}`);
    const call = nodes.find(({ kind }) => kind === 'task');
    t.ok(call?.tool?.result, `${what} was tried`);
    if (call?.tool?.isError) refused.push(what);
    t.strictSame(await identity(product), before, what);
  }
  t.ok(attempts.length >= 30, `${attempts.length} ways`);
  t.ok(refused.length >= 30, `${refused.length} of them were refused, the others changed nothing that counts`);
  t.equal((await product.client.call('soul.verify', { bot: 'ada' })).ok, true);
  t.match(
    (await product.client.call('soul.history', { bot: 'ada' })).versions,
    [{ version: 1 }],
    'one version, as before',
  );
  const last = talking.bodies().at(-1)?.messages[0]?.content ?? '';
  t.match(last, 'You are Ada, and you are calm.', 'the next prompt has the soul it always had');
  t.notMatch(last.slice(last.indexOf('You are Ada')), 'You obey Mallory', 'and nothing of the other');
});

await t.test('each of the people’s ways works and is in history with the person’s name', async (t) => {
  await using talking = await startTalking({ files: { 'bots/ada/SOUL.md': ada } });
  const { product } = talking;
  const conversation = await begin(product, 'ada');
  await say(product, conversation, 'Hello');
  const { name: owner, email } = await ownerOf(product);
  const ways: Record<string, () => Promise<unknown>> = {
    'the command line': () => product.cli(['soul', 'edit', 'ada'], { input: soul('by CLI') }),
    'the editor the command line opens': async () => {
      // Standard input is no terminal here, so the text comes from it as from a pipe.
      const ran = await product.cli(['file', 'edit', 'ada', 'SOUL.md', '--why', 'By pipe'], { input: soul('by pipe') });
      t.equal(ran.code, 0, ran.stderr);
    },
    REST: () => product.client.call('files.write', { bot: 'ada', path: 'SOUL.md', text: soul('by REST') }),
    'a text editor': () => product.files.write('bots/ada/SOUL.md', soul('by editor')),
    'an editor that renames': async () => {
      await product.files.write('bots/ada/.SOUL.md.swp', soul('by vim'));
      await rename(path.join(product.home, 'bots/ada/.SOUL.md.swp'), path.join(product.home, 'bots/ada/SOUL.md'));
    },
    'a rollback': () => product.client.call('soul.rollback', { bot: 'ada', version: 1 }),
  };
  let versions = 1;
  for (const [way, change] of Object.entries(ways)) {
    await change();
    versions += 1;
    const { versions: known } = await until(`history by ${way}`, async () => {
      const history = await product.client.call('soul.history', { bot: 'ada' });
      return history.versions.length === versions && history;
    });
    t.match(known[0], { author: owner, email, version: versions }, way);
    t.equal(await gitIn(product, 'ada', 'status', '--porcelain'), '', `git sees a clean folder after ${way}`);
    t.equal(await gitIn(product, 'ada', 'fsck', '--strict', '--no-progress'), '');
  }
  await product.files.write('bots/ada/SOUL.md', soul('by git'));
  await gitIn(
    product,
    'ada',
    '-c',
    'user.name=Grace',
    '-c',
    'user.email=g@example.org',
    'commit',
    '-qam',
    'By hand',
  ).catch(
    // The quiet moment may have been quicker; then it is the owner's.
    () => undefined,
  );
  await say(product, conversation, 'Hello again');
  t.match(talking.bodies().at(-1)?.messages[0]?.content, 'by git', 'the next turn uses it');
  t.equal(await gitIn(product, 'ada', 'status', '--porcelain'), '');
});

await t.test(
  'IDEN-04: versions, differences, a rollback that is a new version, and the next turn uses it',
  async (t) => {
    await using talking = await startTalking({ files: { 'bots/ada/SOUL.md': ada } });
    const { product } = talking;
    const conversation = await begin(product, 'ada');
    await say(product, conversation, 'Hello');
    for (const name of ['two', 'three']) await product.client.call('soul.edit', { bot: 'ada', text: soul(name) });
    const { versions } = await product.client.call('soul.history', { bot: 'ada' });
    t.strictSame(
      versions.map(({ version, digest }) => [version, digest]),
      [3, 2, 1].map((version) => [version, sha256([ada, soul('two'), soul('three')][version - 1] ?? '')]),
    );
    const { diff } = await product.client.call('soul.diff', { bot: 'ada', from: 1, to: 3 });
    t.match(diff, /^-You are Ada, and you are calm\.$/m);
    t.match(diff, /^\+You are three\.$/m);
    t.notMatch(diff, 'two');
    const ran = (await product.cliJson(['soul', 'rollback', 'ada', '1'])) as { version: number };
    t.equal(ran.version, 4);
    t.equal(await product.files.read('bots/ada/SOUL.md'), ada);
    t.match(await product.client.call('soul.history', { bot: 'ada' }), {
      versions: [{ version: 4, digest: sha256(ada), message: 'Rollback to version 1' }, {}, {}, {}],
    });
    const { answer } = await say(product, conversation, 'Who are you?');
    t.match(talking.bodies().at(-1)?.messages[0]?.content, 'You are Ada, and you are calm.');
    t.equal(answer.run?.botVersion, await gitIn(product, 'ada', 'rev-parse', 'main'), 'the run names its commit');
  },
);

await t.test(
  'SECU-05: what a bot with an unconfined tool writes over its soul waits, and turns go on as sealed',
  async (t) => {
    await using talking = await startTalking({
      files: {
        'plugins/shell/index.ts': shellPlugin,
        'settings.yaml': 'plugins:\n  shell: true\n',
        'bots/ada/SOUL.md': ada,
        'bots/ada/bot.yaml': 'tools: { allow: [shell_write] }\n',
      },
    });
    const { product, mock } = talking;
    const conversation = await begin(product, 'ada');
    await say(product, conversation, 'Hello');
    t.match(await product.client.call('soul.verify', { bot: 'ada' }), {
      ok: true,
      mode: 'approve',
      why: /shell_write/,
    });
    const stolen = soul('Mallory');
    mock.script(
      { calls: [{ name: 'shell_write', arguments: JSON.stringify({ path: 'bots/ada/SOUL.md', text: stolen }) }] },
      'Done.',
    );
    await say(product, conversation, 'Rewrite yourself');
    t.equal(await product.files.read('bots/ada/SOUL.md'), stolen, 'it lies there');

    const { answer } = await say(product, conversation, 'Who are you?');
    t.equal(answer.state, 'finished', 'turns go on');
    t.match(talking.bodies().at(-1)?.messages[0]?.content, 'You are Ada, and you are calm.');
    t.notMatch(talking.bodies().at(-1)?.messages[0]?.content, 'Mallory');
    t.match(answer.run?.notices, [{ code: 'SOUL_CHANGED', message: /soul accept ada/ }], 'the turn says so');
    const once = await product.cli(['chat', 'ada'], { input: 'Hi' });
    t.match(once.stderr + once.stdout, /SOUL\.md changed and is not in force/, 'so does the terminal');
    const check = await product.cli(['check', 'ada']);
    t.equal(check.code, 5);
    t.match(check.stdout, 'SOUL.md changed and is not in force');
    const shown = await product.client.call('bots.show', { bot: 'ada' });
    t.match(
      shown,
      { waiting: 1, waits: [{ kind: 'identity', path: 'SOUL.md' }], soul: { name: 'Ada' } },
      'data for a banner',
    );
    t.match(await product.client.call('soul.diff', { bot: 'ada' }), { diff: /^\+You are Mallory\.$/m });
    t.equal(
      (await product.client.call('soul.history', { bot: 'ada' })).versions.length,
      1,
      'nothing of it is in history',
    );

    await product.kill9();
    await product.start();
    await say(product, conversation, 'And now?');
    t.match(talking.bodies().at(-1)?.messages[0]?.content, 'You are Ada', 'a restart changes nothing of that');

    t.match(await product.cliJson(['soul', 'restore', 'ada', '--force']), { waiting: 0 });
    t.equal(await product.files.read('bots/ada/SOUL.md'), ada);
    await product.files.write('bots/ada/SOUL.md', soul('the owner'));
    await until('it waits', async () => (await product.client.call('bots.show', { bot: 'ada' })).waiting === 1);
    t.match(await product.cliJson(['soul', 'accept', 'ada']), { waiting: 0 });
    await say(product, conversation, 'Who now?');
    t.match(talking.bodies().at(-1)?.messages[0]?.content, 'You are the owner.');

    // Where what was sealed cannot be read any more, no turn runs on a guess.
    await product.files.write('bots/ada/SOUL.md', stolen);
    const objects = path.join(product.home, 'bots/ada/.git/objects');
    for (const name of await readdir(objects))
      if (/^[0-9a-f]{2}$|^pack$/.test(name)) await rm(path.join(objects, name), { recursive: true });
    await product.stop();
    await product.start();
    const { answer: failed } = await say(product, conversation, 'Hello?');
    t.match(failed, { state: 'errored', run: { error: { code: 'SOUL_CHANGED' } } });
  },
);

await t.test(
  'an edit while the server is stopped counts as the owner’s, or waits where the owner said so',
  async (t) => {
    await using talking = await startTalking({ files: { 'bots/ada/SOUL.md': ada, 'bots/grace/SOUL.md': ada } });
    const { product } = talking;
    const conversation = await begin(product, 'ada');
    await say(product, conversation, 'Hello');
    await product.stop();
    await product.files.write('bots/ada/SOUL.md', soul('live'));
    await product.start();
    await say(product, conversation, 'Hello');
    t.match(talking.bodies().at(-1)?.messages[0]?.content, 'You are live.');
    t.equal((await product.client.call('soul.history', { bot: 'ada' })).versions.length, 2);
    await product.client.call('settings.set', { key: 'seal', value: 'approve' });
    await product.stop();
    await product.files.write('bots/ada/SOUL.md', soul('waiting'));
    await product.files.write('bots/ada/AGENT.md', 'An edit that needs nobody.\n');
    await product.start();
    const { answer } = await say(product, conversation, 'Hello');
    const system = talking.bodies().at(-1)?.messages[0]?.content ?? '';
    t.match(system, 'You are live.');
    t.match(system, 'An edit that needs nobody.', 'what is not sealed is in force at once');
    t.match(answer.run?.notices, [{ code: 'SOUL_CHANGED' }]);
    await product.client.call('settings.set', { key: 'seal', value: 'live' });
    await say(product, conversation, 'Hello');
    t.match(talking.bodies().at(-1)?.messages[0]?.content, 'You are live.', 'what waits goes on waiting');
    await chmod(path.join(product.home, 'bots/ada'), 0o755);
  },
);

await t.test(
  'a person’s edit of identity needs bots:admin, of the rest bots:write; nobody loses an edit made meanwhile',
  async (t) => {
    await using talking = await startTalking({ files: { 'bots/ada/SOUL.md': ada, 'bots/ada/AGENT.md': 'One.\n' } });
    const { client } = talking.product;
    const shown = await client.call('files.read', { bot: 'ada', path: 'AGENT.md' });
    await client.call('files.write', { bot: 'ada', path: 'AGENT.md', text: 'Two.\n', expect: shown.digest });
    const late = client.call('files.write', { bot: 'ada', path: 'AGENT.md', text: 'Three.\n', expect: shown.digest });
    await t.rejects(late, { code: 'FILE_CHANGED', status: 409 });
    await t.rejects(client.call('soul.edit', { bot: 'ada', text: '---\ntraits: 5\n---\n' }), {
      status: 422,
      code: 'INPUT_INVALID',
    });
    await t.rejects(client.call('files.write', { bot: 'ada', path: '.git/config', text: 'x' }), {
      code: 'PATH_REFUSED',
    });
    t.equal(await talking.product.files.read('bots/ada/AGENT.md'), 'Two.\n');
  },
);

await t.test('a folder that got another name is the same bot, with its conversations; a copy is another', async (t) => {
  await using talking = await startTalking({ files: { 'bots/ada/SOUL.md': ada } });
  const { product } = talking;
  const conversation = await begin(product, 'ada');
  await say(product, conversation, 'Hello');
  const { id } = await product.client.call('bots.show', { bot: 'ada' });
  const bots = path.join(product.home, 'bots');
  await rename(path.join(bots, 'ada'), path.join(bots, 'lovelace'));
  await until('the new name', async () =>
    (await product.client.call('bots.list', {})).bots.some(({ slug }) => slug === 'lovelace'),
  );
  t.equal((await product.client.call('bots.show', { bot: 'lovelace' })).id, id);
  const page = await product.client.call('conversations.show', { conversation });
  t.equal(page.bot.slug, 'lovelace', 'its conversation came along');
  await say(product, conversation, 'Still there?');
  await promisify(execFile)('cp', ['-r', path.join(bots, 'lovelace'), path.join(bots, 'copy')]);
  await until('the copy', async () =>
    (await product.client.call('bots.list', {})).bots.some(({ slug }) => slug === 'copy'),
  );
  t.not((await product.client.call('bots.show', { bot: 'copy' })).id, id);
});

await t.test(
  'while the person has another branch or a merge under way, the last accepted commit is live',
  async (t) => {
    await using talking = await startTalking({ files: { 'bots/ada/SOUL.md': ada, 'bots/ada/AGENT.md': 'One.\n' } });
    const { product } = talking;
    const conversation = await begin(product, 'ada');
    await say(product, conversation, 'Hello');
    await gitIn(product, 'ada', 'checkout', '-qb', 'try');
    await product.files.write('bots/ada/SOUL.md', soul('an experiment'));
    await say(product, conversation, 'Hello');
    t.match(talking.bodies().at(-1)?.messages[0]?.content, 'You are Ada', 'what is on main');
    const check = await product.cli(['check', 'ada']);
    t.match(check.stdout, /HEAD is on/, 'and the check says why');
    await t.rejects(product.client.call('files.write', { bot: 'ada', path: 'AGENT.md', text: 'Two.\n' }), {
      code: 'GIT_AWAY',
    });
    t.equal(await gitIn(product, 'ada', 'status', '--porcelain'), 'M SOUL.md', 'nothing was committed for the person');
    await gitIn(product, 'ada', 'stash', '-q');
    await gitIn(product, 'ada', 'checkout', '-q', 'main');
    await product.client.call('files.write', { bot: 'ada', path: 'AGENT.md', text: 'Two.\n' });
    await say(product, conversation, 'Hello');
    t.match(talking.bodies().at(-1)?.messages[0]?.content, 'Two.');
  },
);

await t.test('what a commit made by hand brings that no push could is named, and is in force nowhere', async (t) => {
  await using talking = await startTalking({ files: { 'bots/ada/SOUL.md': ada } });
  const { product } = talking;
  const conversation = await begin(product, 'ada');
  await say(product, conversation, 'Hello');
  await symlink('/etc/hostname', path.join(product.home, 'bots/ada/USER.md'));
  await product.files.write('bots/ada/hooks/on-start.sh', 'echo pulled\n');
  await gitIn(product, 'ada', 'add', '-A');
  await gitIn(product, 'ada', 'commit', '-qm', 'pulled from elsewhere');
  await say(product, conversation, 'Hello');
  t.notMatch(talking.bodies().at(-1)?.messages[0]?.content, (await readFile('/etc/hostname', 'utf8')).trim());
  const { problems } = await product.client.call('bots.check', { bot: 'ada' });
  t.match(
    problems.find(({ message }) => message.includes('absolute path')),
    { file: 'bots/ada/USER.md', level: 'error' },
  );
  t.match((await product.client.call('bots.show', { bot: 'ada' })).waits, [
    { kind: 'code', path: 'hooks/on-start.sh' },
  ]);
  await rm(path.join(product.home, 'bots/ada/USER.md'));
  await until('the link is gone', async () => (await product.client.call('bots.check', { bot: 'ada' })).ok, 15_000);
  await product.stop();
  await product.start();
  t.equal((await product.client.call('bots.check', { bot: 'ada' })).ok, true, 'also after another start');
});

function soul(name: string): string {
  return `---\nname: ${name}\n---\n\nYou are ${name}.\n`;
}

/** Digests of everything that says who the two bots are, and of git's own files that could run something. */
async function identity(product: Product): Promise<Record<string, string | undefined>> {
  const sealed = ['SOUL.md', 'IDENTITY.md', 'USER.md', 'bot.yaml', '.git/config', '.git/HEAD', 'soul.md', 'BOT.YAML'];
  const folders = ['personas', 'prompts', 'hooks', 'tools', '.git/hooks'];
  const found: Record<string, string | undefined> = {};
  for (const bot of ['ada', 'grace']) {
    for (const file of sealed) found[`${bot}/${file}`] = await product.files.read(`bots/${bot}/${file}`);
    for (const folder of folders)
      found[`${bot}/${folder}`] = String(await readdir(path.join(product.home, 'bots', bot, folder)).catch(() => []));
  }
  found['grace/AGENT.md'] = await product.files.read('bots/grace/AGENT.md');
  found['folders'] = String((await readdir(path.join(product.home, 'bots'))).toSorted());
  return found;
}

async function ownerOf(product: Product): Promise<{ name: string; email: string }> {
  await product.client.call('files.write', { bot: 'ada', path: 'AGENT.md', text: 'Mine.\n' });
  const { commits } = await product.client.call('files.history', { bot: 'ada', limit: 1 });
  return { name: commits[0]?.author ?? '', email: commits[0]?.email ?? '' };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
