import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { createEventParser, readEvents } from '../../../core/ui/live/event-source.ts';
import {
  hasGap,
  openView,
  reconcile,
  resumeAt,
  type LiveEvent,
  type NodeLike,
  type PageLike,
  type View,
} from '../../../core/ui/live/reconcile.ts';
import { randomFrom } from '../../support/random.ts';
import type { ConversationEvent, ConversationPage } from '../../../plugins/conversations/views.ts';

/** The wire's own types fit what the reconciler reads; the compiler says so. */
export const eventsFit = (event: ConversationEvent): LiveEvent => event;
export const pagesFit = (page: ConversationPage): PageLike => page;

const words = 'One fleet, many bots 🦉🤖, ein Größenvergleich, 漢字, and a long line without any end ';
const wholeStream = [
  '\uFEFF: hello\r\n\r\n',
  'id: 7:1\r\nevent: delta\r\ndata: {"text":"größer 🦉"}\r\n\r\n',
  'data: first\ndata:second\ndata\n\n',
  'event: empty\n\n',
  'id: 7:2\rdata: with old line ends\r\r',
  'id: bad\0id\nretry: 10\ndata: keeps the id\n\n',
  'data: never finished',
].join('');

await t.test('server-sent events are the same however the bytes are cut', async (t) => {
  const expected = [
    { id: '7:1', type: 'delta', data: '{"text":"größer 🦉"}' },
    { id: '7:1', type: 'message', data: 'first\nsecond\n' },
    { id: '7:2', type: 'message', data: 'with old line ends' },
    { id: '7:2', type: 'message', data: 'keeps the id' },
  ];
  const bytes = new TextEncoder().encode(wholeStream);
  for (let size = 1; size <= bytes.length; size += 1) {
    const parse = createEventParser();
    const found = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...parse(bytes.subarray(at, at + size)));
    if (!isDeepStrictEqual(found, expected)) return t.strictSame(found, expected, `pieces of ${size} bytes`);
  }
  return t.pass(`in pieces of 1 to ${bytes.length} bytes`);
});

await t.test('a stream that falls silent ends, also when it was never closed', async (t) => {
  let isCanceled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('data: last words\n\n: beat\n')),
    cancel: () => void (isCanceled = true),
  });
  const heard: string[] = [];
  for await (const { data } of readEvents(body, 50)) heard.push(data);
  t.strictSame(heard, ['last words']);
  t.ok(isCanceled, 'the connection is given back');
});

await t.test('an event that comes twice changes nothing and gives the same view', async (t) => {
  const { events, truth } = story(randomFrom(1));
  let view = openView(emptyPage());
  for (const event of events) {
    view = reconcile(view, event);
    const again = reconcile(view, event);
    t.equal(again, view);
  }
  t.strictSame(texts(view), truth);
  t.equal(hasGap(view), false);
  t.equal(view.page.state, 'idle');
});

await t.test('in any order, doubled and with losses, the page is always one that the server had', async (t) => {
  let whole = 0;
  let gaps = 0;
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const random = randomFrom(seed);
    const { events } = story(random);
    const pages = [emptyPage()];
    for (const [at, event] of events.entries()) {
      const page = { ...(pages[at] ?? emptyPage()), cursor: `epoch:${at}` };
      pages.push(reconcile(openView(page), event).page);
    }
    let view = openView(emptyPage());
    for (const event of disturb(events, random)) {
      view = reconcile(view, event);
      const { cursor: _, ...page } = view.page;
      const { cursor: __, ...told } = pages[view.applied] ?? emptyPage();
      if (!isDeepStrictEqual(page, told)) return t.strictSame(page, told, `seed ${seed} after ${view.applied}`);
    }
    if (view.isStale) return t.fail(`seed ${seed} would read the page again`);
    if (hasGap(view) || view.applied < events.length) gaps += 1;
    else whole += 1;
  }
  t.ok(whole > 100, `${whole} whole by events alone`);
  return t.ok(gaps > 100, `${gaps} wait for what was lost`);
});

await t.test('who comes back goes on before what is missing', async (t) => {
  const { events, truth } = story(randomFrom(3));
  const lossy = events.filter((_, at) => at % 7 !== 3);
  const broken = lossy.reduce<View>(reconcile, openView(emptyPage()));
  t.equal(resumeAt(broken), 'epoch:3');
  const view = events.slice(3).reduce<View>(reconcile, broken);
  t.strictSame(texts(view), truth);
  t.equal(resumeAt(view), `epoch:${events.length}`);
  t.equal(hasGap(view), false);
});

await t.test('what a page already contains is not applied a second time', async (t) => {
  const { events, truth } = story(randomFrom(5));
  const half = Math.floor(events.length / 2);
  const read = events.slice(0, half).reduce<View>(reconcile, openView(emptyPage()));
  const page = { ...read.page, cursor: `epoch:${half}` };
  const view = events.reduce<View>(reconcile, openView(page));
  t.strictSame(texts(view), truth);
  t.equal(view.isStale, false);
});

