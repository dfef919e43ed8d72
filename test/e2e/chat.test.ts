import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { environment, launcher, temporaryFolder, until, type Product } from '../support/product.ts';
import { FakeScreen } from '../support/screen.ts';
import { begin, say, startTalking } from '../support/talk.ts';
import { openTerminal, type TerminalSession } from '../support/terminal.ts';

t.setTimeout(180_000);

const run = promisify(execFile);
const markdown = '# Plan\n\nSome **bold** words and `code`.\n\n- one\n- two\n\n```js\nlet a = 1;\n```\n\nDone.';
const size = { columns: 70, rows: 24 };

/** What stands on the screen of a terminal in the end. */
function screenOf(terminal: TerminalSession, { columns, rows } = size): string {
  const screen = new FakeScreen(columns, rows);
  screen.write(terminal.raw());
  return screen.text;
}

const chat = (product: Product, ...args: readonly string[]): string[] => ['chat', ...args, '--home', product.home];

/** Chats in a terminal that does not greet, and waits for its prompt. */
async function open(product: Product, ...args: readonly string[]): Promise<TerminalSession> {
  const terminal = openTerminal(chat(product, 'assistant', '--no-greeting', ...args), size);
  await terminal.sees(/› $/);
  return terminal;
}

async function leave(terminal: TerminalSession): Promise<number | null> {
  terminal.type('\x04');
  return terminal.end();
}

await t.test('CHAT-05, CLII-03: a bot greets, streams, and what stands there in the end is Markdown', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  await using terminal = openTerminal(chat(product, 'assistant'), size);
  mock.script({ text: 'Ahoy, I am *yours*.', hangMs: 300 }, { text: markdown, delayMs: 5, chunkSize: 3 });
  const opened = await terminal.sees(/s · mock-model\n› $/);
  for (const part of ['Assistant', 'mock-model via mock · conversation', '/help', 'thinking…', 'Ahoy, I am yours.'])
    t.match(opened, part);
  terminal.type('Plan\r');
  t.match(await terminal.sees(/s · mock-model\n› $/), '**bold**', 'it is seen as it comes');
  terminal.type('/exit\r');
  t.equal(await terminal.end(), 0);
  const screen = screenOf(terminal);
  t.match(screen, 'Plan\n\nSome bold words and code.\n\n• one\n• two\n\n  js\n  let a = 1;\n\nDone.\n');
  t.match(screen, /\d+ tokens · \d+\.\d s · mock-model\n/);
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
  'a greeting can be given, is never in the way, and a conversation with nothing else is not kept',
  async (t) => {
    await using talking = await startTalking({
      files: {
        'bots/ada/SOUL.md': 'Ada.\n',
        'bots/ada/IDENTITY.md': '---\ngreeting: Well met, traveller.\n---\n',
        'bots/mute/SOUL.md': 'Mute.\n',
        'bots/mute/bot.yaml': 'conversation: { greeting: off }\n',
      },
    });
    const { product, mock } = talking;
    await using given = openTerminal(chat(product, 'ada'), size);
    t.match(await given.sees(/› $/), 'Well met, traveller.');
    t.equal(talking.bodies().length, 0, 'without a model');
    given.type('Hello\r');
    await given.sees(/mock-model\n› $/);
    t.match(talking.bodies()[0]?.messages.slice(1), [
      { role: 'user' },
      { content: 'Well met, traveller.' },
      { content: /^Hello/ },
    ]);
    t.equal(await leave(given), 0);

    await using mute = openTerminal(chat(product, 'mute'), size);
    t.notMatch(await mute.sees(/› $/), /mock-model\n/);
    t.equal(await leave(mute), 0);

    mock.script({ error: { status: 500 } });
    await using failing = openTerminal(chat(product, 'assistant'), size);
    await failing.sees('[a]bort ›');
    failing.type('Never mind, hello\r');
    t.match(await failing.sees(/mock-model\n› $/), 'Mock: Never mind, hello');
    t.notMatch(talking.bodies().at(-1)?.messages.at(-2)?.content, 'Greet me', 'what was not answered is not told');
    t.equal(await leave(failing), 0);

    mock.script({ text: 'Hello '.repeat(50), delayMs: 200 });
    await using hasty = openTerminal(chat(product, 'assistant'), size);
    await hasty.sees('Hello');
    hasty.type('\x03');
    t.match(await hasty.sees(/› $/), 'Stopped');
    t.equal(await leave(hasty), 0);
    const { conversations } = await product.client.call('conversations.list', {});
    t.strictSame(conversations.map(({ first }) => first).toSorted(), ['Hello', 'Never mind, hello']);
    const { code, stdout } = await product.cli(['chat', 'ada'], { input: 'hi' });
    t.match({ code, stdout }, { code: 0, stdout: /^Mock: hi\n$/ }, 'nobody greets a pipe');
  },
);

