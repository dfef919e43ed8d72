import type { Page } from 'playwright-core';
import t from 'tap';
import { rough, startBadProxy } from '../support/bad-proxy.ts';
import { launchBrowser } from '../support/browser.ts';
import { often } from '../support/often.ts';
import { letBrowserIn } from '../support/owner.ts';
import { until } from '../support/product.ts';
import { begin, startTalking } from '../support/talk.ts';

t.setTimeout(400_000);

const RUNS = often(20, 6);
const PATIENCE_MS = 40_000;

await using talking = await startTalking();
const { product, mock } = talking;
await using browser = await launchBrowser();
await letBrowserIn(product, browser.context);

/** Words of which each can be told from every other, and that Markdown leaves as they are. */
const story = (run: number, words: number): string =>
  Array.from({ length: words }, (_, at) => `w${run}x${at} 🦉`).join(' ');

/** Every answer of a page as a person reads it. */
const shown = (page: Page): Promise<string[]> =>
  page
    .locator('bn-answer bn-markdown')
    .evaluateAll((all) =>
      all.map((each) => (each.shadowRoot ?? each).textContent?.replaceAll(/\s+/g, ' ').trim() ?? ''),
    );

async function stored(conversation: string): Promise<{ readonly state: string; readonly texts: string[] }> {
  const { state, nodes } = await product.client.call('conversations.show', { conversation });
  return { state, texts: nodes.filter(({ kind }) => kind === 'agent').map(({ text }) => text) };
}

await t.test(
  `the page shows what is stored, ${RUNS} times in a row, in two tabs, through a proxy that cuts, delays, doubles, swaps and stalls`,
  async (t) => {
    await using proxy = await startBadProxy(product, 11);
    proxy.mischief = rough;
    const open = async (conversation: string): Promise<Page> => {
      const page = await browser.context.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(`${proxy.url}/conversations/${conversation}`);
      await page.getByRole('textbox', { name: /^Message/ }).waitFor();
      return page;
    };
    for (let run = 1; run <= RUNS; run += 1) {
      // Every third time there are only server-sent events.
      proxy.takesSockets = run % 3 !== 0;
      const conversation = await begin(product);
      mock.script({ text: story(run, 60), delayMs: 8 }, { text: story(run + 100, 25), delayMs: 8 });
      const tabs = [await open(conversation), await open(conversation)];
      const [page] = tabs as [Page];
      const composer = page.getByRole('textbox', { name: /^Message/ });
      for (const text of ['Tell me', 'And more']) {
        await composer.fill(text);
        await composer.press('Enter');
      }
      // One tab is loaded again in the middle of the answer.
      await until('the middle', async () => (await stored(conversation)).texts.join('').length > 300, PATIENCE_MS);
      if (run % 2 === 0) await tabs[1]?.reload();
      const truth = [story(run, 60), story(run + 100, 25)];
      for (const [at, tab] of tabs.entries()) {
        const texts = await until(
          'the texts',
          async () => {
            const now = await shown(tab);
            return now.join('|') === truth.join('|') && now;
          },
          PATIENCE_MS,
        ).catch(() => shown(tab));
        t.strictSame(texts, truth, `run ${run}, tab ${at + 1}`);
      }
      t.match(await stored(conversation), { state: 'idle', texts: truth }, `run ${run}: as it is stored`);
      for (const tab of tabs) {
        t.equal(await tab.locator('bn-message').count(), 2, 'each message once');
        await tab.close();
      }
    }
    const { cut, double, swap, stall, sockets, streams } = proxy.did;
    t.ok(Math.min(cut, double, swap, stall, sockets, streams) > 0, JSON.stringify(proxy.did));
  },
);

await t.test('CHAT-02: eight conversations of several bots stream at once in eight tabs', async (t) => {
  await product.client.call('bots.create', { name: 'Ada' });
  const tabs = await Promise.all(
    Array.from({ length: 8 }, async (_, at) => {
      const conversation = await begin(product, at % 2 === 0 ? 'assistant' : 'ada');
      const page = await browser.context.newPage();
      await page.goto(`${product.url}/conversations/${conversation}`);
      await page.getByRole('textbox', { name: /^Message/ }).waitFor();
      return { page, conversation };
    }),
  );
  mock.script(...tabs.map((_, at) => ({ text: story(at, 40), delayMs: 20 })));
  for (const { conversation } of tabs)
    await product.client.call('messages.send', { conversation, text: 'All at once' });
  for (const { page, conversation } of tabs) {
    await until('the end', async () => (await stored(conversation)).state === 'idle', PATIENCE_MS);
    const { texts } = await stored(conversation);
    const seen = await until(
      'the text',
      async () => (await shown(page)).join() === texts.join() && texts,
      PATIENCE_MS,
    ).catch(() => shown(page));
    t.strictSame(seen, texts);
  }
});
