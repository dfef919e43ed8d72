import { setTimeout as sleep } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { inParallel } from '../support/doors.ts';
import { bnity, startProduct, until, type Product } from '../support/product.ts';
import { begin, changesIn, journalOf, say, sees, startTalking } from '../support/talk.ts';
import { openTerminal } from '../support/terminal.ts';

t.setTimeout(120_000);

const demo = /I am a demo: no language model thinks behind me/;

await t.test('an empty folder becomes a home with a bot that talks, over HTTP and at the terminal', async (t) => {
  await using product = await startProduct();
  const page = await fetch(product.url);
  t.equal(page.status, 200, 'there is a page');
  await page.body?.cancel();
  const { bots } = await product.client.call('bots.list', {});
  t.match(bots, [{ slug: 'assistant', status: 'active', folder: `${product.home}/bots/assistant` }]);
  await until('the greeting', () => product.heard.stdout.includes('Ctrl+C stops'));
  t.match(product.heard.stdout, product.url);
  t.match(product.heard.stdout, `${product.home}/bots/assistant`, 'the start says where the bot lies');
  t.match(product.heard.stdout, /demo.*bnity provider add/, 'which model answers, and how to change it');

  const { answer } = await say(product, await begin(product), 'hi');
  t.equal(answer.state, 'finished');
  t.match(answer.text, demo);
  t.match(answer, { run: { state: 'succeeded', model: 'demo', provider: 'demo', botVersion: /^[0-9a-f]{40}$/ } });

  const piped = await product.cli(['chat', 'assistant'], { input: 'hi\n' });
  t.equal(piped.code, 0, piped.stderr);
  t.match(piped.stdout, demo);
  t.ok(piped.stdout.endsWith('\n'));
  const flagged = await product.cli(['chat', 'assistant', '--message', 'hi']);
  t.equal(flagged.stdout, piped.stdout, 'the demo says the same to the same words');
  const lines = (await product.cli(['chat', 'assistant', '--json'], { input: 'hi' })).stdout.trim().split('\n');
  const { conversation, ...told } = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
  t.match(told, { text: demo, tools: [], state: 'finished', reason: null, model: 'demo', usage: { output: Number } });
  const again = await product.cli([
    'chat',
    'assistant',
    '--resume',
    String(conversation),
    '--message',
    'What did I say?',
  ]);
  t.match(again.stdout, 'hi', 'a conversation goes on');
  t.equal((await product.client.call('conversations.show', { conversation: String(conversation) })).messages, 2);
});

await t.test('the demo calls the tools that plain words ask for, both in one turn', async (t) => {
  await using product = await startProduct();
  const { nodes, answer } = await say(product, await begin(product), 'List the bots and tell me the current time.');
  const tools = nodes.flatMap(({ tool, state }) => (tool ? [{ name: tool.name, isError: tool.isError, state }] : []));
  t.strictSame(
    tools.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    [
      { name: 'bots_list', isError: false, state: 'finished' },
      { name: 'time_now', isError: false, state: 'finished' },
    ],
  );
  const listed = nodes.find(({ tool }) => tool?.name === 'bots_list')?.tool;
  t.match(JSON.parse(listed?.result ?? ''), { bots: [{ slug: 'assistant' }] });
  t.match(answer.text, String(new Date().getUTCFullYear()));
  t.match(answer.text, /assistant/i);
});

