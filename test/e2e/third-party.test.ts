import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { testHouse } from 'boternity/testing';
import { parseYaml } from '../../core/files/yaml.ts';
import { startProduct, until } from '../support/product.ts';
import { begin, say } from '../support/talk.ts';
import { strangerManifest, strangerPage, strangerPlugin } from '../support/third-party.ts';

t.setTimeout(240_000);

const services = ['actions', 'bots', 'providers', 'web'].map((name) => `service:${name}`);
const oneFile = (word: string): string =>
  strangerPlugin({ name: 'tide', word, page: `{ text: ${JSON.stringify(strangerPage('tide'))} }` });
const inPackage = (word: string): string =>
  strangerPlugin({ name: 'moon', word, page: `new URL('./ui/moon-page.js', import.meta.url)` });

await using product = await startProduct({
  files: {
    'package.json': '{ "name": "fleet-of-a-stranger", "private": true }\n',
    'bots/assistant/SOUL.md': '---\nname: Assistant\n---\n\nCalm.\n',
    'bots/assistant/bot.yaml': 'tools:\n  allow: [tide_say, moon_say]\n',
    'plugins/tide.ts': oneFile('ebb'),
    'shop/moon/package.json': strangerManifest('moon', [...services, 'host:api.moon.example']),
    'shop/moon/index.js': inPackage('new moon'),
    'shop/moon/ui/moon-page.js': strangerPage('moon'),
    'settings.yaml': '# mine\nmodel: demo\n',
  },
});
const { client, files } = product;
const installed = 'node_modules/boternity-plugin-moon';

interface Row {
  readonly name: string;
  readonly state: string;
  readonly error: string | null;
  readonly lastError: string | null;
}

async function rowOf(name: string): Promise<Row | undefined> {
  return (await client.call('plugins.list', {})).plugins.find((plugin) => plugin.name === name);
}

async function seen(name: string) {
  return (await client.call('plugins.settings', {})).plugins.find((plugin) => plugin.name === name);
}