await t.test(
  'CLII-03: what is typed is never lost: while an answer comes, at Ctrl+C, in several lines, in a paste',
  async (t) => {
    await using talking = await startTalking();
    const { product, mock } = talking;
    await using terminal = await open(product);
    const said = (): string | null | undefined => talking.bodies().at(-1)?.messages.at(-1)?.content;
    const sent = (what: string) => until('the model hears it', () => said()?.startsWith(what) && said());
    mock.script({ text: 'word '.repeat(40), delayMs: 20 });
    terminal.type('Begin\r');
    await terminal.sees('word word');
    terminal.type('typed early');
    await terminal.sees(/mock-model\n› typed early$/);
    t.notMatch(screenOf(terminal), /word typed/, 'an answer is not torn');
    terminal.type(' and sent\r');
    await terminal.sees(/mock-model\n› $/);
    t.ok(await sent('typed early and sent'));
    terminal.type('half a thought\x03');
    await terminal.sees(/\n› $/);
    terminal.type('\x1b[A');
    await terminal.sees('› half a thought');
    terminal.type('\r');
    await terminal.sees(/mock-model\n› $/);
    t.ok(await sent('half a thought'));
    terminal.type('first\x1b\rsecond\x1b[13;2uthird\r');
    await terminal.sees(/mock-model\n› $/);
    t.ok(await sent('first\nsecond\nthird'));
    terminal.type('up\\\r');
    await terminal.sees('… ');
    terminal.type('down\r');
    await terminal.sees(/mock-model\n› $/);
    t.ok(await sent('up\ndown'));
    terminal.type('\x1b[200~def f():\r\tpass\r\x1b[201~');
    await terminal.sees('pass');
    t.notMatch(said(), 'pass', 'a paste waits for Enter');
    terminal.type('# end\r');
    await terminal.sees(/mock-model\n› $/);
    t.ok(await sent('def f():\n\tpass\n# end'));
    terminal.type('/hist\t');
    await terminal.sees('/history');
    terminal.type('\x15/histroy\r');
    await terminal.sees('Did you mean /history?');
    terminal.type('/model mock-m\t');
    await terminal.sees('/model mock-model');
    terminal.type('\x15');
    mock.script({ text: 'word '.repeat(500), delayMs: 20 });
    terminal.type('Go on\r');
    await terminal.sees('word word');
    terminal.type('/stop\r');
    t.match(await terminal.sees(/› $/), 'Stopped', 'a word stops it too');
    t.equal(await leave(terminal), 0);
  },
);

await t.test('CHAT-05: after an error one tries again, takes another model, or goes on', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  await using terminal = await open(product);
  const broken = { error: { status: 500 } };
  mock.script(broken, 'Now it works.', broken, broken);
  terminal.type('One\r');
  await terminal.sees('[r]etry, another [m]odel, [a]bort › ');
  terminal.type('r\r');
  t.match(await terminal.sees(/mock-model\n› $/), 'Now it works.');
  terminal.type('Two\r');
  await terminal.sees('[a]bort › ');
  terminal.type('m\r');
  const list = await terminal.sees('Which one? › ');
  const number = /(\d)  demo via demo/.exec(list)?.[1] ?? '';
  terminal.type(`${number}\r`);
  t.match(await terminal.sees(/s · demo\n› $/), 'I am a demo');
  t.match(await product.files.read('bots/assistant/bot.yaml'), /default: demo\/demo|demo/);
  terminal.type('/model mock-model\r');
  await terminal.sees('from now on');
  terminal.type('Three\r');
  await terminal.sees('[a]bort › ');
  terminal.type('a\r');
  await terminal.sees(/› $/);
  terminal.type('/retry\r');
  t.match(await terminal.sees(/mock-model\n› $/), 'Mock: Three');
  t.equal(await leave(terminal), 0);
});

await t.test(
  'CHAT-05: two windows on one conversation show what is said in the other; a decision is made once',
  async (t) => {
    await using talking = await startTalking();
    const { product, mock } = talking;
    await product.files.write('bots/assistant/bot.yaml', 'tools: { ask: [time_now] }\n');
    const id = await begin(product);
    await using first = await open(product, '--resume', id);
    await using second = await open(product, '--resume', id);
    second.type('half typed');
    await second.sees('half typed');
    first.type('Hello from one\r');
    await first.sees(/mock-model\n› $/);
    const there = await second.sees(/mock-model\n› half typed$/);
    t.match(there, /› Hello from one\n/);
    t.match(there, 'Mock: Hello from one');
    mock.script({ calls: [{ name: 'time_now', arguments: {} }] }, 'It is late.');
    first.type('What time is it?\r');
    await first.sees('[n]o › ');
    await second.sees('[n]o › ');
    first.type('y\r');
    await first.sees('It is late.');
    t.match(await second.sees(/It is late\.[^]*› half typed$/), 'This was decided elsewhere.');
    await using side = await open(product);
    side.type('Beside\r');
    await side.sees(/mock-model\n› $/);
    t.equal(
      (await product.client.call('conversations.list', { bot: 'assistant' })).conversations.length,
      2,
      'side by side',
    );
    await product.client.call('conversations.delete', { conversation: id });
    t.match(await second.sees(/half typed$/), /There is no conversation[^]*\/new begins another/);
    second.type('\x15/new\r');
    await second.sees(/conversation [^]*› $/);
    second.type('Anew\r');
    await second.sees(/Mock: Anew[^]*› $/);
  },
);

