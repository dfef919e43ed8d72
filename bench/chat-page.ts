import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { BuildManifest } from '../core/server/pages/build.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { letBrowserIn } from '../test/support/owner.ts';
import { until } from '../test/support/product.ts';
import { begin, startTalking, say, type Talking } from '../test/support/talk.ts';
import { builtUi, buildUi, sizeOf } from '../tools/build-ui.ts';
import { writeConversation } from './conversations.ts';
import { median, quantile } from '../plugins/bench/numbers.ts';
import { runBenchmarks, type Benchmark, type Figure } from './figures.ts';
import { heapBytes, trace } from './page-trace.ts';

interface Settings {
  readonly tokens: number;
  readonly messages: number;
  readonly nodes: number;
  readonly switches: number;
  readonly bytes: number;
}

const usual: Settings = { tokens: 2_000, messages: 1_000, nodes: 10_000, switches: 20, bytes: 1_000_000 };
const quick: Settings = { tokens: 60, messages: 3, nodes: 60, switches: 2, bytes: 30_000 };
const PATIENCE_MS = 180_000;
const WARM = 30;
const MB = 1_048_576;

/** What a conversation in the browser costs: streaming, very many messages, a very long answer, going from one to another. */
export const chatPage: Benchmark = {
  name: 'chat-page',
  about: 'a conversation in Chromium: 200 tokens a second, many messages, a long answer',
  async run(isQuick) {
    const settings = isQuick ? quick : usual;
    const manifest = isQuick ? await builtUi() : await buildUi();
    await using talking = await startTalking({
      files: { 'settings.yaml': 'plugins:\n  conversations: { messagesPerMinute: 0, stopsPerMinute: 0 }\n' },
    });
    const { product } = talking;
    const bot = JSON.parse(await readFile(path.join(product.home, '.boternity/bots.json'), 'utf8')) as object;
    const [botId = ''] = Object.values(bot).map(String);
    await product.stop();
    const long = await writeConversation(product.home, botId, settings.nodes / 2);
    const pair = [await writeConversation(product.home, botId, 60), await writeConversation(product.home, botId, 61)];
    await product.start();
    await using browser = await launchBrowser();
    await letBrowserIn(product, browser.context);
    const page = await browser.context.newPage();
    const open = async (id: string): Promise<void> => {
      await page.goto(`${product.url}/conversations/${id}`);
      await page.getByRole('textbox', { name: /^Message/ }).waitFor({ timeout: PATIENCE_MS });
    };
    await open(await begin(product));
    const figures = [
      ...(await sizeOfChat(page, manifest)),
      ...(await stream(talking, page, open, settings)),
      ...(await longAnswer(talking, page, open, settings)),
      ...(await manyMessages(page, long, settings, open)),
      ...(await switching(page, pair, settings, open)),
      ...(await memory(talking, page, open, settings)),
    ];
    return { figures, notes: { ...settings } };
  },
};

async function sizeOfChat(page: Page, { shell, preload }: BuildManifest): Promise<Figure[]> {
  const loaded = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((place) => place.startsWith('/ui/build/') && place.endsWith('.js')),
  );
  const own = new Set([shell, ...preload]);
  const more = loaded.filter((place) => !own.has(place));
  const kilobytes = (await sizeOf(more)) / 1_000;
  return [{ name: 'script of the chat beyond the shell, kB gz', value: kilobytes, unit: '', goal: { most: 60 } }];
}

/** Paragraphs, lists, tables, code and formulas, as models write them. */
function prose(tokens: number): string {
  const piece = [
    '## A heading of a part',
    'Some words of **weight** and `code`, a [link](https://example.com) and more words that make up a paragraph. '.repeat(
      3,
    ),
    '- one item of a list with words\n- another one that is **longer** than the first\n- and a third',
    '| name | value |\n|---|---:|\n| first | 1 |\n| second | 22 |',
    '```python\ndef hello(name):\n    for each in range(10):\n        print(f"Hello {name}", each)\n```',
    'A formula $a^2 + b^2 = c^2$ and the end of this part.',
  ].join('\n\n');
  const length = tokens * 5;
  return `${piece}\n\n`.repeat(Math.ceil(length / piece.length)).slice(0, length);
}

async function stream(
  { product, mock }: Talking,
  page: Page,
  open: (id: string) => Promise<void>,
  { tokens }: Settings,
): Promise<Figure[]> {
  const id = await begin(product);
  await open(id);
  // Five characters are about a token.
  mock.script('Ready.', { text: prose(tokens), chunkSize: 5, delayMs: 4 });
  await say(product, id, 'Warm up');
  await sleep(1_000);
  const began = performance.now();
  let took = 0;
  const traced = await trace(page, async () => {
    await say(product, id, 'Write', PATIENCE_MS);
    took = performance.now() - began;
    await sleep(300);
  });
  const { longestMs, longestOwnMs, long, scriptMs, framesPerSecond } = traced;
  return [
    { name: 'streaming: tokens a second', value: tokens / (took / 1_000), unit: '/s' },
    { name: 'streaming: longest task of the main thread', value: longestOwnMs, unit: 'ms', goal: { most: 50 } },
    { name: '… by the clock', value: longestMs, unit: 'ms' },
    { name: 'streaming: tasks over 50 ms', value: long, unit: '', goal: { most: 0 } },
    { name: 'streaming: script a frame, p95', value: quantile(scriptMs, 0.95), unit: 'ms', goal: { most: 8 } },
    { name: 'streaming: script a frame, p50', value: median(scriptMs), unit: 'ms' },
    { name: 'streaming: frames a second', value: framesPerSecond, unit: '/s' },
  ];
}

