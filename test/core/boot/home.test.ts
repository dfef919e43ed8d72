import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { bnity, startProduct, temporaryFolder, until, type Product } from '../../support/product.ts';
import { openTerminal } from '../../support/terminal.ts';

t.setTimeout(120_000);

const config = (inside: string): string =>
  `import { defineConfig } from 'boternity';\n\nexport default defineConfig(${inside});\n`;

await t.test('init makes exactly the layout of a home, and touches nothing that is there', async (t) => {
  await using folder = await temporaryFolder({ 'fleet/settings.yaml': '# mine\nmodel: demo\n' });
  const home = path.join(folder.path, 'fleet');
  const first = await bnity(['init', 'fleet', '--json'], { cwd: folder.path });
  t.equal(first.code, 0, first.stderr);
  const made = [
    '.boternity/',
    'bots/',
    'data/',
    'plugins/',
    'skills/',
    'workflows/',
    '.env.example',
    '.gitignore',
    'boternity.config.ts',
    'providers.yaml',
  ];
  t.strictSame((JSON.parse(first.stdout) as { made: string[] }).made.toSorted(), made.toSorted());
  const names = [...made.map((name) => name.replace('/', '')), 'settings.yaml'].toSorted();
  t.strictSame((await readdir(home)).toSorted(), names, 'and nothing else');
  t.strictSame(await readdir(path.join(home, 'bots')), ['assistant'], 'with a first bot');
  t.equal(await folder.read('fleet/settings.yaml'), '# mine\nmodel: demo\n');
  const again = await bnity(['init'], { cwd: home });
  t.equal(again.code, 0);
  t.match(again.stdout, 'everything was there');

  await using product = await startProduct({ home });
  t.strictSame(await readdir(path.join(home, 'bots')), ['assistant'], 'the start makes no second one');
  const seen = (await bnity(['status', '--json'], { cwd: path.join(home, 'bots/assistant') })).stdout;
  t.match(JSON.parse(seen), { home, url: product.url, model: { id: 'demo', why: 'Set by settings.yaml.' } });
});

await t.test(
  'the home is --home, then $BOTERNITY_HOME, then that of the nearest config upward, then one of the user',
  async (t) => {
    await using folder = await temporaryFolder({
      'work/boternity.config.ts': config("{ home: './elsewhere' }"),
      'work/deep/inner/boternity.config.ts': config('{}'),
      'work/deep/inner/er/x': '',
      'work/other/x': '',
      'plain/x': '',
    });
    const at = (name: string): string => path.join(folder.path, name);
    const env = { BOTERNITY_HOME: at('by-variable') };
    const ways: [string, string, Parameters<typeof bnity>[1], string[]][] = [
      ['a flag', 'by-flag', { cwd: at('work'), env }, ['--home', at('by-flag')]],
      ['a flag from here', 'plain/by-flag', { cwd: at('plain'), env }, ['--home=by-flag']],
      ['a variable', 'by-variable', { cwd: at('work'), env }, []],
      ['the nearest config', 'work/deep/inner', { cwd: at('work/deep/inner/er') }, []],
      ['what a config says', 'work/elsewhere', { cwd: at('work/other') }, []],
      ['the user', 'user/.boternity', { cwd: at('plain'), env: { HOME: at('user') } }, []],
    ];
    await Promise.all(
      ways.map(async ([what, home, options, flags]) => {
        const { code, stdout, stderr } = await bnity(['status', '--json', ...flags], options);
        t.equal(code, 0, stderr);
        t.equal((JSON.parse(stdout) as { home: string }).home, at(home), what);
        t.strictSame(await readdir(at(`${home}/bots`)), ['assistant'], `${what}: the home is there`);
      }),
    );
  },
);