await t.test(
  'CHAT-05: conversations are listed, named, left, found again, branched, written to files and deleted',
  async (t) => {
    await using talking = await startTalking();
    const { product } = talking;
    await using place = await temporaryFolder();
    const other = await begin(product);
    await say(product, other, 'An older conversation');
    await using terminal = await open(product);
    const command = async (line: string, answer: string | RegExp): Promise<string> => {
      terminal.type(`${line}\r`);
      return terminal.sees(answer);
    };
    await command('Spring plans', /mock-model\n› $/);
    await command('/title Plans for **spring**', 'It is called');
    const listed = await command('/conversations', /Mock: An older[^]*› $/);
    t.match(
      listed,
      /•  1 Plans for \*\*spring\*\*\n[ ]+\d{4}-\d\d-\d\d \d\d:\d\d · 0 min · 1 message · \S+\n[ ]+Spring plans … Mock: Spring plans/,
    );
    t.match(listed, /   2 An older conversation\n/);
    await command('/switch 2', /› An older conversation[^]*› $/);
    await command('/edit A newer wording', /Mock: A newer wording[^]*mock-model\n› $/);
    await command('/branch Elsewhere', /› A newer wording[^]*› $/);
    await command('In the branch', /mock-model\n› $/);
    t.match(await command('/branches', /Elsewhere[^]*› $/), /• Elsewhere/);
    t.notMatch(await command('/branch main', /conversation[^]*› $/), 'In the branch');
    const file = path.join(place.path, 'plans.md');
    await command(`/export ${file}`, `Written to ${file}`);
    t.match(await readFile(file, 'utf8'), /## You\n\nA newer wording\n\n## Assistant\n/);
    await command(`/export json ${file}.json`, 'Written to');
    t.match(JSON.parse(await readFile(`${file}.json`, 'utf8')), {
      id: other,
      messages: [{ text: 'A newer wording' }, {}],
    });
    await command(`/export ${file}`, /EEXIST|exists/);
    await command('/delete', 'Go on? [y/N]');
    t.match(await command('n', /› $/), 'Nothing was done.');
    await command('/delete', 'Go on? [y/N]');
    await command('y', /Deleted\.[^]*conversation [^]*› $/);
    await t.rejects(product.client.call('conversations.show', { conversation: other }), {
      code: 'CONVERSATION_MISSING',
    });
    t.equal(await leave(terminal), 0);
    const cli = await product.cli(['conversation', 'list']);
    t.match(cli.stdout, /Plans for \*\*spring\*\*.*Mock: Spring plans/, 'bnity conversation list shows the same');
    t.equal((await product.cli(['chat', 'assistant', '--new', '--resume'])).code, 2);
    t.equal((await product.cli(['chat', 'assistant', '--resume', 'nothing'], { input: 'x' })).code, 3);
  },
);

await t.test(
  'when the server stops in the middle of an answer nothing is lost, and --resume shows what had come',
  async (t) => {
    await using talking = await startTalking();
    const { product, mock } = talking;
    await using terminal = await open(product);
    mock.script({ text: 'a partial answer '.repeat(200), delayMs: 20 });
    terminal.type('Tell\r');
    await terminal.sees('partial answer a partial');
    await product.kill9();
    await terminal.sees('The connection to the server is lost');
    terminal.type('\x03');
    await terminal.sees(/› $/);
    terminal.type('and this?\r');
    await terminal.sees(/› and this\?$/);
    t.match(screenOf(terminal), /→[^]*› and this\?$/, 'what could not be sent is still there');
    terminal.type('\x15');
    t.equal(await leave(terminal), 0);
    await product.start();
    await using again = openTerminal(chat(product, 'assistant', '--resume'), size);
    t.match(await again.sees(/› $/), /› Tell\n\na partial answer/);
  },
);

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
    const after = await terminal.sees(/mock-model\n› $/);
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
  mock.script({ text: `before ${evil} after` }, { calls: [call] }, { text: `${evil}done` });
  for (const line of ['One', 'Two']) {
    terminal.type(`${line}\r`);
    await terminal.sees(/mock-model\n› $/);
  }
  const [conversation] = (await product.client.call('conversations.list', {})).conversations;
  await product.client.call('conversations.rename', { conversation: conversation?.id ?? '', title: `T ${evil}` });
  terminal.type('/history\r');
  await terminal.sees(/done\n› $/);
  terminal.type('/conversations\r');
  await terminal.sees(/0 min[^]*› $/);
  t.equal(await leave(terminal), 0);
  t.notMatch(terminal.raw(), /owned|\u001b\[2J|\u009b|\u0008/);
  mock.script({ text: `a${evil}b` }, { text: `a${evil}b` });
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
  t.match(lines[0], { type: 'message', text: 'Which bots?', conversation: String, turn: String });
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