/** What an action says over HTTP; its status where it says nothing. */
async function said(name: string, input: object = {}): Promise<unknown> {
  const response = await product.fetch(`/api/v1/${name}/say`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const { data } = (await response.json()) as { data: { said: string } | null };
  return data?.said ?? response.status;
}

const runs = (name: string): Promise<Row> =>
  until(
    `${name} runs`,
    async () => {
      const row = await rowOf(name);
      return row?.state === 'running' && row;
    },
    20_000,
  );

/** Everything that a plugin adds does its work at the front doors. */
async function works(t: Test, name: string, word: string): Promise<void> {
  t.equal(await said(name), word, 'the action over HTTP');
  t.match(await product.cliJson([name, 'say']), { said: word }, 'and at the terminal');

  await client.call('providers.add', { name, type: name });
  await until('its model', async () =>
    (await client.call('models.list', {})).models.some((model) => model.id === `${name}-1`),
  );
  await client.call('bots.configure', { bot: 'assistant', model: `${name}/${name}-1` });
  const { answer } = await say(product, await begin(product), 'Ask your tool.', 20_000);
  t.match(answer.text, `${name} heard`, 'the model of its provider answers');
  t.match(answer.text, word, 'with what its tool said to the bot');

  await files.write(`bots/assistant/${name}/a.yaml`, 'note: 5\n');
  const problems = await until('the problem', async () => {
    const found = (await client.call('bots.check', { bot: 'assistant' })).problems;
    return found.length > 0 && found;
  });
  t.match(problems, [{ file: `bots/assistant/${name}/a.yaml`, line: 1 }], 'its kind of file is checked');
  await files.write(`bots/assistant/${name}/a.yaml`, 'note: fine\n');
  await client.call('bots.configure', { bot: 'assistant', model: 'demo' });

  const panel = (await client.call('panels.list', {})).panels.find(({ plugin }) => plugin === name);
  const document = await (await product.fetch(`/${name}`, { headers: { accept: 'text/html' } })).text();
  t.match(document, panel?.module, 'its page is preloaded where it is opened');
  const [, map = '{}'] = /<script type="importmap">(.*?)<\/script>/s.exec(document) ?? [];
  const { imports } = JSON.parse(map) as { imports: Record<string, string> };
  const served = await product.fetch(panel?.module ?? '');
  t.match(served.headers.get('content-type'), 'text/javascript');
  t.match(await served.text(), `Hello from ${name}`);
  for (const shared of ['lit', 'boternity/ui'])
    t.equal((await product.fetch(imports[shared] ?? '')).status, 200, `the import map gives it the shared ${shared}`);
}

/** Nothing of a plugin is left. */
async function isGone(t: Test, name: string): Promise<void> {
  await until(`the end of ${name}`, async () => (await said(name)) === 404);
  t.notOk(
    (await client.call('actions.list', {})).actions.some((action) => action.name === `${name}.say`),
    'no action',
  );
  t.notOk(
    (await client.call('panels.list', {})).panels.some(({ plugin }) => plugin === name),
    'no page',
  );
  t.equal(await rowOf(name), undefined, 'no line in the list');
  t.equal(await seen(name), undefined, 'nor among those that could be turned on');
  t.notMatch(
    parseYaml((await files.read('settings.yaml')) ?? ''),
    { plugins: { [name]: /./ } },
    'no line in settings.yaml',
  );
  t.notMatch(await files.read('.boternity/plugins.json'), name, 'no consent');
  t.match(await files.read('settings.yaml'), '# mine', 'and what a person wrote stays');
  await files.write(`bots/assistant/${name}/a.yaml`, 'note: 5\n');
  t.same((await client.call('bots.check', { bot: 'assistant' })).problems, [], 'no kind of file');
  const kinds = (await client.call('providers.kinds', {})).kinds;
  t.notOk(
    kinds.some(({ type }) => type === name),
    'no kind of provider',
  );
  await client.call('providers.remove', { name });
  await rm(path.join(product.home, 'bots/assistant', name), { recursive: true });
}

await t.test('one file in plugins/ adds a provider, an action, a tool, a kind of file and a page', async (t) => {
  t.match(await seen('tide'), { state: 'off', origin: 'home', capabilities: ['everything'] }, 'it is there, and off');
  t.equal(await said('tide'), 404, 'none of its code runs');
  const alone = await product.cli(['plugin', 'enable', 'tide']);
  t.equal(alone.code, 2, 'without a person at the terminal');
  t.match(alone.stderr, /has no manifest and counts as asking for everything.*\n.*--force/);
  const enabled = await product.cli(['plugin', 'enable', 'tide', '--force']);
  t.equal(enabled.stdout, 'tide: runs\n', enabled.stderr);
  await works(t, 'tide', 'ebb');

  await files.write('plugins/tide.ts', oneFile('flood'));
  await until('the edit', async () => (await said('tide')) === 'flood', 20_000);
});

await t.test('a failing plugin harms nothing and says why', async (t) => {
  await files.write('plugins/tide.ts', `${oneFile('torn')}\nconst = ;\n`);
  const broken = await until('the error', async () => (await rowOf('tide'))?.error ?? undefined, 20_000);
  t.match(broken, /plugins\/tide\.ts:\d+: /, 'with file and line');
  t.equal(await said('tide'), 'flood', 'the old code goes on');
  const { stdout: checked } = await product.cli(['check']);
  t.match(checked, /plugins\/tide\.ts/);
  const apart = await product.cli(['plugin', 'check', 'tide', '--json']);
  t.equal(apart.code, 5);
  t.match(JSON.parse(apart.stdout), {
    ok: false,
    problems: [{ plugin: 'tide', file: /plugins\/tide\.ts$/, line: /\d/ }],
  });

  const thrower = oneFile('x').replace('actions.add(say);', "throw new Error('no sea here');");
  await files.write('plugins/tide.ts', thrower);
  await until('the failed start', async () => (await rowOf('tide'))?.error?.includes('no sea here'), 20_000);
  t.equal(await said('tide'), 'flood', 'the old plugin returned');
  t.match((await client.call('bots.check', {})).problems, [{ file: 'plugins/tide.ts', message: /no sea here/ }]);

  await files.write('plugins/tide.ts', oneFile('flood'));
  await until('all is well', async () => (await rowOf('tide'))?.error === null, 20_000);
  t.equal(await said('tide', { broken: true }), 500, 'an action that throws');
  t.equal(await said('tide'), 'flood', 'is no end');
  t.match(await rowOf('tide'), { state: 'running', lastError: 'tide.say: out of words' });
  const warning = {
    level: 'warning',
    file: 'plugins/tide.ts',
    message: /a call met an error.*tide\.say: out of words/,
  };
  t.match((await client.call('bots.check', {})).problems, [warning]);
  const { plugins, memory } = await client.call('plugins.costs', {});
  const cost = plugins.find(({ name }) => name === 'tide');
  t.match(cost, { actions: { calls: 2, errors: 1 }, memory: 'unknown', lastError: { what: 'tide.say' } });
  t.ok(cost && cost.ms >= 0 && cost.effects >= 4 && (cost.startedInMs ?? 0) > 0 && memory.server > memory.heap);
  t.ok((plugins.find(({ name }) => name === 'traces')?.layers.calls ?? 0) > 0, 'layers are counted too');
  t.match((await product.cli(['plugin', 'costs'])).stdout, /tide .* unknown/);
});

await t.test('a start that never ends delays nobody for long, nor does an import', async (t) => {
  const never = (name: string, body: string): string =>
    `import { definePlugin } from 'boternity';\n${name === 'stuck' ? body : ''}\nexport default definePlugin({ name: '${name}', setup: () => ${name === 'slow' ? body : 'undefined'} });\n`;
  await using house = await testHouse({
    plugins: (await import('../../plugins/standard.ts')).default,
    startTimeoutMs: 1_000,
    files: {
      'plugins/slow.ts': never('slow', 'new Promise(() => undefined)'),
      'plugins/stuck.ts': never('stuck', 'await new Promise(() => undefined);'),
      'settings.yaml': 'plugins: { slow: true, stuck: true }\n',
    },
  });
  const list = async () => {
    const { data } = (await (await house.fetch('/api/v1/plugins')).json()) as { data: { plugins: Row[] } };
    return data.plugins.filter(({ name }) => ['slow', 'stuck'].includes(name));
  };
  const rows = await until(
    'both told',
    async () => {
      const found = await list();
      return found.length === 2 && found.every(({ state }) => state === 'failed') && found;
    },
    20_000,
  );
  t.match(rows, [
    { name: 'slow', error: /did not start within 1000 ms/ },
    { name: 'stuck', error: /stuck\.ts: its import did not end/ },
  ]);
});

await t.test('a package is installed, shows what it asks for, and runs by consent alone', async (t) => {
  const added = await product.cli(['plugin', 'add', './moon'], { cwd: path.join(product.home, 'shop') });
  t.equal(added.code, 0, added.stderr);
  t.match(
    added.stdout,
    /boternity-plugin-moon 1\.2\.3 is in .*\n.*Adds moon\.\n.*host:api\.moon\.example.*\n.*bnity plugin enable moon/,
  );
  t.ok(existsSync(path.join(product.home, installed, 'index.js')));
  t.match(await files.read('package.json'), 'boternity-plugin-moon');
  t.equal((await seen('moon'))?.state, 'off', 'it is not turned on');
  t.same((await client.call('plugins.check', { plugin: 'moon' })).problems, [], 'and nothing is wrong with it');

  await files.write('settings.yaml', `${(await files.read('settings.yaml')) ?? ''}  moon: true\n`);
  const waiting = await until(
    'the line',
    async () => {
      const row = await rowOf('moon');
      return row?.state === 'waits for consent' && row;
    },
    20_000,
  );
  t.match(waiting.error, 'host:api.moon.example', 'a line in settings.yaml alone lets no package in');
  const told = (await client.call('bots.check', {})).problems.map(({ message }) => message);
  t.ok(told.some((message) => message.includes('"moon" waits for consent')));
  t.equal(await said('moon'), 404);

  const consent = [...services, 'host:api.moon.example'].toSorted();
  const enable = (given: string[]) =>
    product.fetch('/api/v1/plugins/moon/enable', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ consent: given }),
    });
  const less = await enable(services);
  t.equal(less.status, 409, 'consent is to all of it');
  t.match(await less.json(), { errors: [{ code: 'PLUGIN_CONSENT' }] });
  t.equal((await enable(consent)).status, 200);
  await runs('moon');
  await works(t, 'moon', 'new moon');
  t.match(JSON.parse((await files.read('.boternity/plugins.json')) ?? ''), {
    plugins: { moon: { capabilities: consent, digest: /^[0-9a-f]{64}$/ } },
  });

  await files.write(`${installed}/index.js`, inPackage('full moon'));
  await until('the edit', async () => (await said('moon')) === 'full moon', 20_000);
});