async function longAnswer(
  { product, mock }: Talking,
  page: Page,
  open: (id: string) => Promise<void>,
  { bytes }: Settings,
): Promise<Figure[]> {
  const id = await begin(product);
  await open(id);
  mock.script({ text: prose(bytes / 5), chunkSize: 5_000, delayMs: 5 });
  const { longestOwnMs } = await trace(page, async () => {
    await say(product, id, 'Write a book', PATIENCE_MS);
    await sleep(500);
  });
  return [{ name: `an answer of ${bytes / 1_000} kB: longest task while it comes`, value: longestOwnMs, unit: 'ms' }];
}

async function manyMessages(
  page: Page,
  id: string,
  { nodes }: Settings,
  open: (id: string) => Promise<void>,
): Promise<Figure[]> {
  await open(id);
  const box = page.getByRole('log', { name: 'Conversation' });
  const last = page.locator('bn-message').last();
  const began = performance.now();
  await open(id);
  await last.waitFor();
  const opened = performance.now() - began;
  await until(
    'the first message',
    async () => {
      await box.evaluate((element) => element.scrollTo(0, 0));
      return (await page.getByRole('button', { name: 'Show earlier messages' }).count()) === 0;
    },
    PATIENCE_MS,
  );
  const { longestOwnMs, framesPerSecond, scriptMs } = await trace(page, () =>
    box.evaluate(
      (element) =>
        new Promise<void>((resolve) => {
          let left = 240;
          const step = (): void => {
            element.scrollTop += 120;
            left -= 1;
            if (left > 0) requestAnimationFrame(step);
            else resolve();
          };
          step();
        }),
    ),
  );
  const shown = await page.locator('bn-message').count();
  return [
    { name: `${nodes} messages: opened`, value: opened, unit: 'ms' },
    { name: `${nodes} messages, all there: messages of people on the page`, value: shown, unit: '' },
    { name: '… scrolled: frames a second', value: framesPerSecond, unit: '/s' },
    { name: '… scrolled: script a frame, p95', value: quantile(scriptMs, 0.95), unit: 'ms' },
    { name: '… scrolled: longest task', value: longestOwnMs, unit: 'ms', goal: { most: 50 } },
  ];
}

async function switching(
  page: Page,
  [first = '', second = '']: readonly string[],
  { switches }: Settings,
  open: (id: string) => Promise<void>,
): Promise<Figure[]> {
  await open(first);
  await page.locator('bn-message').last().waitFor();
  await sleep(1_500);
  const times: number[] = [];
  for (let count = 0; count < switches; count += 1) {
    const [to, last] = count % 2 === 0 ? [second, 60] : [first, 59];
    times.push(await page.evaluate(goTo, { to, text: `Message ${last} of many` }));
    await sleep(1_200);
  }
  return [
    {
      name: 'to another conversation and its last message painted, p50',
      value: median(times),
      unit: 'ms',
      goal: { most: 50 },
    },
    { name: '…, p95', value: quantile(times, 0.95), unit: 'ms' },
  ];
}

/** In the page: presses the line of a conversation; gives the milliseconds until its last message is there and painted. */
function goTo({ to, text }: { to: string; text: string }): Promise<number> {
  const find = (root: ParentNode, fits: (element: Element) => boolean): Element | undefined => {
    for (const each of root.querySelectorAll('*')) {
      if (fits(each)) return each;
      const found = each.shadowRoot ? find(each.shadowRoot, fits) : undefined;
      if (found) return found;
    }
    return undefined;
  };
  const link = find(document, (each) => each.localName === 'a' && each.getAttribute('href') === `/conversations/${to}`);
  const transcript = (): Element | undefined => find(document, (each) => each.localName === 'bn-transcript');
  const isThere = (): boolean => {
    const list = transcript()?.shadowRoot?.querySelectorAll('bn-message');
    return list?.item(list.length - 1)?.shadowRoot?.textContent.includes(text) ?? false;
  };
  const began = performance.now();
  (link as HTMLElement | undefined)?.click();
  return new Promise((resolve) => {
    const look = (): void => {
      if (isThere()) requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
      else setTimeout(look, 1);
    };
    look();
  });
}

async function memory(
  { product, mock }: Talking,
  page: Page,
  open: (id: string) => Promise<void>,
  { messages }: Settings,
): Promise<Figure[]> {
  const id = await begin(product);
  await open(id);
  const session = await page.context().newCDPSession(page);
  const send = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      mock.script({ text: 'A short answer of **some** words with `code`. '.repeat(4), chunkSize: 20 });
      await say(product, id, `Message ${at}`);
    }
    await sleep(1_000);
  };
  await send(Math.min(WARM, messages));
  const before = await heapBytes(session);
  await send(messages);
  const after = await heapBytes(session);
  return [
    {
      name: `heap of the page, more after ${messages} streamed answers`,
      value: (after - before) / MB,
      unit: 'MB',
      goal: { most: 10 },
    },
    { name: '… before them', value: before / MB, unit: 'MB' },
  ];
}

if (import.meta.main) await runBenchmarks([chatPage]);
