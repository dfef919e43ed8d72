import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { startOllama } from '../support/local-servers.ts';
import { startMockModel } from '../support/mock-model.ts';
import { letBrowserIn } from '../support/owner.ts';
import { startProduct, until, type Product } from '../support/product.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(300_000);

await using big = await startMockModel();
await using small = await startMockModel();

t.beforeEach(() => {
  big.clear();
  small.clear();
});

const providers = `providers:
  one:
    address: ${big.url}
    models: [big]
    facts: { big: { window: 200000, price: { input: 1, output: 2 } } }
  two:
    address: ${small.url}
    models: [small]
    facts: { small: { window: 8000, price: { input: 5, output: 20, cacheRead: 0.5 } } }
`;
const files = {
  'providers.yaml': providers,
  'settings.yaml': 'model: big\nfallback: [small]\nplugins: { demo: false }\n',
};
const bot = 'conversation: { title: words }\ntools: { allow: [time_now] }\n';

/** Pictures for whoever wants to look: `BOTERNITY_PICTURES=folder`. */
const pictures = process.env['BOTERNITY_PICTURES'];

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, { recursive: true });
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 1700 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: path.join(pictures, `${name}-${width}-${colorScheme}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
}

function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}

async function fitsSideways(t: Test, page: Page, label: string): Promise<void> {
  for (const width of [1280, 390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    // What is drawn anew for the other width comes with the next frames.
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(undefined)))),
    );
    const surplus = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    const inside = await page
      .getByRole('group', { name: label })
      .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    t.strictSame([surplus, inside], [0, 0], `${label}: ${width} pixels`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** What stands in a part of the page, whatever shadow roots hold it, with one space between its pieces. */
function read(page: Page, part: string): Promise<string> {
  return page
    .locator(part)
    .last()
    .evaluate((element) => {
      const textOf = (node: Node): string => {
        if (node instanceof Text) return node.data;
        if (node instanceof HTMLStyleElement || (node instanceof Element && node.hasAttribute('hidden'))) return '';
        if (node instanceof HTMLSlotElement) return node.assignedNodes().map(textOf).join(' ');
        const inside = node instanceof Element && node.shadowRoot ? node.shadowRoot : node;
        return [...inside.childNodes].map(textOf).join(' ');
      };
      return textOf(element).replaceAll(/\s+/g, ' ').trim();
    });
}

await t.test('what an answer took: in its bubble, and by a click everything that led to it', async (t) => {
  await using product = await startProduct({ files });
  await product.client.call('files.write', { bot: 'assistant', path: 'bot.yaml', text: bot });
  big.script({ error: { status: 500 } }, { error: { status: 500 } });
  small.script(
    { calls: [{ name: 'time_now', arguments: {} }], usage: { input: 900, output: 20, cached: 400 } },
    { text: 'High noon.', usage: { input: 950, output: 30 } },
  );
  const conversation = await begin(product);
  const { answer } = await say(product, conversation, 'What time is it?');
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const page = await browser.context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(`${product.url}/conversations/${conversation}`);

  await t.test('notices of another provider, a smaller window and a higher price stand in the bubble', async (t) => {
    await page.locator('bn-answer').getByText('High noon.').waitFor();
    const bubble = await read(page, 'bn-answer');
    t.match(bubble, 'Switched to small of two, instead of big of one: one has an error of its own');
    t.match(bubble, 'small takes 8000 tokens instead of 200000');
    t.match(bubble, 'small of two costs 7.0 times as much');
    t.match(bubble, /small via two · 950 in, 30 out tokens · \$0\.0054 · \d+ ?m?s/);
    await picture(page, 'bubble');
  });

  await t.test(
    'OBSV-01: from its foot the run view opens, by keys too; it says why, how much and how long',
    async (t) => {
      const link = page.locator('bn-answer').getByRole('link', { name: /small via two/ });
      await link.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'An answer by small' }).waitFor();
      t.equal(new URL(page.url()).pathname, `/conversations/${conversation}/runs/${answer.id}`);
      await page.getByRole('heading', { name: 'Trace of its turn' }).waitFor();
      await page.getByText('invoke_agent assistant').waitFor();
      const text = await read(page, 'bn-run-page');
      t.match(text, /via two · Finished/);
      t.match(text, /Cost \$0\.0054/);
      t.match(text, /Tokens 980/);
      t.match(text, /First word after \d/);
      t.match(text, /big via one failed ?\. .*500/, 'the attempt, and why it came to nothing');
      t.match(text, /small via two answered/);
      t.match(text, /Tokens in 950 /);
      t.match(text, /read from a cache unknown/, 'what the service did not tell is unknown, not zero');
      t.match(text, /time_now done ?, \d/);
      t.match(text, /With the messages about [\d,]+ of [\d,]+ tokens/);
      t.match(text, /prefix[^]*?[0-9a-f]{8} [\d,]+ tokens, \d+%/);
      t.match(text, /chat big[^]*?failed/);
      t.match(text, 'execute_tool time_now');
      await picture(page, 'run');
      await fitsSideways(t, page, 'How an answer came about');
    },
  );

  await t.test('a part of the trace opens by keys; another answer of the turn is a link away', async (t) => {
    const part = page.locator('bn-run-trace summary').filter({ hasText: 'chat small' }).first();
    await part.focus();
    await page.keyboard.press('Enter');
    await page.getByText('gen_ai.usage.input_tokens').first().waitFor();
    t.match(await read(page, 'bn-run-trace'), /gen_ai\.usage\.cache_read\.input_tokens 400/);
    await picture(page, 'run-open');
    await fitsSideways(t, page, 'How an answer came about');
    await page.getByRole('link', { name: 'Answer by small' }).click();
    await page.getByText('900', { exact: true }).first().waitFor();
    t.match(await read(page, 'bn-run-page'), /read from a cache 400/);
    await page.getByRole('link', { name: 'The conversation' }).click();
    await page.locator('bn-answer').getByText('High noon.').waitFor();
    t.equal(new URL(page.url()).pathname, `/conversations/${conversation}`);
  });

  await t.test('a deep link shows the same; what is gone says so', async (t) => {
    await page.goto(`${product.url}/conversations/${conversation}/runs/${answer.id}`);
    await page.getByText('invoke_agent assistant').waitFor();
    t.match(await read(page, 'bn-run-page'), /big via one failed/);
    t.strictSame(complaints, [], 'nothing to complain of so far');
    await page.goto(`${product.url}/conversations/${conversation}/runs/nothing`);
    await page.getByText('This conversation has no run "nothing".').waitFor();
    complaints.splice(0);
  });

  await t.test('without a right to traces, or without the traces, the rest is shown', async (t) => {
    const { token } = await product.client.call('tokens.create', {
      name: 'reader',
      scopes: ['server:read', 'bots:read', 'bots:use'],
    });
    await using other = await launchBrowser({ width: 390, height: 844 });
    await other.context.setExtraHTTPHeaders({ authorization: `Bearer ${token}` });
    const reader = await other.context.newPage();
    await reader.goto(`${product.url}/conversations/${conversation}/runs/${answer.id}`);
    await reader.getByText('You may not read traces.').waitFor();
    t.match(await read(reader, 'bn-run-page'), /Cost \$0\.0054/);
    t.equal(await reader.getByRole('alert').count(), 0);
    await reader.getByRole('button', { name: 'Open navigation' }).click();
    await reader.getByRole('link', { name: 'All bots' }).waitFor();
    t.equal(await reader.getByRole('link', { name: 'Usage' }).count(), 0, 'nor is the page of usage offered');

    await product.files.write('settings.yaml', files['settings.yaml'].replace('}', ', traces: false }'));
    await until(
      'the traces are off',
      async () => !(await product.client.call('actions.list', {})).actions.some(({ name }) => name === 'traces.show'),
    );
    await page.goto(`${product.url}/conversations/${conversation}/runs/${answer.id}`);
    await page.getByText('No trace is kept: the plugin "traces" does not run.').waitFor();
    t.match(await read(page, 'bn-run-page'), /big via one failed/);
    t.strictSame(complaints, []);
  });
});

await t.test('a run view that is open follows its turn to the end', async (t) => {
  await using product = await startProduct({ files });
  await product.client.call('files.write', { bot: 'assistant', path: 'bot.yaml', text: bot });
  big.script({ text: 'At last.', hangMs: 10_000, usage: { input: 10, output: 5 } });
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const page = await browser.context.newPage();
  const complaints = complaintsOf(page);
  const conversation = await begin(product);
  const { reply } = await product.client.call('messages.send', { conversation, text: 'hi' });
  await page.goto(`${product.url}/conversations/${conversation}`);
  await page
    .locator('bn-answer')
    .getByRole('link', { name: /^(Details|big via one)$/ })
    .click();
  await page.getByText('Is being given').waitFor();
  t.equal(
    new URL(page.url()).pathname,
    `/conversations/${conversation}/runs/${reply}`,
    'a link leads to it from the start',
  );
  t.match(await read(page, 'bn-run-page'), /Cost not yet[^]*?Nothing has ended yet\./);
  await page.getByText('Finished').waitFor();
  await page.getByText('invoke_agent assistant').waitFor();
  t.match(await read(page, 'bn-run-page'), /Cost \$0\.00002 [^]*?It is the one that was wanted, and it answered\./);
  t.strictSame(complaints, []);
});

await t.test(
  'the page of usage: sums, groups, what is unknown, and a limit that is set, refuses and is lifted',
  async (t) => {
    const unpriced = `${providers}  three:\n    address: ${small.url}\n    models: [odd]\n`;
    await using product = await startProduct({ files: { ...files, 'providers.yaml': unpriced } });
    await product.client.call('files.write', { bot: 'assistant', path: 'bot.yaml', text: bot });
    big.script({ text: 'One.', usage: { input: 1_000_000, output: 100_000, cached: 250_000 } });
    const conversation = await begin(product);
    await say(product, conversation, 'hi');
    await product.client.call('bots.create', { name: 'Ada' });
    const odd = `model: { default: odd }\n${bot}`;
    await product.client.call('files.write', { bot: 'ada', path: 'bot.yaml', text: odd });
    small.script({ text: 'Two.', usage: { input: 500, output: 5 } });
    await say(product, await begin(product, 'ada'), 'hi');
    await using browser = await launchBrowser();
    await letBrowserIn(product, browser.context);
    const page = await browser.context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(`${product.url}/conversations`);
    await page.getByRole('link', { name: 'Usage' }).click();
    await page.getByRole('heading', { name: 'Last 30 days' }).waitFor();

    await t.test('today, 30 days and their parts', async (t) => {
      const text = await read(page, 'bn-usage-panel');
      t.match(text, /Today \$1\.20 [^]*?Calls 2 Tokens in 1,000,500 Tokens out 100,005 Read from caches 25%/);
      t.match(text, '1 call of unknown price is not in the sum.');
      const rows = (): Promise<string[]> => page.locator('bn-usage-table tbody tr').allInnerTexts();
      t.match(
        await rows(),
        [/^assistant\s+\$1\.20/i, /^ada\s+unknown/i],
        'the dearest first; no zero for what is unknown',
      );
      await page.getByLabel('Grouped by').selectOption('model');
      await page.getByText('one/big').waitFor();
      t.match(await rows(), [/^one\/big/, /^three\/odd/]);
      for (const by of ['provider', 'purpose', 'day', 'bot']) await page.getByLabel('Grouped by').selectOption(by);
      await page.getByLabel('Days').selectOption('today');
      await page.locator('bn-usage-table').getByRole('link', { name: 'ada' }).waitFor();
      await fitsSideways(t, page, 'Usage');
      t.strictSame(complaints, []);
    });

    await t.test('a limit: what is wrong stands beside its field, 80 % warns, all of it refuses', async (t) => {
      t.match(await read(page, 'bn-usage-limit'), 'There is none');
      const dollars = page.getByLabel('US dollars a day');
      await dollars.fill('much');
      await dollars.press('Enter');
      await page.getByText('Write a number without commas').waitFor();
      t.equal(await dollars.inputValue(), 'much', 'what was written stays');
      await dollars.fill('-3');
      await dollars.press('Enter');
      await page.locator('bn-usage-limit .wrong:not([hidden])').waitFor();
      t.equal(await dollars.getAttribute('aria-invalid'), 'true', 'the server says what it does not take');
      t.notMatch(await product.files.read('settings.yaml'), 'limit');
      complaints.splice(0);
      await dollars.fill('1.40');
      await dollars.press('Enter');
      await page.getByRole('meter', { name: 'Dollars used today' }).waitFor();
      t.match(await product.files.read('settings.yaml'), /limit:\s+dollars: 1\.4/);
      t.match(await read(page, 'bn-usage-limit'), /\$1\.20 of \$1\.40 \(85%\)[^]*?85% of the limit is used/);
      await picture(page, 'usage');
      await dollars.fill('1');
      await page.getByLabel('Tokens a day').fill('5000000');
      await page.getByRole('button', { name: 'Change the limit' }).click();
      await page.getByText('The limit is reached.').waitFor();
      t.equal(await page.getByRole('meter').count(), 2);
      await picture(page, 'usage-reached');
      await fitsSideways(t, page, 'Usage');
      const { answer } = await say(product, conversation, 'And now?');
      t.match(answer.run?.error, { code: 'LIMIT_REACHED' });
      await page.goto(`${product.url}/conversations/${conversation}/runs/${answer.id}`);
      await page.locator('bn-run-page').getByText('No model is asked any more today').first().waitFor();
      t.match(await read(page, 'bn-run-page'), /Cost unknown/);
      await page.goto(`${product.url}/usage`);
      await page.getByRole('button', { name: 'Lift it' }).click();
      await page.getByText('There is none').waitFor();
      t.notMatch(await product.files.read('settings.yaml'), 'dollars');
      t.equal((await say(product, conversation, 'And now?')).answer.state, 'finished');
      t.strictSame(complaints, []);
    });
  },
);

await t.test('the first page names what was found, wherever it was, and how to change it', async (t) => {
  await using ollama = await startOllama();
  await using browser = await launchBrowser({ width: 390, height: 844 });
  const look = async (product: Product, name: string, words: RegExp): Promise<void> => {
    const page = await browser.context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(`${product.url}/conversations`);
    await page.getByText('Change its files in any text editor').waitFor();
    t.match(await read(page, 'bn-conversation-start'), words, name);
    await picture(page, `first-${name}`);
    t.strictSame(complaints, []);
    await page.close();
  };
  const found = (what: string): RegExp =>
    new RegExp(
      `Bots that name no model use \\S+ via \\S+\\. The first that is there: ${what}\\. Change it with: bnity settings set model`,
    );
  {
    await using product = await startProduct();
    await letBrowserIn(product, browser.context);
    await look(
      product,
      'demo',
      /You are talking with the built-in demo\. There is no other provider.*bnity provider add/,
    );
    await product.cli(['secret', 'set', 'MISTRAL_API_KEY', '--no-check'], { input: 'sk-none' });
    await until(
      'the provider',
      async () => (await product.client.call('server.status', {})).model.provider === 'mistral',
    );
    await look(product, 'vault', found('MISTRAL_API_KEY is in the vault'));
  }
  {
    await using product = await startProduct({ env: { OPENAI_API_KEY: 'sk-none' } });
    await letBrowserIn(product, browser.context);
    await look(product, 'environment', found('OPENAI_API_KEY is in the environment'));
  }
  const places = `[{ preset: ollama, address: "${ollama.url}/v1" }]`;
  const settings = `plugins:\n  openai-compatible: { discover: true, everySeconds: 1, places: ${places} }\n`;
  await using product = await startProduct({ files: { 'settings.yaml': settings } });
  await until(
    'the server is found',
    async () => (await product.client.call('server.status', {})).model.provider === 'ollama',
    20_000,
  );
  await letBrowserIn(product, browser.context);
  await look(product, 'found', found('.* answers at 127\\.0\\.0\\.1:\\d+'));
});
