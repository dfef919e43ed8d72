import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { startProduct, temporaryFolder } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';

t.setTimeout(120_000);

const git = promisify(execFile);

await t.test(
  'IDEN-01: the same new bot results from the CLI, from REST and from a push, and each lists it',
  async (t) => {
    await using product = await startProduct();
    await using elsewhere = await temporaryFolder();
    const made = await product.cli(['create', 'From CLI', '--json']);
    t.equal(made.code, 0, made.stderr);
    const answer = await product.fetch('/api/v1/bots', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'From REST' }),
    });
    t.equal(answer.status, 201);
    const folder = path.join(elsewhere.path, 'bot');
    await git('git', ['clone', '-q', path.join(product.home, 'bots/from-cli'), folder]);
    const { token } = await product.client.call('tokens.create', { name: 'push', scopes: ['bots:admin'] });
    const address = new URL('/git/from-push.git', product.url);
    [address.username, address.password] = ['owner', token];
    await git('git', ['-C', folder, 'push', '-q', address.href, 'HEAD:refs/heads/main']);

    const slugs = ['from-cli', 'from-push', 'from-rest'];
    const programs = slugs.map(async (slug) => (await readdir(path.join(product.home, 'bots', slug))).toSorted());
    const [first, ...others] = await Promise.all(programs);
    t.ok(['SOUL.md', 'IDENTITY.md', 'USER.md', '.git'].every((name) => first?.includes(name)));
    for (const other of others) t.strictSame(other, first, 'the same files');
    const listed = JSON.parse((await product.cli(['list', '--json'])).stdout) as { bots: { slug: string }[] };
    const overHttp = (await (await product.fetch('/api/v1/bots')).json()) as { data: typeof listed };
    for (const { bots } of [listed, overHttp.data])
      t.strictSame(
        bots.map(({ slug }) => slug),
        ['assistant', ...slugs],
      );
    const records = await product.files.read('.boternity/bots.json');
    for (const slug of slugs) t.match(records, `"${slug}"`, 'and each has its record');
  },
);

await t.test(
  'AGNT-01, IDEN-02, IDEN-05, IDEN-06: soul, looks and the person’s preferences are where they belong',
  async (t) => {
    await using talking = await startTalking({
      files: {
        'bots/ada/SOUL.md': '---\nname: Ada\ntone: dry\ntraits: [exact, kind]\n---\n\nYou never guess.\n',
        'bots/ada/IDENTITY.md':
          '---\ndisplay_name: Lady Ada\nemoji: 🧮\naccent_color: "#123456"\ndescription: Counts things\n---\n',
        'bots/ada/USER.md': 'Writes dates as 1843-07-10.\n',
        'bots/ada/bot.yaml': 'tools: { allow: ["*"] }\n',
      },
    });
    const { product, mock } = talking;
    const conversation = await begin(product, 'ada');
    mock.script({ text: 'Noted: from now on dates are 10 July 1843, and I will remember it.' });
    await say(product, conversation, 'Please change how you write dates for me.');
    const system = talking.bodies().at(-1)?.messages[0]?.content ?? '';
    for (const part of ['Ada', 'dry', 'exact', 'You never guess.', '1843-07-10']) t.match(system, part);
    t.equal(await product.files.read('bots/ada/USER.md'), 'Writes dates as 1843-07-10.\n', 'no session writes it');
    await product.client.call('files.write', { bot: 'ada', path: 'USER.md', text: 'Is called Charles.\n' });
    await say(product, conversation, 'Who am I?');
    t.match(talking.bodies().at(-1)?.messages[0]?.content, 'Is called Charles.', 'an edit is in the next prompt');
    const shown = (await product.client.call('bots.list', {})).bots[0];
    t.match(shown, { name: 'Lady Ada', emoji: '🧮', accentColor: '#123456', description: 'Counts things' });
    t.match((await product.cli(['list'])).stdout, /🧮 +ada +Lady Ada/);
  },
);

await t.test('CLII-01: what the CLI does to a bot, REST tells at once', async (t) => {
  await using product = await startProduct();
  const told = async (): Promise<{ status?: string; settings?: unknown }> => {
    const answer = await product.fetch('/api/v1/bots/ada');
    return answer.status === 404 ? {} : ((await answer.json()) as { data: { status: string } }).data;
  };
  const run = async (...words: string[]): Promise<void> => {
    const { code, stderr } = await product.cli(words);
    t.equal(code, 0, `${words.join(' ')} ${stderr}`);
  };
  await run('create', 'Ada');
  t.match(await told(), { status: 'active' });
  await run('configure', 'ada', '--set', 'model.temperature=0.25');
  t.match(await told(), { settings: { value: { model: { temperature: 0.25 } }, source: 'bots/ada/bot.yaml' } });
  await run('stop', 'ada');
  t.match(await told(), { status: 'disabled' });
  await run('start', 'ada');
  t.match(await told(), { status: 'active' });
  await run('archive', 'ada');
  t.match(await told(), { status: 'archived' });
  await run('delete', 'ada', '--force');
  t.strictSame(await told(), {});
});