await t.test('a person at the terminal chats, looks back, stops an answer and leaves', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  await using terminal = openTerminal(['chat', 'assistant', '--home', product.home]);
  t.match(await terminal.sees('›'), 'Assistant', 'it says who is there');
  mock.script('Good day to you.');
  terminal.type('Good day\r');
  t.match(await terminal.sees(/tokens · [\d.]+ s · mock-model via mock\n/), 'Good day to you.');
  terminal.type('/help\r');
  t.match(await terminal.sees('completes a command'), '/history');
  terminal.type('/history\r');
  t.match(await terminal.sees('Good day to you.'), '› Good day');
  mock.script('Two lines, one message.');
  terminal.type('first\rsecond\r');
  await terminal.sees('Two lines, one message.');
  mock.script('Another answer.');
  terminal.type('/regenerate\r');
  await terminal.sees('Another answer.');
  terminal.type('/remember Likes tea\r');
  await terminal.sees('Remembered.');
  mock.script({ text: 'word '.repeat(500), delayMs: 20 });
  terminal.type('Say a lot\r');
  await terminal.sees('word word');
  terminal.type('\x03');
  t.match(await terminal.sees('›'), 'Stopped', 'Ctrl+C stops the answer, not the chat');
  const { conversations } = await product.client.call('conversations.list', {});
  const id = conversations[0]?.id ?? '';
  const { nodes } = await product.client.call('conversations.show', { conversation: id });
  t.match(nodes.at(-1), { state: 'stopped', text: /^word word/ }, 'and what had come is kept');
  terminal.type('/nonsense\r');
  await terminal.sees('There is no /nonsense. /help lists what there is.');
  terminal.type('/exit\r');
  await terminal.sees(`bnity chat assistant --resume ${id}`);
  t.equal(await terminal.end(), 0);

  await using other = openTerminal(['chat', 'assistant', '--home', product.home]);
  await other.sees('›');
  other.type('\x03');
  t.equal(await other.end(), 0, 'Ctrl+C at an empty line leaves');
});

await t.test(
  'at the terminal a person decides on calls; through a pipe nobody does, unless it was said before',
  async (t) => {
    await using talking = await startTalking({
      files: { 'bots/ada/SOUL.md': 'Ada.\n', 'bots/ada/bot.yaml': 'tools: { ask: [time_now] }\n' },
    });
    const { product, mock } = talking;
    const call = { calls: [{ name: 'time_now', arguments: {} }] };
    await using terminal = openTerminal(['chat', 'ada', '--home', product.home]);
    await terminal.sees('›');
    mock.script(call, 'Denied, I see.', call, 'It is late.', call, 'Still late.');
    terminal.type('What time is it?\r');
    await terminal.sees('[n]o ›');
    terminal.type('n\r');
    t.match(await terminal.sees('Denied, I see.'), '(denied)');
    terminal.type('Please?\r');
    await terminal.sees('[n]o ›');
    terminal.type('a\r');
    await terminal.sees('It is late.');
    terminal.type('And now?\r');
    t.notMatch(await terminal.sees('Still late.'), 'Allow it?', 'always is always');
    terminal.type('/exit\r');
    t.equal(await terminal.end(), 0);
    mock.script(call, 'No.', call, 'Yes.');
    const denied = await product.cli(['chat', 'ada'], { input: 'What time is it?' });
    t.match(denied, { code: 0, stdout: 'No.\n', stderr: /time_now was denied.*--yes/ });
    const allowed = await product.cli(['chat', 'ada', '--yes', '--json'], { input: 'What time is it?' });
    t.match(JSON.parse(allowed.stdout.trim().split('\n').at(-1) ?? ''), {
      text: 'Yes.',
      tools: [{ name: 'time_now', isError: false }],
    });
  },
);

await t.test('an edit of SOUL.md on disk is in the very next request to the model', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  const bodies = () => talking.bodies();
  const conversation = await begin(product);
  await say(product, conversation, 'first');
  const soul = (await product.files.read('bots/assistant/SOUL.md')) ?? '';
  const edited = soul
    .replace('tone: warm and plain', 'tone: like a lighthouse keeper')
    .replace('# Boundaries', '# Boundaries\n\nYou never speak of the owl.');
  await product.files.write('bots/assistant/SOUL.md', edited);
  await sleep(100);
  const { answer } = await say(product, conversation, 'second');
  const [before, after] = bodies().map(({ messages }) => messages[0]);
  t.equal(after?.role, 'system');
  t.notMatch(before?.content, 'lighthouse');
  t.match(after?.content, 'tone: like a lighthouse keeper');
  t.match(after?.content, 'You never speak of the owl.');
  t.notMatch(after?.content, 'warm and plain');
  const versions = await Promise.all([
    product.client.call('files.history', { bot: 'assistant' }),
    product.client.call('conversations.show', { conversation }),
  ]);
  const commits = versions[0].commits.map(({ commit }) => commit);
  t.equal(answer.run?.botVersion, commits[0], 'the run says which commit it used');
  t.equal(versions[1].nodes[1]?.run?.botVersion, commits[1]);
  mock.clear();
});