await t.test(
  'the config wins over settings.yaml, the command line over both, and each setting says who set it',
  async (t) => {
    await using product = await startProduct({
      files: {
        'boternity.config.ts': config("{ model: 'demo', port: 1, disabled: ['time'] }"),
        'settings.yaml': 'model: other\nport: 2\nwatch: true\nplugins:\n  time: true\n  demo: { delayMs: 1 }\n',
      },
    });
    const listed = (await product.cliJson(['settings', 'list'])) as { settings: { key: string }[] };
    const found = Object.fromEntries(listed.settings.map(({ key, ...rest }) => [key, rest]));
    const at = (source: string, value: unknown, ...keys: string[]) =>
      Object.fromEntries(keys.map((key) => [key, { value, source }]));
    t.strictSame(found, {
      ...at('default', [], 'fallback', 'trustedProxies', 'allowedOrigins'),
      ...at('default', null, 'embedder', 'limit', 'publicUrl', 'tls'),
      template: { value: 'assistant', source: 'default' },
      host: { value: '127.0.0.1', source: 'default' },
      port: { value: 0, source: 'command line' },
      watch: { value: true, source: 'settings.yaml' },
      model: { value: 'demo', source: 'boternity.config.ts' },
      seal: { value: 'live', source: 'default' },
      updates: { value: true, source: 'default' },
      'plugins.time': { value: false, source: 'boternity.config.ts' },
      'plugins.demo': { value: { delayMs: 1 }, source: 'settings.yaml' },
    });
    t.equal((await product.fetch('/api/v1/time')).status, 404, 'what the config turns off does not run');
    for (const [key, value] of [
      ['model', 'x'],
      ['plugins.time', 'true'],
    ] as const) {
      const locked = await product.cli(['settings', 'set', key, value]);
      t.equal(locked.code, 1);
      t.match(locked.stderr, /SETTING_LOCKED/);
      t.match(locked.stderr, `${key} is fixed by boternity.config.ts`);
    }
  },
);

await t.test('settings.yaml is followed while people and commands write it, comments and all', async (t) => {
  await using product = await startProduct();
  const { client, files } = product;
  const valueOf = async (key: string): Promise<unknown> =>
    (await client.call('settings.list', {})).settings.find((setting) => setting.key === key)?.value;
  await files.write('settings.yaml', '# my server\nmodel: demo # the small one\n\n# later\nplugins:\n  time: false\n');
  await until('the edit', async () => (await valueOf('model')) === 'demo');
  await until('the plugin that was turned off', async () => (await product.fetch('/api/v1/time')).status === 404);
  await client.call('settings.set', { key: 'watch', value: true });
  t.equal(
    await files.read('settings.yaml'),
    '# my server\nmodel: demo # the small one\n\n# later\nplugins:\n  time: false\nwatch: true\n',
  );
  await client.call('settings.unset', { key: 'plugins.time' });
  await until('the plugin that came back', async () => (await product.fetch('/api/v1/time')).status === 200);

  const keys = Array.from({ length: 12 }, (_, at) => `plugins.none-${at}`);
  await Promise.all(keys.map((key) => client.call('settings.set', { key, value: false })));
  const text = (await files.read('settings.yaml')) ?? '';
  t.strictSame(
    keys.filter((key) => !text.includes(key.slice(8))),
    [],
    'changes at the same time lose none',
  );

  for (const [broken, place] of [
    ['model: demo\nmodl: x\n', /settings\.yaml:2:.*modl/],
    ['model: [demo\n', /settings\.yaml:[12]:/],
    ['port: many\n', /settings\.yaml:1:.*port/],
  ] as const) {
    await files.write('settings.yaml', broken);
    await until('the problem', async () => place.test((await product.cli(['check'])).stdout.replaceAll(/ +/g, ':')));
    t.equal(await valueOf('model'), 'demo', 'the last good version stays in use');
  }
  await files.write('settings.yaml', 'model: [demo\n');
  await t.rejects(client.call('settings.set', { key: 'watch', value: true }), {
    code: 'FILE_INVALID',
    status: 422,
    message: /settings\.yaml is broken in line/,
  });
  t.equal(await files.read('settings.yaml'), 'model: [demo\n', 'a broken file is not written over');
});