await t.test('another capability asks again; until then the old code runs on', async (t) => {
  await files.write(`${installed}/package.json`, strangerManifest('moon', [...services, 'program:curl']));
  await files.write(`${installed}/index.js`, inPackage('dark side'));
  await until('the question', async () => (await seen('moon'))?.asks, 20_000);
  await until(
    'the reload',
    async () => (await client.call('bots.check', {})).problems.some(({ message }) => message.includes('program:curl')),
    20_000,
  );
  t.equal(await said('moon'), 'full moon');
  t.equal((await product.cli(['plugin', 'enable', 'moon'])).code, 2, 'nobody is there to be asked');
  t.equal((await product.cli(['plugin', 'enable', 'boternity-plugin-moon', '--force'])).code, 0);
  await until('the new code', async () => (await said('moon')) === 'dark side', 20_000);

  await files.write(`${installed}/package.json`, strangerManifest('moon', ['service:actions', 'program:curl']));
  await client.call('plugins.enable', { plugin: 'moon', consent: ['program:curl', 'service:actions'] });
  const refused = await until('the refusal', async () => (await rowOf('moon'))?.error ?? undefined, 20_000);
  t.match(refused, 'needs the service "bots", which its manifest does not ask for');
  const { problems } = await client.call('plugins.check', { plugin: 'moon' });
  t.ok(problems.some(({ message }) => message.includes('does not ask for service:web')));

  await files.write(`${installed}/package.json`, strangerManifest('moon', services, '^9.1'));
  const tooNew = await until('the range', async () => {
    const found = (await client.call('plugins.check', { plugin: 'moon' })).problems;
    return found[0]?.message.includes('^9.1') && found;
  });
  t.match(tooNew, [{ file: /moon\/package\.json$/, message: /written for Boternity \^9\.1, and this is 0\./ }]);
});

