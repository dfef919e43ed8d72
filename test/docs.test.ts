import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import t from 'tap';
import { parseYaml } from 'boternity';
import { wordsOf } from '../core/actions/example.ts';
import { globalFlags } from '../core/cli/command-table.ts';
import { plainWords } from '../core/cli/global-flags.ts';
import { references } from '../tools/reference.ts';
import { describe } from '../tools/reference/cli.ts';
import { environment, startProduct, until } from './support/product.ts';
import { startTalking } from './support/talk.ts';

t.setTimeout(300_000);

const root = path.resolve(import.meta.dirname, '..');

interface Block {
  readonly language: string;
  /** What stands behind the language: `run`, `file=plugins/dice/index.ts`. */
  readonly mark: string;
  readonly text: string;
}

async function blocksOf(document: string): Promise<Block[]> {
  const text = await readFile(path.join(root, document), 'utf8');
  return [...text.matchAll(/^```(\w+)[ ]?([^\n]*)\n([^]*?)^```$/gm)].map(([, language = '', mark = '', body = '']) => ({
    language,
    mark,
    text: body,
  }));
}

/** The pages right below docs/. */
async function guides(): Promise<string[]> {
  return (await readdir(path.join(root, 'docs'))).filter((name) => name.endsWith('.md'));
}

/** The arguments of each `bnity` line, without comments. Lines that need a person or another program are left out. */
function commandsOf(block: Block): string[][] {
  return block.text
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').replace(/^npx /, ''))
    .filter((line) => line.startsWith('bnity ') && !line.startsWith('bnity chat'))
    .map((line) => wordsOf(line).slice(1));
}

void t.test('the commands of the README work in a new home, in their order', async (t) => {
  await using product = await startProduct();
  const blocks = (await blocksOf('README.md')).filter((block) => block.language === 'sh').slice(1);
  const commands = blocks.flatMap(commandsOf);
  t.ok(commands.length >= 5, 'there are commands to try');
  for (const command of commands) {
    const { code, stderr } = await product.cli(command);
    t.equal(code, 0, `bnity ${command.join(' ')} ${stderr}`);
  }
  t.match(await product.files.read('providers.yaml'), /key: OPENAI_API_KEY/);
  t.ok(existsSync(path.join(product.home, 'bots/ada/SOUL.md')));
});

void t.test('the provider of docs/providers.md is added as it is told there', async (t) => {
  await using product = await startProduct();
  const blocks = await blocksOf('docs/providers.md');
  const file = blocks.find((block) => block.mark.startsWith('file='));
  await product.files.write(file?.mark.slice('file='.length) ?? '', file?.text ?? '');
  const commands = blocks.filter((block) => block.mark === 'run').flatMap(commandsOf);
  t.equal(commands.length, 2);
  for (const command of commands) {
    const { code, stderr } = await product.cli(command);
    t.equal(code, 0, `bnity ${command.join(' ')} ${stderr}`);
  }
  const listed = await until('the provider', async () => {
    const { providers } = await product.client.call('providers.list', {});
    return providers[0]?.problem === null && providers;
  });
  t.match(listed, [{ name: 'acme', type: 'acme', models: ['acme-large'] }]);
});

void t.test(
  'the plugin of the guide runs as it stands there, is followed when it changes, and survives a broken save',
  async (t) => {
    await using product = await startProduct();
    const blocks = await blocksOf('docs/plugins.md');
    const written = blocks.filter((block) => block.mark.startsWith('file='));
    t.strictSame(
      written.map(({ mark }) => mark),
      ['index.ts', 'package.json', 'index.test.ts'].map((name) => `file=plugins/dice/${name}`),
      'code, manifest and test',
    );
    for (const { mark, text } of written) await product.files.write(mark.slice('file='.length), text);
    const [file] = written;
    const place = file?.mark.slice('file='.length) ?? '';
    const commands = blocks.filter((block) => block.mark === 'run').flatMap(commandsOf);
    t.equal(commands.length, 5);
    for (const command of commands) {
      const ran = await until(`bnity ${command.join(' ')}`, async () => {
        const attempt = await product.cli(command);
        return attempt.code === 0 && attempt;
      });
      if (command[0] === 'dice') t.match(ran.stdout, /sum\s+\d+/);
      if (command[1] === 'test') t.match(ran.stdout, /pass 2\n.*fail 0/s);
    }
    t.match(await product.files.read('bots/assistant/bot.yaml'), /dice_roll/);

    await product.files.write(place, (file?.text ?? '').replace('Rolls dice and tells the sum.', 'Rolls bones.'));
    await until('the new code', async () => (await product.cli(['dice', '--help'])).stdout.includes('Rolls bones.'));
    await product.files.write(place, 'export default this is no code');
    await until('the error is told', async () => (await product.cli(['check'])).stdout.includes('plugins/dice'));
    t.equal((await product.cli(['dice', '1'])).code, 0, 'the last good code goes on');
  },
);

