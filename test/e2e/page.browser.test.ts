import type { Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { letBrowserIn } from '../support/owner.ts';
import { startProduct, until } from '../support/product.ts';

const sizes = [
  { name: 'a desk', width: 1280, height: 800 },
  { name: 'a phone', width: 390, height: 844 },
];

/** Everything the page complained about: errors, refused policies. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}

/** What a person reads in the last answer. Elements keep their text in shadow roots, some of them nested. */
function answerOf(page: Page): Promise<string> {
  return page
    .locator('bn-answer')
    .last()
    .evaluate((answer) => {
      const textOf = (node: Node): string => {
        if (node instanceof Text) return node.data;
        if (node instanceof HTMLStyleElement) return '';
        if (node instanceof HTMLSlotElement) return node.assignedNodes().map(textOf).join('');
        const inside = node instanceof Element && node.shadowRoot ? node.shadowRoot : node;
        return [...inside.childNodes].map(textOf).join('');
      };
      return textOf(answer);
    });
}

for (const { name, width, height } of sizes) {
  void t.test(
    `on ${name}: a message is sent, its answer arrives piece by piece, and a reload shows the same text`,
    async (t) => {
      await using product = await startProduct();
      await using browser = await launchBrowser({ width, height });
      await letBrowserIn(product, browser.context);
      const page = await browser.context.newPage();
      const complaints = complaintsOf(page);
      await page.goto(product.url);
      const composer = page.getByRole('textbox').first();
      await composer.fill('Tell me who you are.');
      await composer.press('Enter');

      const lengths = new Set<number>();
      await until('the whole answer', async () => {
        if ((await page.locator('bn-answer').count()) === 0) return false;
        const text = await answerOf(page);
        lengths.add(text.length);
        return text.includes('first message)') && /tokens/.test(text);
      });
      t.ok(lengths.size >= 3, `the text grew in ${lengths.size} steps`);
      const shown = await answerOf(page);
      t.match(shown, /I am Assistant/);

      await page.reload();
      await until(
        'the answer after the reload',
        async () => (await page.locator('bn-answer').count()) > 0 && (await answerOf(page)) === shown,
      );
      t.equal((await page.getByText('Tell me who you are.').count()) > 0, true, 'and the question');
      const surplus = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      t.equal(surplus, 0, 'nothing sticks out sideways');
      t.same(complaints, []);
    },
  );
}

void t.test(
  'an answer can be stopped from the page and keeps what had come; the next message is answered',
  async (t) => {
    await using product = await startProduct({ files: { 'settings.yaml': 'plugins: { demo: { delayMs: 150 } }\n' } });
    await using browser = await launchBrowser();
    await letBrowserIn(product, browser.context);
    const page = await browser.context.newPage();
    await page.goto(product.url);
    const composer = page.getByRole('textbox').first();
    await composer.fill('Tell me everything about yourself, please.');
    await composer.press('Enter');
    await until(
      'the first words',
      async () => (await page.locator('bn-answer').count()) > 0 && (await answerOf(page)).length > 20,
    );
    await page.getByRole('button', { name: /stop/i }).click();
    await until('the stop is shown', async () => /stopped/i.test(await answerOf(page)));
    const [conversation] = (
      (await product.client.call('conversations.list', {})) as { conversations: { id: string; state: string }[] }
    ).conversations;
    t.equal(conversation?.state, 'idle');
    const { nodes } = (await product.client.call('conversations.show', { conversation: conversation?.id ?? '' })) as {
      nodes: { state: string; text: string }[];
    };
    t.equal(nodes.at(-1)?.state, 'stopped');
    t.ok((nodes.at(-1)?.text.length ?? 0) > 0, 'what had come stays');
    await composer.fill('And now?');
    await composer.press('Enter');
    await until(
      'the next answer',
      async () => (await page.locator('bn-answer').count()) === 2 && (await answerOf(page)).length > 20,
    );
  },
);

void t.test('two tabs show one conversation alike, while it is written and afterwards', async (t) => {
  await using product = await startProduct({ files: { 'settings.yaml': 'plugins: { demo: { delayMs: 40 } }\n' } });
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const first = await browser.context.newPage();
  await first.goto(product.url);
  const composer = first.getByRole('textbox').first();
  await composer.fill('Hello from the first tab');
  await composer.press('Enter');
  await first.waitForURL(/conversations\//);
  const second = await browser.context.newPage();
  await second.goto(first.url());
  await until(
    'both are done',
    async () => /tokens/.test(await answerOf(first)) && /tokens/.test(await answerOf(second)),
    10_000,
  );
  t.equal(await answerOf(second), await answerOf(first));
});

void t.test('what a model writes is text, never markup that runs', async (t) => {
  await using product = await startProduct();
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const page = await browser.context.newPage();
  const complaints = complaintsOf(page);
  await product.files.write(
    'bots/assistant/SOUL.md',
    '---\nname: "<img src=x onerror=alert(1)>"\n---\n\n<script>globalThis.pwned = 1</script> <img src=x onerror="globalThis.pwned = 2"> [link](javascript:alert(1))\n',
  );
  await page.goto(product.url);
  await page.getByRole('textbox').first().fill('<b>bold</b> <img src=x onerror="globalThis.pwned = 3"> link script');
  await page.keyboard.press('Enter');
  await until(
    'the answer',
    async () => (await page.locator('bn-answer').count()) > 0 && /tokens/.test(await answerOf(page)),
  );
  t.equal(await page.evaluate(() => Reflect.get(globalThis, 'pwned')), undefined);
  t.equal(await page.locator('bn-answer a[href^="javascript"]').count(), 0);
  t.equal(await page.locator('bn-answer img').count(), 0);
  t.same(complaints, []);
});