await t.test('a package of TypeScript alone, one without a plugin, and a broken manifest say so', async (t) => {
  const at = (name: string, file: string): string => path.join(product.home, `node_modules/${name}`, file);
  await mkdir(at('boternity-plugin-typed', ''), { recursive: true });
  await writeFile(
    at('boternity-plugin-typed', 'package.json'),
    JSON.stringify({ main: 'index.ts', boternity: { api: '^0.1', capabilities: [] } }),
  );
  await writeFile(at('boternity-plugin-typed', 'index.ts'), 'export {};');
  await mkdir(at('@acme/boternity-plugin-odd', ''), { recursive: true });
  await writeFile(
    at('@acme/boternity-plugin-odd', 'package.json'),
    '{\n  "boternity": {\n    "api": "0.1",\n    "capabilities": ["the moon"]\n  }\n}\n',
  );
  await writeFile(at('@acme/boternity-plugin-odd', 'index.js'), 'export {};');
  const { problems } = await client.call('plugins.check', {});
  t.match(
    problems.find(({ plugin }) => plugin === 'typed')?.message,
    'holds only TypeScript: Node strips no types under node_modules',
  );
  t.match(
    problems.filter(({ plugin }) => plugin === 'odd').map(({ line, message }) => [line, message]),
    [
      [3, /boternity\.api: write versions/],
      [4, /boternity\.capabilities\.0: write service:<name>/],
    ],
  );
  await files.write(
    'plugins/loose.ts',
    "import { definePlugin } from 'boternity';\nexport default definePlugin({ name: 'loose', needs: 'actoins', setup() {} });\n",
  );
  const loose = await client.call('plugins.check', { plugin: 'loose' });
  t.match(loose.problems, [{ file: /loose\.ts$/, line: 1, message: /needs is no list of names/ }]);
  await files.write(
    'plugins/loose.ts',
    "import { definePlugin } from 'boternity';\nimport { writeFileSync } from 'node:fs';\nwriteFileSync('/tmp/never', '');\nexport default definePlugin({ name: 'loose', setup() {} });\n",
  );
  const writer = await client.call('plugins.check', { plugin: 'loose' });
  t.match(
    writer.problems,
    [{ file: /loose\.ts$/, message: /Access to this API has been restricted/ }],
    'it may not write',
  );
  await files.write(
    'plugins/loose.ts',
    "import { definePlugin } from 'boternity';\nexport default definePlugin({ name: 'loose', needs: ['actoins'], setup() {} });\n",
  );
  const misspelt = await client.call('plugins.check', { plugin: 'loose' });
  t.match(misspelt.problems, [{ level: 'warning', message: /needs "actoins".*did you mean "actions"\?/ }]);
  await client.call('plugins.remove', { plugin: 'loose' });
  const odd = await product.cli(['plugin', 'enable', 'odd', '--force']);
  t.equal(odd.code, 5);
  t.match(odd.stderr, /PLUGIN_INVALID/);
  await files.write('shop/spoon/package.json', '{ "name": "spoon", "version": "1.0.0" }');
  const spoon = await product.cli(['plugin', 'add', path.join(product.home, 'shop/spoon')]);
  t.match(spoon.stderr, 'is no plugin');
  t.notMatch(await files.read('package.json'), 'spoon', 'and it is not left there');
  for (const name of ['boternity-plugin-typed', '@acme']) await rm(at(name, ''), { recursive: true, force: true });
});

