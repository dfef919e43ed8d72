import { readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { chat, leave, open, screenOf, size } from '../support/chat.ts';
import { temporaryFolder, until } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';
import { openTerminal } from '../support/terminal.ts';

t.setTimeout(180_000);

await t.test(
  'a greeting can be given, is never in the way, and a conversation with nothing else is not kept',
  async (t) => {
    await using talking = await startTalking({
      files: {
        'bots/assistant/SOUL.md': 'Assistant.\n',
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
    await given.sees(/mock-model via mock\n\n› $/);
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
    t.match(await failing.sees(/› $/), /500[^]*→/);
    failing.type('Never mind, hello\r');
    t.match(await failing.sees(/mock-model via mock\n\n› $/), 'Mock: Never mind, hello');
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
    t.match({ code, stdout }, { code: 0, stdout: /^Mock: hi\n/ }, 'nobody greets a pipe');
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
    await terminal.sees(/mock-model via mock\n\n› typed early$/);
    t.notMatch(screenOf(terminal), /word typed/, 'an answer is not torn');
    terminal.type(' and sent\r');
    await terminal.sees(/mock-model via mock\n\n› $/);
    t.ok(await sent('typed early and sent'));
    terminal.type('half a thought\x03');
    await terminal.sees(/\n› $/);
    terminal.type('\x1b[A');
    await terminal.sees('› half a thought');
    terminal.type('\r');
    await terminal.sees(/mock-model via mock\n\n› $/);
    t.ok(await sent('half a thought'));
    terminal.type('first\x1b\rsecond\x1b[13;2uthird\r');
    await terminal.sees(/mock-model via mock\n\n› $/);
    t.ok(await sent('first\nsecond\nthird'));
    terminal.type('up\\\r');
    await terminal.sees('… ');
    terminal.type('down\r');
    await terminal.sees(/mock-model via mock\n\n› $/);
    t.ok(await sent('up\ndown'));
    terminal.type('\x1b[200~def f():\r\tpass\r\x1b[201~');
    await terminal.sees('pass');
    t.notMatch(said(), 'pass', 'a paste waits for Enter');
    terminal.type('# end\r');
    await terminal.sees(/mock-model via mock\n\n› $/);
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
  t.match(await terminal.sees(/mock-model via mock\n\n› $/), 'Now it works.');
  terminal.type('Two\r');
  await terminal.sees('[a]bort › ');
  terminal.type('m\r');
  const list = await terminal.sees('Which one? › ');
  const number = /(\d)  demo via demo/.exec(list)?.[1] ?? '';
  terminal.type(`${number}\r`);
  t.match(await terminal.sees(/s · demo\n\n› $/), 'You say: “Two”');
  t.match(await product.files.read('bots/assistant/bot.yaml'), /default: demo\/demo|demo/);
  terminal.type('/model mock-model\r');
  await terminal.sees('from now on');
  terminal.type('Three\r');
  await terminal.sees('[a]bort › ');
  terminal.type('a\r');
  await terminal.sees(/› $/);
  terminal.type('/retry\r');
  t.match(await terminal.sees(/mock-model via mock\n\n› $/), 'Mock: Three');
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
    await first.sees(/mock-model via mock\n\n› $/);
    const there = await second.sees(/mock-model via mock\n\n› half typed$/);
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
    await side.sees(/mock-model via mock\n\n› $/);
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
    await command('Spring plans', /mock-model via mock\n\n› $/);
    await command('/title Plans for **spring**', 'It is called');
    const listed = await command('/conversations', /Mock: An older[^]*› $/);
    t.match(
      listed,
      /•  1 Plans for \*\*spring\*\*\n[ ]+\d{4}-\d\d-\d\d \d\d:\d\d · 0 min · 1 message · \S+\n[ ]+Spring plans … Mock: Spring plans/,
    );
    t.match(listed, /   2 An older conversation\n/);
    await command('/switch 2', /› An older conversation[^]*› $/);
    await command('/edit A newer wording', /Mock: A newer wording[^]*mock-model via mock\n\n› $/);
    await command('/branch Elsewhere', /› A newer wording[^]*› $/);
    await command('In the branch', /mock-model via mock\n\n› $/);
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
    await command(`/export ${file}`, 'is there already');
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
    const [conversation] = (await product.client.call('conversations.list', {})).conversations;
    const journal = `data/assistant/conversations/${conversation?.id}/journal.jsonl`;
    await until('it is on disk', async () => (await product.files.read(journal))?.includes('a partial answer'));
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
    t.match(await again.sees(/› $/), /› Tell\n\na partial answer[^]*\nThe server stopped/);
    again.type('/retry\r');
    t.match(await again.sees(/mock-model via mock\n\n› $/), 'Mock: Tell');
    t.equal(await leave(again), 0);
  },
);