await t.test('signs that only the page can tell: a reset, two truths, a length that differs at the end', async (t) => {
  const start = openView(pageWith('Hello'));
  const delta = { type: 'delta', seq: 1, node: 'a', lane: 'main', channel: 'text' } as const;
  t.equal(reconcile(start, { type: 'reset', seq: 0 }).isStale, true);
  t.equal(reconcile(start, { ...delta, offset: 3, text: 'p me' }).isStale, true, 'the overlap differs');
  const ended = { id: 'a', turn: 't', lane: 'main', kind: 'agent', state: 'finished' };
  const node = { type: 'node', seq: 1, node: ended, length: { text: 9, thinking: 0 } } as const;
  t.equal(reconcile(start, node).isStale, true, 'shorter than the server has it');
  const exact = reconcile(start, { ...node, length: { text: 5, thinking: 0 } });
  t.equal(exact.isStale, false);
  t.equal(exact.page.active, null);
  const early = reconcile(start, { ...delta, seq: 2, offset: 8, text: 'later' });
  t.equal(hasGap(early), true);
  t.equal(texts(early)[0], 'Hello', 'what is early is not shown');
  const filled = reconcile(early, { ...delta, offset: 5, text: ', I' });
  t.equal(texts(filled)[0], 'Hello, Ilater');
  t.equal(reconcile(start, { type: 'page', seq: 1 }).isStale, true, 'the server shows other messages');
});

await t.test('what happens in another branch changes nothing here, and leaves no gap', async (t) => {
  const start = openView(pageWith('Hello'));
  const told = { type: 'node', seq: 1, length: { text: 0, thinking: 0 } } as const;
  const other = reconcile(start, { ...told, node: { ...node('b', 'agent', 'running'), lane: 'aside' } });
  const more = reconcile(other, {
    type: 'delta',
    seq: 2,
    node: 'b',
    lane: 'aside',
    channel: 'text',
    offset: 0,
    text: 'Psst',
  });
  t.strictSame(texts(more), ['Hello']);
  t.equal(hasGap(more) || more.isStale, false);
});

/** A conversation of a few turns as the server would tell it, and the texts that must come out. */
function story(random: () => number): { events: LiveEvent[]; truth: string[] } {
  const events: LiveEvent[] = [];
  const truth: string[] = [];
  const tell = (event: Record<string, unknown>): void =>
    void events.push({ ...event, seq: events.length + 1 } as never);
  const turns = 1 + Math.floor(random() * 3);
  for (let turn = 0; turn < turns; turn += 1) {
    const question = `Question ${turn}`;
    const answer = `${turn}: ${words.repeat(1 + Math.floor(random() * 3))}`.slice(0, -Math.floor(random() * 40) - 1);
    const length = (text: number): object => ({ length: { text, thinking: 0 } });
    tell({ type: 'node', node: node(`u${turn}`, 'user', 'finished'), text: question, ...length(question.length) });
    tell({ type: 'node', node: node(`a${turn}`, 'agent', 'pending'), ...length(0) });
    tell({ type: 'node', node: node(`a${turn}`, 'agent', 'running'), ...length(0) });
    for (let offset = 0; offset < answer.length;) {
      const text = answer.slice(offset, offset + 1 + Math.floor(random() * 12));
      tell({ type: 'delta', node: `a${turn}`, lane: 'main', channel: 'text', offset, text });
      offset += text.length;
    }
    tell({ type: 'node', node: node(`a${turn}`, 'agent', 'finished'), ...length(answer.length) });
    truth.push(question, answer);
  }
  return { events, truth };
}

/** Doubles, swaps and drops events: each story is hurt in its own way, some not at all. */
function disturb(events: readonly LiveEvent[], random: () => number): LiveEvent[] {
  const drops = random() < 0.5 ? 0 : 0.05;
  const doubles = random() * 0.5;
  const reach = Math.floor(random() * 4);
  return events
    .filter(() => random() >= drops)
    .flatMap((event) => (random() < doubles ? [event, event] : [event]))
    .map((event, index) => ({ event, place: index + random() * reach }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ event }) => event);
}

function texts(view: View): string[] {
  return view.page.nodes.map((held) => held.text);
}

function node(id: string, kind: string, state: string): Omit<NodeLike, 'text' | 'thinking'> {
  return { id, turn: 't', lane: 'main', kind, state };
}

function emptyPage(): PageLike {
  return { id: 'c', state: 'idle', lane: 'main', nodes: [], hasMore: false, active: null, cursor: 'epoch:0' };
}

function pageWith(text: string): PageLike {
  return { ...emptyPage(), nodes: [{ ...node('a', 'agent', 'running'), text, thinking: '' }], active: 'a' };
}