await t.test('safe mode runs what comes with the product alone, and says so', async (t) => {
  const config =
    "import { defineConfig } from 'boternity';\nimport tide from './plugins/tide.ts';\nexport default defineConfig({ plugins: [tide()] });\n";
  await using safe = await startProduct({
    args: ['--port', '0', '--safe'],
    files: {
      'plugins/tide.ts': oneFile('ebb'),
      'boternity.config.ts': config,
      'settings.yaml': 'plugins: { moon: true }\n',
    },
  });
  t.match(await safe.client.call('server.status', {}), { safe: true });
  await until('the greeting', () => safe.heard.stdout.includes('safe mode'));
  t.equal((await safe.fetch('/api/v1/tide/say', { method: 'POST' })).status, 404);
  t.match(await safe.client.call('plugins.settings', {}), { safe: true });
  await safe.stop();
  t.match(await safe.cliJson(['status'], { env: { BOTERNITY_SAFE: '1' } }), { safe: true }, 'by the variable too');
});

await t.test('removal leaves no trace, of a file and of a package', async (t) => {
  t.equal((await product.cli(['plugin', 'remove', 'tide'])).code, 2, 'a person is asked');
  t.equal((await product.cli(['plugin', 'remove', 'tide', '--force'])).code, 0);
  await isGone(t, 'tide');
  t.notOk(existsSync(path.join(product.home, 'plugins/tide.ts')));
  t.equal((await product.fetch('/api/v1/plugins/moon', { method: 'DELETE' })).status, 200);
  await isGone(t, 'moon');
  t.notOk(existsSync(path.join(product.home, installed)));
  t.notMatch(await files.read('package.json'), 'moon');
  t.equal((await product.fetch('/api/v1/plugins/status', { method: 'DELETE' })).status, 422, 'what ships stays');
});

await t.test('a packed plugin is installed from its file, as a folder is', async (t) => {
  const shop = path.join(product.home, 'shop');
  const packed = spawnSync('npm', ['pack', './moon'], { cwd: shop, encoding: 'utf8' });
  t.equal(packed.status, 0, packed.stderr);
  const added = await product.cli(['plugin', 'add', 'boternity-plugin-moon-1.2.3.tgz'], { cwd: shop });
  t.equal(added.code, 0, added.stderr);
  t.ok(existsSync(path.join(product.home, installed, 'index.js')));
});
