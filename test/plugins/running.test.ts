import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { bnity, environment, launcher, startProduct, until } from '../support/product.ts';

t.setTimeout(120_000);

const browser = `#!/bin/sh\necho "$1" > "$OPENED"\n`;
await using product = await startProduct({ files: { 'programs/xdg-open': browser } });
await chmod(path.join(product.home, 'programs/xdg-open'), 0o755);

/** Lines that a server of earlier days left: a day in two files, as a log that was rotated lies there. */
const line = (time: string, level: string, message: string, fields: object = {}): string =>
  `${JSON.stringify({ time, level, message, ...fields })}\n`;
await product.files.write(
  '.boternity/logs/2020-05-01.jsonl',
  line('2020-05-01T12:00:00.000Z', 'info', 'the third') +
    'torn {"time"\n' +
    line('2020-05-01T13:00:00.000Z', 'error', 'the fourth', { error: { message: 'it broke' } }),
);
await product.files.write(
  '.boternity/logs/2020-05-01.1.jsonl',
  line('2020-05-01T08:00:00.000Z', 'info', 'the first', { bot: 'assistant', run: 'r1' }) +
    line('2020-05-01T09:00:00.000Z', 'warn', 'the second'),
);

interface Line {
  readonly time: string;
  readonly message: string;
  readonly bot?: string;
  readonly runs?: readonly string[];
}

const linesIn = (text: string): Line[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((each) => JSON.parse(each) as Line);

await t.test('logs show what the server wrote: all, of a bot, of a run, from a level on', async (t) => {
  const old = (messages: Line[]): string[] =>
    messages.filter(({ time }) => time < '2021').map(({ message }) => message);
  const logs = async (...words: string[]): Promise<Line[]> =>
    linesIn((await product.cli(['logs', '--json', ...words])).stdout);
  t.strictSame(
    old(await logs('-n', '500')),
    ['the first', 'the second', 'the third', 'the fourth'],
    'in the order of time',
  );
  t.strictSame(old(await logs('-n', '500', '--level', 'warn')), ['the second', 'the fourth']);
  t.strictSame(
    (await logs('--run', 'r1')).map(({ message }) => message),
    ['the first'],
  );
  t.equal((await logs('-n', '1')).length, 1);

  const answered = await product.cli(['chat', 'assistant', '--message', 'hello']);
  t.equal(answered.code, 0, answered.stderr);
  const [ended] = await until('the turn is logged', async () => {
    const found = (await logs('--bot', 'assistant')).filter(({ message }) => message === 'A turn ended');
    return found.length > 0 && found;
  });
  const run = ended?.runs?.[0] ?? '';
  t.match(await logs('--run', run), [{ message: 'A turn ended', bot: 'assistant', state: 'succeeded' }]);
  const ids = JSON.parse((await product.files.read('.boternity/bots.json')) ?? '{}') as Record<string, string>;
  t.match(await logs('--bot', ids['assistant'] ?? ''), [{ message: 'the first' }], 'an id names the bot as well');

  const answer = await product.fetch(`/api/v1/logs?run=${run}`);
  t.match(await answer.json(), { data: { lines: [{ message: 'A turn ended', runs: [run] }] } });
  t.equal((await fetch(new URL('/api/v1/logs', product.url))).status, 401, 'not for strangers');

  const read = (await product.cli(['logs', '-n', '500', '--level', 'error'])).stdout;
  t.match(read, /2020-05-01 \d\d:00:00 error the fourth: it broke\n/);
  t.match(await product.cli(['logs', '--level', 'loud']), { code: 2, stderr: /"loud" is no level/ });
  t.match(await product.cli(['logs', '-n', 'x']), { code: 2, stderr: /no number of lines/ });
});

await t.test('logs -f goes on with what is written, over a rotation', async (t) => {
  const child = spawn(process.execPath, [launcher, 'logs', '-f', '-n', '0', '--home', product.home], {
    env: environment(),
  });
  let heard = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text));
  const closed = once(child, 'close');
  const file = '.boternity/logs/2020-06-01.jsonl';
  await until(
    'it follows',
    async () => {
      await product.files.write(
        file,
        ((await product.files.read(file)) ?? '') + line(new Date().toISOString(), 'info', 'now'),
      );
      return heard.includes('now');
    },
    20_000,
  );
  await product.files.write(
    '.boternity/logs/2020-06-02.jsonl',
    line(new Date().toISOString(), 'warn', 'after midnight'),
  );
  await until('the next file is read', () => heard.includes('after midnight'), 20_000);
  child.kill('SIGINT');
  t.match(await closed, [0, null]);
});

await t.test('open shows the page in the browser', async (t) => {
  const OPENED = path.join(product.home, 'opened');
  const PATH = `${path.join(product.home, 'programs')}:${process.env['PATH'] ?? ''}`;
  const opened = await product.cli(['open'], { env: { PATH, OPENED } });
  t.match(opened, { code: 0, stdout: `${product.url}\n` });
  if (process.platform === 'linux')
    t.equal(await until('the browser has it', () => product.files.read('opened')), `${product.url}\n`);
  const blind = await product.cli(['open'], { env: { PATH: path.join(product.home, 'nothing') } });
  t.match(blind, { code: 0, stdout: `${product.url}\n`, stderr: /open the address yourself/ });
});

await t.test('status, stop, open and logs with a server and without', async (t) => {
  t.match(await product.cliJson(['status']), { url: product.url, pid: product.pid, server: /^runs for/ });
  const { pid } = product;
  const stopped = await product.cli(['server', 'stop']);
  t.match(stopped, { code: 0, stdout: `The server at ${product.url} (process ${pid}) has ended.\n` });
  t.throws(() => process.kill(pid, 0), 'there is no such process any more');
  t.match(await product.cli(['server', 'stop']), { code: 0, stdout: /^No server runs on/ });
  t.match(await product.cliJson(['status']), { url: null, pid: null, server: /bnity serve/ });
  t.match(await product.cli(['open']), { code: 3, stderr: /No server runs on[^]*bnity serve/ });
  t.match(await product.cli(['logs', '--run', 'r1']), { code: 0, stdout: /the first {2}bot=assistant run=r1\n/ });
  t.match(await bnity(['logs', '--home', path.join(product.home, 'nowhere')]), { code: 0, stdout: '' });
});