await t.test('providers.yaml is followed too; a wrong provider is told and leaves the others alone', async (t) => {
  await using product = await startProduct();
  const { client, files } = product;
  const good = 'type: openai-compatible\n    address: http://127.0.0.1:9/v1\n    models: [m1, m2]\n';
  await files.write('providers.yaml', `# where from\nproviders:\n  near: # the good one\n    ${good}`);
  const offered = async (): Promise<string[]> =>
    (await client.call('models.list', {})).models.map(({ provider, id }) => `${provider}/${id}`);
  await until('the models', async () => (await offered()).includes('near/m2'));
  t.match(
    await client.call('server.status', {}),
    { model: { id: 'm1', provider: 'near' } },
    'the first of a provider is the standard',
  );
  await client.call('providers.add', {
    name: 'far',
    address: 'http://127.0.0.1:8/v1',
    models: ['m3'],
    key: 'FAR_KEY',
  });
  const text = (await files.read('providers.yaml')) ?? '';
  t.match(text, /^# where from\nproviders:\n  near:\s+# the good one\n/, 'comments stay');
  t.match(text, '    models: [m1, m2]\n', 'and the way of writing');
  t.match(await client.call('providers.list', {}), {
    providers: [
      { name: 'near', source: 'providers.yaml', key: 'none' },
      { name: 'far', key: 'secret FAR_KEY (not set)' },
    ],
  });
  await files.write('providers.yaml', `${text}  wrong:\n    address: nowhere\n    modls: [x]\n`);
  const { problems } = await until('the problem', async () => {
    const checked = await client.call('bots.check', {});
    return checked.problems.length > 0 && checked;
  });
  const line = text.split('\n').length + 1;
  t.ok(
    problems.some((each) => each.file === 'providers.yaml' && each.line === line && /address/.test(each.message)),
    'its line',
  );
  t.strictSame(
    (await offered()).filter((id) => !id.startsWith('demo')),
    ['near/m1', 'near/m2', 'far/m3'],
  );
  await files.write('providers.yaml', 'providers: [\n');
  await until('the broken file', async () =>
    (await client.call('providers.list', {})).problems.some((each) => !each.includes('wrong')),
  );
  t.ok((await offered()).includes('near/m1'), 'a file that cannot be read at all changes nothing');
  await files.write('providers.yaml', '# nothing\n');
  await until('that they are gone', async () => (await offered()).length === 1);
  const names = Array.from({ length: 8 }, (_, at) => `many-${at}`);
  await Promise.all(
    names.map((name) => client.call('providers.add', { name, address: 'http://127.0.0.1:7/v1', models: [name] })),
  );
  const { providers } = await client.call('providers.list', {});
  t.strictSame(providers.map(({ name }) => name).toSorted(), names, 'changes at the same time lose none');
});

await t.test('an edit of the config is carried out while the server runs: another port, other plugins', async (t) => {
  const [first, second] = [await freePort(), await freePort()];
  await using product = await startProduct({
    args: [],
    files: { 'boternity.config.ts': config(`{ port: ${first} }`), 'plugins/hello/index.ts': helloPlugin('one') },
  });
  t.equal(new URL(product.url).port, String(first));
  await product.files.write('boternity.config.ts', config(`{ port: ${second} }`));
  const { url } = await until('the new address', async () => {
    const owner = await product.owner();
    return owner?.url?.endsWith(`:${second}`) ? owner : undefined;
  });
  t.equal((await fetch(`${url}/readyz`)).status, 200);
  await t.rejects(fetch(`${product.url}/readyz`), 'the old one is closed');
  t.match(await product.cliJson(['status']), { url }, 'commands find it');
  const hello = (): Promise<string> => helloAt(product, url);
  t.equal(await hello(), 'none');
  const withHello = `import { defineConfig } from 'boternity';\nimport hello from './plugins/hello/index.ts';\nexport default defineConfig({ port: ${second}, plugins: [hello({ to: 'you' })] });\n`;
  await product.files.write('boternity.config.ts', withHello);
  await until('the plugin', async () => (await hello()) === 'one you');
  await product.files.write('boternity.config.ts', withHello.replace("'you'", "'all'"));
  await until('its new settings', async () => (await hello()) === 'one all');
  await product.files.write('plugins/hello/index.ts', helloPlugin('two'));
  await until('its new code', async () => (await hello()) === 'two all');
  for (const [broken, words] of [
    ['export default {{{', 'cannot be loaded'],
    ["import './not-there.ts';", 'not-there'],
    [
      helloPlugin('three').replace('actions.add(', "throw new Error('boom in setup');\n    actions.add("),
      'boom in setup',
    ],
    [helloPlugin('three').replace('to: z.string()', 'to: z.number()'), 'config.to'],
  ] as const) {
    await product.files.write('plugins/hello/index.ts', broken);
    await until(`a problem about ${words}`, async () =>
      (await problemsOf(product, url)).some(({ message }) => message.includes(words)),
    );
    t.equal(await hello(), 'two all', `the old code stays: ${words}`);
  }
  await product.files.write('plugins/hello/index.ts', helloPlugin('four'));
  await until('the repaired code', async () => (await hello()) === 'four all');
  await product.files.write('boternity.config.ts', 'export default nonsense');
  await until('the problem', async () =>
    (await problemsOf(product, url)).some(({ file }) => file === 'boternity.config.ts'),
  );
  t.equal(await hello(), 'four all', 'the last good config stays');
  await product.files.write('boternity.config.ts', config(`{ port: ${second} }`));
  await until('that it is gone', async () => (await hello()) === 'none');
  t.strictSame(await problemsOf(product, url), []);
});

await t.test('an edit in the very moment of the start is not missed', async (t) => {
  for (const file of ['settings.yaml', 'boternity.config.ts', 'plugins/hello/index.ts']) {
    await using product = await startProduct({
      files: {
        'boternity.config.ts': `import hello from './plugins/hello/index.ts';\n${config("{ plugins: [hello({ to: 'me' })] }")}`,
        'plugins/hello/index.ts': helloPlugin('one'),
      },
    });
    const edits: Record<string, [content: string, hasCome: () => Promise<boolean>]> = {
      'settings.yaml': ['plugins:\n  time: false\n', async () => (await product.fetch('/api/v1/time')).status === 404],
      'boternity.config.ts': [config('{}'), async () => (await helloAt(product)) === 'none'],
      'plugins/hello/index.ts': [helloPlugin('two'), async () => (await helloAt(product)) === 'two me'],
    };
    const [content, hasCome] = edits[file] ?? ['', async () => false];
    await product.files.write(file, content);
    t.ok(await until(file, hasCome, 2_000).catch(() => false), file);
  }
});

await t.test(
  'a plugin that settings.yaml turns on follows its code, and keeps the old when the new is broken',
  async (t) => {
    await using product = await startProduct({
      files: {
        'plugins/hello/index.ts': helloPlugin('one'),
        'plugins/hello/words.ts': '',
        'settings.yaml': 'plugins:\n  hello: { to: me }\n',
      },
    });
    const hello = (): Promise<string> => helloAt(product);
    t.equal(await hello(), 'one me');
    const split = helloPlugin('one')
      .replace("'one '", 'words')
      .replace('import', "import { words } from './words.ts';\nimport");
    await product.files.write('plugins/hello/words.ts', "export const words = 'from a file beside ';\n");
    await product.files.write('plugins/hello/index.ts', split);
    await until('the code in two files', async () => (await hello()) === 'from a file beside me');
    await product.files.write('plugins/hello/words.ts', "export const words = 'edited ';\n");
    await until('the edit of the second file', async () => (await hello()) === 'edited me');
    for (const [broken, what] of [
      ['export const words = ;', 'cannot be parsed'],
      ["throw new Error('boom at import');", 'throws when it is loaded'],
      ['export const other = 1;', 'lacks a name'],
    ] as const) {
      await product.files.write('plugins/hello/words.ts', broken);
      const problems = await until(`the problem of code that ${what}`, async () => {
        const found = await problemsOf(product);
        return found.length > 0 && found;
      });
      t.match(problems[0]?.message, 'hello', 'it names the plugin');
      t.equal(await hello(), 'edited me', `the old code runs while the new ${what}`);
      await product.files.write('plugins/hello/words.ts', "export const words = 'edited ';\n");
      await until('that all is well', async () => (await problemsOf(product)).length === 0);
    }
    await product.files.write('settings.yaml', 'plugins:\n  hello: { to: 5 }\n');
    await until('the wrong setting', async () => product.heard.stderr.includes('config.to'));
    t.equal(await hello(), 'edited me', 'settings that the plugin refuses are not used');
    await product.files.write('settings.yaml', 'plugins:\n  hello: false\n  nobody: true\n');
    await until('that it is off', async () => (await hello()) === 'none');
    t.match((await problemsOf(product))[0]?.message, /turns on "nobody", but there is no .*plugins\/nobody/);
  },
);

/** A plugin with one action, which says its word and what its settings say. */
function helloPlugin(word: string): string {
  return `import { defineAction, definePlugin, z } from 'boternity';

export default definePlugin({
  name: 'hello',
  needs: ['actions'],
  config: z.strictObject({ to: z.string() }),
  setup({ actions }, { to }) {
    actions.add(
      defineAction({
        name: 'hello.say',
        summary: 'Says hello.',
        permission: 'server:read',
        http: 'GET /hello',
        input: z.strictObject({}),
        output: z.object({ words: z.string() }),
        run: async () => ({ words: '${word} ' + to }),
      }),
    );
  },
});
`;
}

async function helloAt(product: Product, url = product.url): Promise<string> {
  const { data } = (await (await product.fetch(`${url}/api/v1/hello`)).json()) as { data: { words?: string } | null };
  return data?.words ?? 'none';
}

async function problemsOf(product: Product, url = product.url): Promise<{ file: string; message: string }[]> {
  const { data } = (await (await product.fetch(`${url}/api/v1/check`)).json()) as {
    data: { problems: { file: string; message: string }[] };
  };
  return data.problems;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

await t.test('init makes the first bot that is wished for: by flags, or by asking', async (t) => {
  await using folder = await temporaryFolder();
  const told = await bnity(['init', 'one', '--yes', '--template', 'researcher', '--name', 'Night Owl'], {
    cwd: folder.path,
  });
  t.equal(told.code, 0, told.stderr);
  t.match(told.stdout, /bot {4}\S+ Night Owl {2}.*one\/bots\/night-owl\n/);
  t.match(told.stdout, /Next:\n {2}cd one\n {2}bnity serve +starts[^]*bnity chat night-owl/);
  t.match(await folder.read('one/bots/night-owl/SOUL.md'), 'Night Owl');
  t.notOk(await folder.read('one/.boternity/first-bot.json'), 'the wish is gone');
  const wrong = await bnity(['init', 'two', '--yes', '--template', 'reseacher'], { cwd: folder.path });
  t.match(wrong, { code: 3, stderr: /Did you mean researcher\?/ });
  t.notOk(await folder.read('two/settings.yaml'), 'nothing is made');

  await using session = openTerminal(['init', path.join(folder.path, 'three')]);
  await session.sees(/Template \[assistant\]/);
  session.type('wobbly\r');
  await session.sees(/no template "wobbly"/);
  session.type('writer\r');
  await session.sees(/Its name \[Writer\]/);
  session.type('Ada\r');
  t.equal(await session.end(), 0, session.shown());
  t.match(session.shown(), /Next:/);
  t.match(await folder.read('three/bots/ada/SOUL.md'), 'Ada');
});