await t.test(
  'CHAT-04: a server that is killed in the middle of an answer has lost nothing that it had acknowledged',
  async (t) => {
    await using talking = await startTalking();
    const { product, mock } = talking;
    const conversation = await begin(product);
    mock.script('The first answer, whole.', { text: words(400), delayMs: 15 });
    await say(product, conversation, 'first question');

    using live = product.client.conversation(conversation);
    const running = await live.send('second question');
    const queued = await live.send('third question');
    const textNow = (): string => live.page?.nodes.find(({ id }) => id === running.reply)?.text ?? '';
    await sees(live, () => textNow().length > 700);
    const earlier = textNow();
    await sleep(350);
    const { pid, url } = product;
    const { cursor } = live.page ?? { cursor: '' };
    await product.kill9();
    live.close();

    await product.start();
    t.not(product.url, url);
    await until('the greeting', () => product.heard.stdout.includes('Ctrl+C stops'));
    t.match(product.heard.stdout, `took the place of process ${pid}`);
    const { conversations } = await product.client.call('conversations.list', {});
    t.match(conversations, [{ id: conversation, state: 'running', messages: 3 }], 'what waited goes on');
    const page = await until('the third answer', async () => {
      const now = await product.client.call('conversations.show', { conversation });
      return now.state === 'idle' && now;
    });
    t.strictSame(
      page.nodes.filter(({ kind }) => kind === 'user').map(({ text }) => text),
      ['first question', 'second question', 'third question'],
    );
    t.equal(page.nodes[1]?.text, 'The first answer, whole.');
    const cut = page.nodes.find(({ id }) => id === running.reply);
    t.match(cut, {
      state: 'errored',
      reason: /server stopped/,
      run: { state: 'failed', error: { code: 'INTERRUPTED' } },
    });
    t.ok(cut?.text.startsWith(earlier), 'what had come is there, but for the last moment');
    t.ok(words(400).startsWith(cut?.text ?? '-'), 'and nothing else');
    const waiting = page.nodes.find(({ id }) => id === queued.reply);
    t.match(waiting, { state: 'finished', text: 'Mock: third question', run: { state: 'succeeded' } });
    const lines = await journalOf(product, conversation);
    t.ok(
      lines.every((line, at) => line.v === 1 && line.seq > (lines[at - 1]?.seq ?? 0)),
      'seq rises with every line',
    );
    t.match(await firstEvent(product, `/api/v1/conversations/${conversation}/events?cursor=${cursor}`), 'event: reset');
    t.match((await say(product, conversation, 'fourth question')).answer.text, 'Mock: fourth question');
  },
);

