import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import t from 'tap';
import { chat, leave, open, screenOf, size } from '../support/chat.ts';
import { environment, launcher } from '../support/product.ts';
import { startTalking } from '../support/talk.ts';
import { openTerminal } from '../support/terminal.ts';

t.setTimeout(180_000);

const run = promisify(execFile);
const markdown = '# Plan\n\nSome **bold** words and `code`.\n\n- one\n- two\n\n```js\nlet a = 1;\n```\n\nDone.';

await t.test('CHAT-05, CLII-03: a bot greets, streams, and what stands there in the end is Markdown', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  await using terminal = openTerminal(chat(product, 'assistant'), size);
  mock.script({ text: 'Ahoy, I am *yours*.', hangMs: 300 }, { text: markdown, delayMs: 5, chunkSize: 3 });
  const opened = await terminal.sees(/s · mock-model via mock\n\n› $/);
  for (const part of ['Assistant', 'mock-model via mock · conversation', '/help', 'thinking…', 'Ahoy, I am yours.'])
    t.match(opened, part);
  terminal.type('Plan\r');
  t.match(await terminal.sees(/s · mock-model via mock\n\n› $/), '**bold**', 'it is seen as it comes');
  terminal.type('/exit\r');
  t.equal(await terminal.end(), 0);
  const screen = screenOf(terminal);
  t.match(screen, 'Plan\n\nSome bold words and code.\n\n• one\n• two\n\n  js\n  let a = 1;\n\nDone.\n');
  t.match(screen, /\d+ tokens · \d+\.\d s · mock-model via mock\n/);
  t.notMatch(screen, /\*\*|```|thinking/);
  const [conversation] = (await product.client.call('conversations.list', {})).conversations;
  const id = conversation?.id ?? '';
  t.match(conversation, { title: 'Plan', first: 'Plan', messages: 1 });
  const [greeted, asked] = talking.bodies();
  t.match(greeted?.messages.at(-1)?.content, 'Greet me');
  t.match(
    asked?.messages.slice(1),
    [{ content: /Greet me/ }, { content: 'Ahoy, I am *yours*.' }, { content: /^Plan/ }],
    'it knows its greeting',
  );
  t.match(await product.client.call('conversations.audit', { conversation: id }), { ok: true });

  await using resumed = openTerminal(chat(product, 'assistant', '--resume'), size);
  const again = await resumed.sees(/› $/);
  t.match(again, /Ahoy, I am yours\.\n\n› Plan\n\nPlan\n\nSome bold/, 'it goes on with the latest, and shows it');
  t.notMatch(again, /Greet me/, 'what nobody said is not shown');
  resumed.type('/history\r');
  t.notMatch(await resumed.sees(/Done\.\n› $/), /Greet me/);
  t.equal(await leave(resumed), 0);
  t.equal((await product.client.call('conversations.list', {})).conversations.length, 1);
});

await t.test(
  'CLII-03: on 20 columns, while the window is drawn larger, and with 1 MB, every word stands there once',
  async (t) => {
    await using talking = await startTalking();
    const { product, mock } = talking;
    const small = { columns: 20, rows: 12 };
    await using terminal = openTerminal(chat(product, 'assistant', '--no-greeting'), small);
    const tty = /\/dev\/\S+/.exec(await terminal.sees(/› $/))?.[0] ?? '';
    const words = Array.from({ length: 60 }, (_, at) => `w${at}x`);
    mock.script(
      { text: `${words.join(' ')}\n\n${markdown}`, chunkSize: 5 },
      { text: `${words.join(' ')}\n\nEnd.`, delayMs: 30 },
    );
    terminal.type('Hi\r');
    await terminal.sees(/mock-mod[^]*› $/);
    const screen = screenOf(terminal, small);
    t.ok(screen.split('\n').every((line) => line.length <= 20));
    for (const word of [...words, 'Plan', 'bold']) t.equal(screen.split(word).length, 2, word);
    terminal.type('Again\r');
    await terminal.sees('w9x');
    await run('stty', ['-F', tty, 'cols', '60', 'rows', '30']);
    const after = await terminal.sees(/mock-model via mock\n\n› $/);
    t.match(after, 'w59x');
    mock.script({ text: 'word '.repeat(200_000), chunkSize: 5_000 });
    terminal.type('Everything\r');
    await terminal.sees(/tokens[^]*› $/);
    t.equal(await leave(terminal), 0);
  },
);

await t.test('CLII-03: nothing that a model, a tool or a title says is obeyed by the terminal', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b5mtext\u0008\r';
  await using terminal = await open(product);
  const call = { name: 'time_now', arguments: `{"zone":"${evil}"}` };
  // Arguments that are no JSON are put to the model once more, which does no better.
  mock.script({ text: `before ${evil} after` }, { calls: [call] }, 'no', { text: `${evil}done` });
  for (const line of ['One', 'Two']) {
    terminal.type(`${line}\r`);
    await terminal.sees(/mock-model via mock\n\n› $/);
  }
  const [conversation] = (await product.client.call('conversations.list', {})).conversations;
  await product.client.call('conversations.rename', { conversation: conversation?.id ?? '', title: `T ${evil}` });
  terminal.type('/history\r');
  await terminal.sees(/done\n› $/);
  terminal.type('/conversations\r');
  await terminal.sees(/0 min[^]*› $/);
  t.equal(await leave(terminal), 0);
  for (const part of ['owned', '\u001b[2J', '\u009b', '\u0008'])
    t.notOk(terminal.raw().includes(part), JSON.stringify(part));
  mock.script({ text: `a${evil}b` }, { text: `a${evil}b` });
  const listed = (await product.cli(['conversation', 'list'])).stdout;
  t.match(listed, 'T ');
  t.notMatch(listed.replaceAll('\n', ''), /\p{Cc}/u, 'nor in a table');
  const piped = await product.cli(['chat', 'assistant'], { input: 'x' });
  t.equal(piped.stdout, 'atextb\n');
  const json = await product.cli(['chat', 'assistant', '--json'], { input: 'x' });
  t.notMatch(json.stdout.replaceAll('\n', ''), /\p{Cc}/u);
  t.match(JSON.parse(json.stdout.trim().split('\n').at(-1) ?? ''), { text: `a${evil}b` }, 'in JSON it is whole');
});

await t.test('CLII-04: chat works in scripts: one answer, JSON lines, right exit codes, quiet ends', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  const plain = await product.cli(['chat', 'assistant'], { input: 'line one\nline two\n' });
  t.match(plain, { code: 0, stdout: 'Mock: line one\nline two\n', stderr: '' });
  mock.script({ calls: [{ name: 'bots_list', arguments: {} }] }, 'There is one.');
  const lines = (await product.cli(['chat', 'assistant', '--yes', '--json'], { input: 'Which bots?' })).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; text: string });
  t.match(lines[0], { type: 'message', message: String, conversation: String, turn: String });
  t.notMatch(JSON.stringify(lines[0]), 'Which bots?', 'what was typed is not repeated: it may hold a secret');
  t.match(
    lines.filter(({ type }) => type === 'tool'),
    [{ name: 'bots_list', isError: false }],
  );
  const deltas = lines.filter(({ type }) => type === 'delta').map(({ text }) => text);
  t.equal(deltas.join(''), 'There is one.');
  t.match(lines.at(-1), {
    type: 'answer',
    text: 'There is one.',
    state: 'finished',
    error: null,
    model: 'mock-model',
    usage: { output: Number },
    durationMs: Number,
  });
  mock.script({ error: { status: 500 } });
  const failed = await product.cli(['chat', 'assistant', '--json'], { input: 'x' });
  t.equal(failed.code, 1);
  t.match(JSON.parse(failed.stdout.trim().split('\n').at(-1) ?? ''), {
    type: 'answer',
    state: 'errored',
    error: { code: String, hint: String },
  });
  mock.script({ error: { status: 500 } });
  t.match(await product.cli(['chat', 'assistant'], { input: 'x' }), {
    code: 1,
    stdout: '\n',
    stderr: /^error: .*\n {2}→/,
  });
  const nobody = await product.cli(['chat', 'nobody', '--json'], { input: 'x' });
  t.match(
    { ...nobody, stderr: JSON.parse(nobody.stderr) as unknown },
    { code: 3, stdout: '', stderr: { errors: [{ code: 'BOT_MISSING' }] } },
  );
  t.equal((await product.cli(['chat'], { input: 'x' })).code, 2);
  t.equal((await product.cli(['chat', 'assistant'], { input: ' \n' })).code, 5);
  const resumed = await product.cli(['chat', 'assistant', '--resume', '--message', 'go on'], { input: '' });
  t.match(resumed, { code: 0, stdout: 'Mock: go on\n' });

  mock.script({ text: 'word '.repeat(100_000), delayMs: 1 });
  const child = spawn(process.execPath, [launcher, ...chat(product, 'assistant', '--message', 'Much')], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += String(chunk)));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = (await once(child, 'close')) as [number | null];
  t.strictSame({ code, complaints }, { code: 0, complaints: '' }, 'a broken pipe ends it quietly');

  mock.script({ text: 'word '.repeat(1_000), delayMs: 20 });
  const stopped = spawn(process.execPath, [launcher, ...chat(product, 'assistant', '--message', 'Much')], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(stopped.stdout, 'data');
  stopped.kill('SIGINT');
  t.strictSame(await once(stopped, 'close'), [130, null]);
});
