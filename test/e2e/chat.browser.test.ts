import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { letBrowserIn } from '../support/owner.ts';
import { until } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';
import { vectors } from '../support/xss-corpus.ts';

t.setTimeout(240_000);

const PATIENCE_MS = 15_000;

await using talking = await startTalking();
const { product, mock } = talking;
await using browser = await launchBrowser();
await letBrowserIn(product, browser.context);
const isBuilt = (await (await product.fetch('/')).text()).includes('/ui/build/');
const complaints: string[] = [];

t.beforeEach(() => mock.clear());

async function openTab(conversation: string, hasClock = false): Promise<Page> {
  const page = await browser.context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  if (hasClock) await page.clock.install();
  await page.goto(`${product.url}/conversations/${conversation}`);
  await page.getByRole('textbox', { name: /^Message/ }).waitFor();
  return page;
}

async function ask(page: Page, text: string): Promise<void> {
  const composer = page.getByRole('textbox', { name: /^Message/ });
  await composer.fill(text);
  await composer.press('Enter');
}

const bubble = (page: Page): Locator => page.locator('bn-answer').last();
const is = (page: Page, phase: string): Promise<void> =>
  page.locator(`bn-answer[phase="${phase}"]`).last().waitFor({ timeout: PATIENCE_MS });
const button = (place: Page | Locator, name: string | RegExp): Locator => place.getByRole('button', { name });
const show = (conversation: string) => product.client.call('conversations.show', { conversation });

await t.test('CHAT-01: a bubble waits with dots, streams, and is completed', async (t) => {
  const conversation = await begin(product);
  const page = await openTab(conversation);
  mock.script({ text: 'A word and another word, one after the other.', hangMs: 1_500, delayMs: 400 });
  await ask(page, 'Begin');
  await is(page, 'waiting');
  await bubble(page).getByRole('img', { name: 'Is thinking' }).waitFor();
  await is(page, 'streaming');
  t.equal(await bubble(page).getByRole('img', { name: 'Is thinking' }).count(), 0);
  await is(page, 'completed');
  await bubble(page).getByText('one after the other.').waitFor();
  t.equal(await page.getByRole('log', { name: 'Conversation' }).getAttribute('aria-live'), 'off');
  await page
    .getByRole('status')
    .getByText(/^Assistant: A word and another word, one after the other\.$/)
    .waitFor();
  await page.close();
});

await t.test('a bubble that failed says why and is tried again, also with another model', async (t) => {
  const conversation = await begin(product);
  const page = await openTab(conversation);
  mock.script({ error: { status: 400, message: 'the weather is bad' } });
  await ask(page, 'Begin');
  await is(page, 'errored');
  await bubble(page).locator('bn-notice').getByText('the weather is bad').waitFor();
  await button(bubble(page), 'Another model …').click();
  const choice = bubble(page).getByRole('combobox', { name: 'Model' });
  await choice.waitFor();
  const names = await choice.locator('option').allInnerTexts();
  t.notOk(names.includes('mock/mock-model'), 'the one that failed is not offered');
  const other = names.find((name) => name.startsWith('demo/')) ?? '';
  await choice.selectOption(other);
  await button(bubble(page), 'Try again with it').click();
  await is(page, 'completed');
  t.match((await show(conversation)).nodes.at(-1), { state: 'finished', run: { provider: 'demo', attempt: 2 } });
  mock.script('The bot’s own again.');
  await ask(page, 'And now?');
  await bubble(page).getByText('The bot’s own again.').waitFor();
  t.match((await show(conversation)).nodes.at(-1), { run: { provider: 'mock' } }, 'it was for one answer alone');
  await page.close();
});

await t.test('a bubble that is stopped says so and keeps what had come', async (t) => {
  const conversation = await begin(product);
  const page = await openTab(conversation);
  mock.script({ text: 'Some words and then nothing', hangAfter: 2 }, 'All of it.');
  await ask(page, 'Begin');
  await is(page, 'streaming');
  await button(page, 'Stop the answer').click();
  await is(page, 'canceled');
  await bubble(page).getByText('Some words').waitFor();
  await bubble(page).getByText('Stopped.').waitFor();
  await button(bubble(page), 'Try again').click();
  await is(page, 'completed');
  t.equal((await show(conversation)).nodes.length, 2);
  await page.close();
});