await t.test('at whatever instant it is killed, every acknowledged message is there after the restart', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const acknowledged = new Map<string, { conversation: string; text: string }>();
  const conversations = await inParallel([1, 2, 3], 3, () => begin(product));
  for (const round of [1, 2, 3, 4]) {
    const { client } = product;
    const killed = new AbortController();
    const senders = conversations.map(async (conversation, sender) => {
      for (let number = 1; !killed.signal.aborted && number < 400; number += 1) {
        const text = `round ${round} sender ${sender} number ${number}`;
        try {
          const { message } = await client.call('messages.send', { conversation, text });
          acknowledged.set(message, { conversation, text });
        } catch {
          return;
        }
      }
    });
    await sleep(130 + round * 47);
    await product.kill9();
    killed.abort();
    await Promise.all(senders);
    // A command without a server that only looks begins no answer that would end with it.
    const looked = await product.cli(['conversation', 'show', conversations[0] ?? '', '--json']);
    t.equal(looked.code, 0, looked.stderr);
    await product.start();
    // What waited for its turn when the server was killed is answered now.
    const pages = await Promise.all(
      conversations.map((conversation) =>
        until(
          `round ${round}: everything has ended`,
          async () => {
            const page = await product.client.call('conversations.show', { conversation, limit: 1000 });
            return page.state === 'idle' && page;
          },
          60_000,
        ),
      ),
    );
    const held = new Map(pages.flatMap((page) => page.nodes).map(({ id, text }) => [id, text]));
    const lost = [...acknowledged].filter(([id, { text }]) => held.get(id) !== text);
    t.strictSame(lost, [], `round ${round}: none of ${acknowledged.size} is lost`);
    const ends = pages.flatMap(({ nodes }) =>
      nodes.filter(({ kind }) => kind === 'agent').map(({ run }) => run?.state),
    );
    t.ok(ends.length > 0 && ends.every((state) => ['succeeded', 'failed'].includes(state ?? '')), 'answered or failed');
  }
  t.ok(acknowledged.size > 20, 'and there were some');
});

await t.test('a torn last line is cut off and told; damage in the middle breaks that conversation alone', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const [torn, broken, well] = await inParallel([1, 2, 3], 1, async () => {
    const conversation = await begin(product);
    await say(product, conversation, 'kept');
    return conversation;
  });
  await product.stop();
  const place = (id: string | undefined): string => `data/assistant/conversations/${id}/journal.jsonl`;
  const whole = (await product.files.read(place(torn))) ?? '';
  await product.files.write(place(torn), `${whole}{"v":1,"seq":99,"changes":[{"type":"sta`);
  const lines = ((await product.files.read(place(broken))) ?? '').split('\n');
  await product.files.write(place(broken), lines.with(2, lines[2]?.slice(0, 20) ?? '').join('\n'));
  await product.start();
  const { client } = product;
  t.match(await client.call('conversations.show', { conversation: String(torn) }), { nodes: [{ text: 'kept' }, {}] });
  t.equal(await readFile(`${product.home}/${place(torn)}`, 'utf8'), whole, 'cut back to the last whole line');
  t.match(product.heard.stderr, /warning.*torn/);
  await t.rejects(client.call('conversations.show', { conversation: String(broken) }), {
    code: 'JOURNAL_TORN',
    message: /damaged after line 2/,
    hint: /backup/,
  });
  t.match((await say(product, String(well), 'still there?')).answer.text, 'Mock: still there?');
  t.equal((await client.call('conversations.list', {})).conversations.length, 3);
  t.strictSame(changesIn(await journalOf(product, String(torn)), 'node').length, 2);
});

await t.test('--version and --help answer at once, and help names every command with examples', async (t) => {
  const version = await bnity(['--version']);
  t.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  await using product = await startProduct();
  const help = await product.cli(['--help']);
  t.equal(help.code, 0);
  for (const word of ['serve', 'init', 'chat', 'create', 'provider', 'conversation']) t.match(help.stdout, word);
  const create = await product.cli(['create', '--help']);
  t.equal(create.code, 0, create.stderr);
  t.match(create.stdout, 'Examples:\n  bnity create Ada');
  t.match(create.stdout, '--template');
});

function words(count: number): string {
  return Array.from({ length: count }, (_, at) => `word${at} `).join('');
}

/** The first piece of a stream of events; the stream is left then. */
async function firstEvent(product: Product, place: string): Promise<string> {
  const response = await product.fetch(place);
  const reader = response.body?.getReader();
  const piece = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(piece?.value);
}
