import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import { launchBrowser } from './browser.ts';
import { ada } from './owner.ts';
import { until } from './product.ts';

/** Somebody who has installed the package in an empty folder, and nothing else. */
export interface Newcomer {
  /** Where the package is installed. */
  readonly folder: string;
  /** The environment of a person whose own folder is `folder` too: whatever is left anywhere is found there. */
  readonly env: NodeJS.ProcessEnv;
}

/** The way from nothing to a bot of one's own and back, as a person goes it; tells how long each step took. */
export async function walk(t: Test, newcomer: Newcomer): Promise<void> {
  const { folder } = newcomer;
  const step = stepsOf();
  const bnity = bnityOf(t, newcomer);
  const home = path.join(folder, 'fleet');
  const archive = path.join(folder, 'fleet.tar.gz');
  const before = new Set(await readdir(folder));

  await step('init', async () => {
    bnity(folder, ['init', home, '--yes']);
    t.ok(existsSync(path.join(home, 'bots/assistant/SOUL.md')), 'a first bot is there');
  });
  {
    await using server = await step('serve', () => serve(newcomer, home));
    await using browser = await launchBrowser();
    const page = await browser.context.newPage();
    await step('setup in the browser', () => setUp(page, server.setupLink()));
    await step('first chat', () => chat(t, page, 'hello', 'I am Assistant'));
    await step('edit in the folder', async () => {
      const soul = path.join(home, 'bots/assistant/SOUL.md');
      await writeFile(soul, (await readFile(soul, 'utf8')).replace('- curious', '- playful'));
      await chat(t, page, 'who are you?', 'I try to be playful');
    });
    await step('push', async () => {
      const { token } = JSON.parse(
        bnity(home, ['token', 'create', 'git', '--scopes', 'bots:write', 'bots:read', '--json']),
      ) as { token: string };
      const clone = path.join(folder, 'clone');
      const address = server.url.replace('//', `//git:${token}@`);
      git(t, newcomer, folder, ['clone', '--quiet', `${address}/git/assistant.git`, clone]);
      const identity = path.join(clone, 'IDENTITY.md');
      await writeFile(
        identity,
        (await readFile(identity, 'utf8')).replace(/^display_name: .*$/m, 'display_name: Dory'),
      );
      git(t, newcomer, clone, ['commit', '--quiet', '--all', '-m', 'Another name']);
      git(t, newcomer, clone, ['push', '--quiet']);
      t.match(await readFile(path.join(home, 'bots/assistant/IDENTITY.md'), 'utf8'), 'Dory');
      await chat(t, page, 'and who are you now?', 'I am Dory');
    });
    await step('plugin', async () => {
      bnity(home, ['plugin', 'new', 'dice']);
      bnity(home, ['plugin', 'enable', 'dice', '--force']);
      await until('its command', () => bnity(home, ['--help']).includes('dice'));
    });
    await step('backup', async () => {
      bnity(home, ['backup', archive]);
    });
    await step('server stop', async () => {
      bnity(home, ['server', 'stop']);
      t.equal(await server.ended, 0, 'it ends as it should');
    });
  }
  await step('restore elsewhere', async () => {
    const other = path.join(folder, 'other');
    bnity(folder, ['restore', archive, '--to', other]);
    await using _ = await serve(newcomer, other);
    const { bots } = JSON.parse(bnity(other, ['list', '--json'])) as { bots: { slug: string; name: string }[] };
    t.match(bots, [{ slug: 'assistant', name: 'Dory' }]);
    const { conversations } = JSON.parse(bnity(other, ['conversation', 'list', '--json'])) as {
      conversations: unknown[];
    };
    t.equal(conversations.length, 1, 'what was said came along');
  });
  await step('remove', async () => {
    bnity(home, ['plugin', 'remove', 'dice', '--force']);
    t.notOk(existsSync(path.join(home, 'plugins/dice')));
    const left = (await readdir(folder)).filter((name) => !before.has(name));
    t.strictSame(
      left.toSorted(),
      ['clone', 'fleet', 'fleet.tar.gz', 'other'],
      'nothing lies outside of what was named',
    );
  });
}

type Step = <Made>(name: string, work: () => Promise<Made>) => Promise<Made>;

function stepsOf(): Step {
  return async (name, work) => {
    const began = performance.now();
    const made = await work();
    // The runner prints it too.
    console.error(`# figure: newcomer, ${name}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    return made;
  };
}

/** Runs a command in a folder; gives what it printed. */
function bnityOf(t: Test, { folder, env }: Newcomer): (cwd: string, words: readonly string[]) => string {
  const program = path.join(folder, 'node_modules/.bin/bnity');
  return (cwd, words) => {
    const { status, stdout, stderr } = spawnSync(program, words, { cwd, env, encoding: 'utf8' });
    t.equal(status, 0, `bnity ${words.join(' ')} ${stderr}`);
    return stdout;
  };
}

function git(t: Test, { env }: Newcomer, cwd: string, words: readonly string[]): void {
  const person = ['-c', `user.name=${ada.name}`, '-c', `user.email=${ada.email}`];
  const { status, stderr } = spawnSync('git', [...person, ...words], { cwd, env, encoding: 'utf8' });
  t.equal(status, 0, `git ${words[0]} ${stderr}`);
}

interface Served extends AsyncDisposable {
  readonly url: string;
  /** The exit code, when it has ended. */
  readonly ended: Promise<number | null>;
  setupLink(): string;
}

async function serve({ folder, env }: Newcomer, home: string): Promise<Served> {
  const program = path.join(folder, 'node_modules/.bin/bnity');
  const child = spawn(program, ['serve', '--port', '0'], { cwd: home, env });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  await until('the server', () => {
    if (child.exitCode !== null) throw new Error(`It ended: ${said}`);
    return said.includes('Ctrl+C stops.');
  });
  return {
    url: /page {3}(\S+)/.exec(said)?.[1] ?? '',
    ended,
    setupLink: () => /^http\S+setup\S+$/m.exec(said)?.[0] ?? '',
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

async function setUp(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Name').fill(ada.name);
  await page.getByLabel('E-mail').fill(ada.email);
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.getByRole('button', { name: 'Make my account' }).click();
  await page.getByRole('radio', { name: /built-in demo/ }).check();
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.waitForURL(/\/conversations\/[^/]+$/);
}

async function chat(t: Test, page: Page, words: string, answer: string): Promise<void> {
  const composer = page.getByRole('textbox', { name: /message/i }).first();
  await composer.fill(words);
  await composer.press('Enter');
  await page.getByText(answer).last().waitFor();
  t.pass(`${words} → ${answer}`);
}