await t.test(
  'a bubble of which nothing is heard for 30 seconds says so: it goes on, is stopped, or tried again',
  async (t) => {
    const conversation = await begin(product);
    const page = await openTab(conversation, true);
    mock.script({ text: 'Some words and then nothing', hangAfter: 2 }, 'The second try.');
    await ask(page, 'Begin');
    await page.clock.runFor(500);
    await is(page, 'streaming');
    await page.clock.fastForward(36_000);
    await is(page, 'stuck');
    await bubble(page).getByText('Nothing has come for half a minute.').waitFor();
    t.equal(await button(bubble(page), 'Stop the answer').count(), 1);
    await button(bubble(page), 'Stop and try again').click();
    await page.clock.runFor(1_000);
    await until('the second try', async () => (await show(conversation)).nodes.at(-1)?.state === 'finished');
    t.match((await show(conversation)).nodes.at(-1), { state: 'finished', run: { attempt: 2 } });
    mock.script({ text: 'slowly it goes on and on and on and on', chunkSize: 12, delayMs: 2_000 });
    await ask(page, 'Again');
    await until('its first words', async () => {
      await page.clock.runFor(100);
      return (await page.locator('bn-answer[phase="streaming"]').count()) > 0;
    });
    await page.clock.fastForward(36_000);
    await is(page, 'stuck');
    await until('it goes on', async () => {
      await page.clock.runFor(100);
      return (await page.locator('bn-answer[phase="streaming"], bn-answer[phase="completed"]').count()) > 1;
    });
    await page.close();
  },
);

await t.test('thoughts are open while there is nothing else, and fold up when the answer begins', async (t) => {
  const conversation = await begin(product);
  const page = await openTab(conversation);
  mock.script({ thinking: 'Let me think about it. '.repeat(6), text: 'Done.', delayMs: 60 });
  await ask(page, 'Think');
  const thoughts = bubble(page).locator('details');
  await until('they are open', () => thoughts.evaluate((details: HTMLDetailsElement) => details.open));
  await is(page, 'completed');
  t.equal(await thoughts.evaluate((details: HTMLDetailsElement) => details.open), false);
  await thoughts.locator('summary').click();
  await thoughts.getByText('Let me think about it.').waitFor();
  await page.close();
});

await t.test('versions go by arrow keys, which keep the focus, and by a finger', async (t) => {
  const conversation = await begin(product);
  mock.script('The first.', 'The second.');
  const { answer } = await say(product, conversation, 'Choose');
  await product.client.call('messages.regenerate', { conversation, message: answer.id });
  await until('two', async () => (await show(conversation)).nodes.at(-1)?.text === 'The second.');
  const page = await openTab(conversation);
  await bubble(page).getByText('The second.').waitFor();
  await button(bubble(page), 'Previous version').focus();
  await page.keyboard.press('ArrowLeft');
  await bubble(page).getByText('The first.').waitFor();
  await page.keyboard.press('ArrowRight');
  await bubble(page).getByText('The second.').waitFor();
  const swipe = (across: number): Promise<void> =>
    bubble(page).evaluate((element, across) => {
      const touch = (x: number): Touch => new Touch({ identifier: 1, target: element, clientX: x, clientY: 200 });
      element.dispatchEvent(new TouchEvent('touchstart', { touches: [touch(300)], bubbles: true }));
      element.dispatchEvent(new TouchEvent('touchend', { changedTouches: [touch(300 + across)], bubbles: true }));
    }, across);
  await swipe(120);
  await bubble(page).getByText('The first.').waitFor();
  await swipe(-30);
  await swipe(-120);
  await bubble(page).getByText('The second.').waitFor();
  t.equal((await show(conversation)).nodes.at(-1)?.text, 'The second.');
  await page.close();
});