void t.test('the commands that the guides show work in a new home, in their order', async (t) => {
  for (const guide of (await guides()).filter((name) => name !== 'plugins.md')) {
    const commands = (await blocksOf(`docs/${guide}`)).filter((block) => block.mark === 'run').flatMap(commandsOf);
    if (commands.length === 0) continue;
    await using product = await startProduct();
    for (const command of commands) {
      const { code, stderr } = await product.cli(command);
      t.equal(code, 0, `${guide}: bnity ${command.join(' ')} ${stderr}`);
    }
  }
});

void t.test('what the guides show with git and curl works in a shell, as it stands there', async (t) => {
  await using product = await startProduct({ files: { 'work/.keep': '' } });
  const { client, files } = product;
  const scopes = ['bots:read', 'bots:write', 'bots:admin', 'bots:use'];
  const { token } = await client.call('tokens.create', { name: 'guide', scopes });
  await files.write('add-a-line.sh', '#!/bin/sh\necho "Speak slowly." >> "$1"\n');
  const env = {
    ...environment(),
    URL: product.url,
    TOKEN: token,
    EDITOR: `sh ${path.join(product.home, 'add-a-line.sh')}`,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Petra',
    GIT_AUTHOR_EMAIL: 'petra@example.org',
    GIT_COMMITTER_NAME: 'Petra',
    GIT_COMMITTER_EMAIL: 'petra@example.org',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Bearer ${token}`,
  };
  const run = promisify(execFile);
  const inShell = async (guide: string): Promise<string> => {
    let heard = '';
    for (const { text } of (await blocksOf(guide)).filter(({ mark }) => mark === 'shell')) {
      const script = text.replaceAll('http://127.0.0.1:4242', product.url);
      const { stdout } = await run('sh', ['-euc', script], { cwd: path.join(product.home, 'work'), env });
      heard += stdout;
    }
    return heard;
  };
  await inShell('docs/git.md');
  t.match(await files.read('bots/assistant/SOUL.md'), /Speak slowly\.\n$/, 'the push is live');
  t.match(await files.read('bots/night-owl/SOUL.md'), /awake when others sleep/, 'and the new bot is there');
  const answers = await inShell('docs/http.md');
  t.match(answers, /"text":"hello"/);
  t.notMatch(answers, /"errors":\[\{/);
});

void t.test('the program of the guide to the OpenAI API talks to a bot', async (t) => {
  await using product = await startProduct();
  const program = (await blocksOf('docs/openai.md')).find((block) => block.mark === 'file=talk.mjs');
  const { token } = await product.client.call('tokens.create', { name: 'guide', scopes: ['bots:use@assistant'] });
  const env = { ...process.env, BOTS_URL: `${product.url}/v1`, BOTS_TOKEN: token };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program?.text ?? ''], {
    cwd: root,
    env,
  });
  t.match(stdout, /demo/i);
});

void t.test('the program of the guide to live events follows the fleet over the WebSocket', async (t) => {
  await using product = await startProduct();
  const program = (await blocksOf('docs/events.md')).find((block) => block.mark === 'file=follow.mjs');
  const { token } = await product.client.call('tokens.create', { name: 'guide', scopes: ['bots:use@assistant'] });
  const env = { ...process.env, BOTS_URL: product.url, BOTS_TOKEN: token };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program?.text ?? ''], {
    env,
    timeout: 20_000,
  });
  t.match(stdout, /queued\nrunning\nsucceeded\n/);
});

void t.test('what the guide to tapes records is played by its program', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const blocks = await blocksOf('docs/tapes.md');
  for (const command of blocks.filter(({ mark }) => mark === 'tape').flatMap(commandsOf)) {
    const { code, stderr } = await product.cli(command, { cwd: product.home });
    t.equal(code, 0, `bnity ${command.join(' ')} ${stderr}`);
  }
  const program = blocks.find((block) => block.mark === 'file=play.mjs');
  const env = { ...process.env, TAPE: path.join(product.home, 'tape.json') };
  const run = promisify(execFile);
  const args = ['--input-type=module', '-e', program?.text ?? ''];
  const { stdout } = await run(process.execPath, args, { cwd: root, env });
  t.match(stdout, /^200 data: .*Mock: /s);
  t.match(stdout, /is not on the tape\. GET \/v1\/elsewhere/);
});

void t.test('the settings that the bot guide shows are all known', async (t) => {
  await using product = await startProduct();
  const shown = (await blocksOf('docs/bots.md')).find((block) => block.language === 'yaml');
  t.ok(parseYaml(shown?.text ?? ''));
  await product.files.write('bots/assistant/bot.yaml', shown?.text ?? '');
  const { problems } = await until('the edit is live', async () => {
    const bot = (await product.client.call('bots.show', { bot: 'assistant' })) as {
      settings: { value: { model?: object } };
    };
    return 'default' in (bot.settings.value.model ?? {}) && product.client.call('bots.check', { bot: 'assistant' });
  });
  t.same(problems, []);
});

void t.test('the schemas say in an editor what the guide says they do', async (t) => {
  await using product = await startProduct();
  const blocks = await blocksOf('docs/editor.md');
  t.equal((await product.cli(['schemas'])).code, 0);
  const wrong = blocks.find(({ mark }) => mark === 'wrong')?.text ?? '';
  const [, place = ''] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(wrong) ?? [];
  const schema = await product.files.read(path.join('bots/assistant', place));
  const check = new Ajv2020({ allErrors: true, strict: false }).compile(JSON.parse(schema ?? '') as AnySchemaObject);
  t.equal(check(parseYaml(wrong)), false);
  const told = (check.errors ?? []).map(({ instancePath, params }) =>
    `${instancePath} ${String(params['additionalProperty'] ?? '')}`.trim(),
  );
  t.strictSame(new Set(told), new Set(['/model defualt', '/model/temperature', '/status']));
  const good = await product.files.read('bots/assistant/bot.yaml');
  t.ok(check(parseYaml(good ?? '')), 'what the template makes is right');
  t.match(good, /^# yaml-language-server: \$schema=\S+bot\.json\n/, 'and names its schema');
  const settings = blocks.filter(({ mark }) => mark.startsWith('file='));
  t.equal(settings.length, 2);
  for (const { mark, text } of settings) {
    const named = [...text.matchAll(/"(\.\/[^"]+\.json)"/g)].map(([, file = '']) => file);
    t.ok(named.length >= 2);
    for (const file of named) t.ok(await product.files.read(file), `${mark} names ${file}`);
  }
});

void t.test(
  'what is written from the program is as the program is, and so is every command that a guide shows',
  async (t) => {
    await using product = await startProduct();
    for (const [file, text] of Object.entries(await references(product))) {
      const kept = await readFile(path.join(root, file), 'utf8');
      t.ok(kept === text, `${file} is stale: node tools/reference.ts`);
    }
    const { actions } = await product.client.call('actions.list', {});
    const served = await fetch(`${product.url}/llms.txt`);
    t.equal(
      await served.text(),
      await readFile(path.join(root, 'public/llms.txt'), 'utf8'),
      'a server tells of itself',
    );
    const rows = await describe(actions);
    let seen = 0;
    for (const guide of ['README.md', ...(await guides()).map((name) => `docs/${name}`)]) {
      for (const words of (await blocksOf(guide)).filter(({ language }) => language === 'sh').flatMap(commandsOf)) {
        const typed = `${guide}: bnity ${words.join(' ')}`;
        const row = rows.find((each) => each.words.every((word, at) => plainWords(words)[at] === word));
        // The pages about plugins and providers show commands that come with what they make.
        if (!row && /plugins|providers/.test(guide)) continue;
        t.ok(row, typed);
        const known = new Set([...globalFlags, ...(row?.flags ?? [])].map(({ flag }) => flag));
        const wrong = words.filter((word) => word.startsWith('--') && !known.has(word.replace(/=.*/, '')));
        t.strictSame(wrong, [], typed);
        seen += 1;
      }
    }
    t.ok(seen > 80, `${seen} commands of the guide are commands of the program`);
  },
);

void t.test('every page of the guide stands in its table of contents', async (t) => {
  const contents = await readFile(path.join(root, 'docs/README.md'), 'utf8');
  for (const page of await guides()) if (page !== 'README.md') t.ok(contents.includes(`](${page})`), page);
});

void t.test('every link of the documents leads somewhere', async (t) => {
  const documents = [
    'README.md',
    'AGENTS.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    'llms.txt',
    'docs/reference/cli.md',
    'docs/reference/http.md',
    ...(await guides()).map((name) => `docs/${name}`),
  ];
  for (const document of documents) {
    const text = await readFile(path.join(root, document), 'utf8');
    const pictures = text.matchAll(/(?:src|srcset)="([^"]+)"/g);
    for (const [, target = ''] of [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g), ...pictures]) {
      if (/^https?:/.test(target)) continue;
      t.ok(existsSync(path.join(root, path.dirname(document), target)), `${document} → ${target}`);
    }
  }
});