await t.test(
  'Markdown that grows does not flicker: marks are closed, blocks before the last stay what they are',
  async (t) => {
    const conversation = await begin(product);
    const page = await openTab(conversation);
    const text =
      'The first block.\n\n- one **bold words** and `some code`\n- two [a link](https://example.com/page)\n\nThen **more bold words** here:\n- last\n\nThe end.';
    mock.script({ text, chunkSize: 2, delayMs: 25 });
    await page.evaluate(() => {
      const seen: string[] = [];
      const first = new Set<Element>();
      Reflect.set(globalThis, 'seen', { seen, first });
      const deep = (root: ParentNode, name: string): ParentNode | undefined => {
        for (const each of root.querySelectorAll('*')) {
          if (each.matches(name)) return each;
          const found = each.shadowRoot ? deep(each.shadowRoot, name) : undefined;
          if (found) return found;
        }
        return undefined;
      };
      const look = (): void => {
        const prose = deep(document, '.prose');
        if (prose instanceof HTMLElement) {
          seen.push(prose.innerText);
          if (prose.firstElementChild && prose.children.length > 1) first.add(prose.firstElementChild);
          if (prose.querySelector('h1, h2')) seen.push('** a heading');
        }
        requestAnimationFrame(look);
      };
      look();
    });
    await ask(page, 'Write');
    await bubble(page).getByText('The end.').waitFor();
    const { seen, blocks } = await page.evaluate(() => {
      const { seen, first } = Reflect.get(globalThis, 'seen') as { seen: string[]; first: Set<Element> };
      return { seen, blocks: first.size };
    });
    t.ok(new Set(seen).size > 10, `${new Set(seen).size} pictures of it`);
    t.strictSame(
      seen.filter((each) => /\*\*\S|`|\]\(/.test(each)),
      [],
    );
    t.equal(blocks, 1, 'the first block was drawn once');
    await page.close();
  },
);

await t.test(
  'Markdown: code with colours and copy, tables that scroll, math and no money, diagrams, pictures of others',
  async (t) => {
    const conversation = await begin(product);
    const text = [
      'Costs $5 and $10, or 3$ to 4$. Math $a^2+b^2$ and \\(x_1\\).',
      '$$\n\\frac{1}{2}\n$$',
      '```python\ndef hello():\n    return 42\n```',
      '```unknown-language\nplain words\n```',
      `|${' a column |'.repeat(30)}\n|${'---|'.repeat(30)}\n|${' word |'.repeat(30)}`,
      '```mermaid\ngraph TD\n  A[Start] --> B[Finish]\n```',
      '```mermaid\nthis is no diagram\n```',
      '$\\frac{$ broken',
      '![a cat](https://example.com/cat.png)',
      'The very end.',
    ].join('\n\n');
    mock.script({ text, chunkSize: 9 });
    const page = await openTab(conversation);
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: product.url });
    await ask(page, 'Show it');
    const prose = bubble(page).locator('.prose');
    await prose.getByText('The very end.').waitFor();
    await button(prose.locator('figure').first(), 'Copy').click();
    await button(prose.locator('figure').first(), 'Copied').waitFor();
    t.equal(await page.evaluate(() => navigator.clipboard.readText()), 'def hello():\n    return 42');
    t.strictSame(await prose.locator('figcaption span').allInnerTexts(), [
      'python',
      'unknown-language',
      'mermaid',
      'mermaid',
    ]);
    t.match(await prose.locator('p').first().innerText(), 'Costs $5 and $10, or 3$ to 4$. Math');
    t.equal(await prose.locator('.scroll:has(table)').evaluate((box) => box.scrollWidth > box.clientWidth), true);
    const picture = prose.getByRole('link', { name: 'Image: a cat (example.com)' });
    t.equal(await picture.getAttribute('rel'), 'noopener noreferrer nofollow');
    if (isBuilt) {
      await prose.locator('.hljs-keyword').getByText('def').waitFor();
      await prose.locator('math mfrac').waitFor();
      t.equal(await prose.locator('math').count(), 3);
      await prose.locator('.diagram svg').getByText('Finish').waitFor();
      t.equal(await prose.locator('.diagram').count(), 1, 'what is no diagram stays as it was written');
      await prose.getByText('this is no diagram').waitFor();
    } else {
      await prose.getByText('graph TD').waitFor();
      await prose.locator('code.formula').first().waitFor();
    }
    await page.close();
  },
);

await t.test('a text of more than 20,000 characters is cut with a notice while it comes', async (t) => {
  const conversation = await begin(product);
  const page = await openTab(conversation);
  mock.script({ text: 'Some words of a long answer. '.repeat(1_000), chunkSize: 400, delayMs: 5 });
  await ask(page, 'Write');
  await bubble(page)
    .getByText(/characters are shown/)
    .waitFor();
  await is(page, 'completed');
  t.ok((await bubble(page).locator('.prose').innerText()).length <= 20_000);
  await page.close();
});

t.strictSame(complaints, [], 'no page complained');

await t.test(
  `what a model writes runs nothing, loads nothing and leads nowhere: ${vectors.length} ways to try`,
  async (t) => {
    const refused: string[] = [];
    for (let from = 0; from < vectors.length; from += 32) {
      const some = vectors.slice(from, from + 32);
      const conversation = await begin(product);
      const page = await browser.context.newPage();
      const elsewhere: string[] = [];
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        if (origin !== product.url && protocol !== 'data:') elsewhere.push(request.url());
      });
      page.on(
        'console',
        (message) => void (/Content Security|Refused/.test(message.text()) && refused.push(message.text())),
      );
      page.on('dialog', (dialog) => void (elsewhere.push(dialog.message()), dialog.dismiss()));
      await page.goto(`${product.url}/conversations/${conversation}`);
      await page.getByRole('textbox', { name: /^Message/ }).waitFor();
      for (const [at, text] of some.entries()) {
        mock.script({ text, chunkSize: 5, thinking: text });
        await say(product, conversation, `Number ${from + at}: ${text}`);
      }
      await page
        .getByText(`Number ${from + some.length - 1}:`)
        .first()
        .waitFor();
      await page.waitForTimeout(2_000);
      const found = await page.evaluate(inspect);
      t.ok(found.answers >= some.length, `${found.answers} answers were looked at`);
      t.strictSame(found.bad, [], `${from} to ${from + some.length - 1}`);
      for (const link of await page.locator('bn-answer .prose a:not([href])').all()) await link.dispatchEvent('click');
      t.equal(await page.evaluate(() => Reflect.get(globalThis, 'pwned')), undefined, 'nothing ran');
      t.strictSame(elsewhere, [], 'nothing was asked of anybody else');
      t.equal(new URL(page.url()).pathname, `/conversations/${conversation}`);
      await page.close();
    }
    t.strictSame(refused, [], 'the policy of the page had nothing to refuse: nothing came so far');
  },
);

/** In the page: what of the drawn answers should not be there. */
function inspect(): { answers: number; bad: string[] } {
  const bad: string[] = [];
  let answers = 0;
  const html =
    'a blockquote br code del div em figure figcaption span button h1 h2 h3 h4 h5 h6 hr img li ol p pre strong sub sup table tbody td th thead tr ul details summary';
  const mathMl =
    'math mrow mi mn mo mtext mspace ms msub msup msubsup munder mover munderover mfrac msqrt mroot mstyle mpadded mphantom mtable mtr mtd menclose semantics merror';
  const graphics =
    'svg g path rect circle ellipse line polygon polyline text tspan marker defs desc title filter clippath lineargradient stop fedropshadow feflood fecomposite feoffset femerge femergenode fegaussianblur symbol';
  const tags = new Set(`${html} ${mathMl} ${graphics}`.split(' '));
  const check = (element: Element): void => {
    const { localName } = element;
    if (!tags.has(localName.toLowerCase())) bad.push(`<${localName}>`);
    for (const { name, value } of element.attributes) {
      const isAddress = /href|src|action|data$|poster|background/.test(name);
      if (/^on/i.test(name)) bad.push(`${localName} ${name}`);
      if (isAddress && !/^(?:https?:|mailto:)/i.test(value)) bad.push(`${localName} ${name}=${value}`);
      if (localName === 'img' && !value.startsWith(location.origin) && name === 'src') bad.push(`img ${value}`);
      if (/url\((?!\s*["']?#)/i.test(value) && !/^(?:href|title|alt)$/.test(name))
        bad.push(`${localName} ${name}=${value}`);
      if (name === 'style' && element.namespaceURI !== 'http://www.w3.org/2000/svg')
        bad.push(`${localName} style=${value}`);
      if ((name === 'id' || name === 'name') && element.namespaceURI !== 'http://www.w3.org/2000/svg')
        bad.push(`${localName} ${name}=${value}`);
    }
  };
  const walk = (root: ParentNode, isInside: boolean): void => {
    for (const element of root.querySelectorAll('*')) {
      if (element.localName === 'bn-answer') answers += 1;
      if (isInside || element.closest('.prose')) check(element);
      for (const sheet of element.shadowRoot?.adoptedStyleSheets ?? [])
        if (element.matches('.diagram'))
          for (const rule of sheet.cssRules) if (/url\((?!\s*["']?#)/.test(rule.cssText)) bad.push(rule.cssText);
      if (element.shadowRoot) walk(element.shadowRoot, element.matches('.diagram'));
    }
  };
  walk(document, false);
  return { answers, bad };
}
