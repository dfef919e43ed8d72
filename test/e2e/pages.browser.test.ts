import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { signInOwner } from '../support/owner.ts';
import { complaintsOf, findingsOf, stillness } from '../support/page-watch.ts';
import { startSeeded } from '../support/seeded-home.ts';
import { until } from '../support/product.ts';
import { troubles } from '../support/seeded-bots.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(600_000);

/** Pictures of every page, for people: build output. */
const PICTURES = path.resolve(import.meta.dirname, '../../screenshots');
const PATIENCE_MS = 15_000;
const widths = [
  { width: 390, height: 844 },
  { width: 834, height: 1112 },
  { width: 1440, height: 900 },
];

await using seeded = await startSeeded();
const { product, conversations } = seeded;
await using browser = await launchBrowser();
await enter(browser.context);

/** Every page that a plugin contributes, and pages below them. */
async function places(): Promise<string[]> {
  const { panels } = (await product.client.read('/panels')) as { panels: { path: string }[] };
  // What the journals were filled with has no traces; this run has one.
  const spoken = await begin(product);
  await say(product, spoken, 'Hello');
  const { runs } = await product.client.call('runs.list', { conversation: spoken });
  const { memories } = await product.client.call('memories.list', { bot: 'assistant', limit: 1 });
  const { damaged: _, ...readable } = conversations;
  return [
    '',
    ...panels.map((panel) => panel.path),
    ...Object.values(readable).map((id) => `conversations/${id}`),
    `conversations/${spoken}/runs/${runs[0]?.id ?? ''}`,
    'agents/assistant',
    ...Object.values(troubles).map((slug) => `agents/${slug}`),
    `memory/assistant/${memories[0]?.id ?? ''}`,
    'storage/assistant',
  ];
}

const all = await places();
t.ok(all.length > 25, `${all.length} pages`);
await mkdir(PICTURES, { recursive: true });

await t.test('WEBU-01: every page loads without a complaint, and axe-core finds nothing in either theme', async (t) => {
  const page = await browser.context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const complaints = complaintsOf(page);
  for (const place of all) {
    await open(page, place);
    for (const theme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.emulateMedia({ colorScheme: theme });
      await stillness(page);
      t.strictSame(await findingsOf(page), [], `/${place}, ${theme}: axe-core finds nothing`);
      await picture(page, place, theme);
    }
    t.strictSame(complaints.splice(0), [], `/${place} does not complain`);
  }
  await page.close();
});

await t.test('a conversation that cannot be read says so, and is not asked for without end', async (t) => {
  const page = await browser.context.newPage();
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().includes(`/api/v1/conversations/${conversations.damaged}`)) asked += 1;
  });
  await page.goto(`${product.url}/conversations/${conversations.damaged}`);
  await page
    .getByRole('alert')
    .getByText(/is damaged after line/)
    .waitFor();
  // Long enough for hundreds, and for no more than a few where each failure is waited for longer.
  await page.waitForTimeout(3_000);
  t.ok(asked < 15, `asked ${asked} times`);
  await page.close();
});

await t.test('ten thousand messages are scrolled through, and few of them are on the page at a time', async (t) => {
  const page = await browser.context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${product.url}/conversations/${conversations.long}`);
  const box = page.getByRole('log', { name: 'Conversation' });
  const first = async (): Promise<string> => (await box.locator('.stretch').first().getAttribute('data-key')) ?? '';
  await box.locator('bn-answer').last().waitFor();
  const seen = new Set([await first()]);
  for (let step = 0; step < 60; step += 1) {
    await box.evaluate((element) => void (element.scrollTop -= 4_000));
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    seen.add(await first());
    t.ok((await box.locator('.block').count()) < 250, 'few are on the page');
  }
  t.ok(seen.size > 10, `${seen.size} places were passed`);
  await page.getByRole('button', { name: 'Latest' }).click();
  await page.getByText('At the end stands this sentence.').first().waitFor();
  await page.close();
});

await t.test('over a slow network a page says what it can at once, and a message is sent once', async (t) => {
  const page = await browser.context.newPage();
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const slow = { offline: false, latency: 400, downloadThroughput: 60_000, uploadThroughput: 30_000 };
  await session.send('Network.emulateNetworkConditions', slow);
  const conversation = await begin(product);
  await page.goto(`${product.url}/conversations/${conversation}`, { timeout: 60_000 });
  const field = page.getByRole('textbox', { name: /^Message/ });
  await field.fill('Over a thin line', { timeout: 60_000 });
  await field.press('Enter');
  t.equal(await field.inputValue(), '', 'the field is free at once');
  await page.locator('bn-transcript').getByText('Over a thin line').first().waitFor();
  await page.locator('bn-answer bn-markdown').first().waitFor({ timeout: 60_000 });
  const { nodes } = await product.client.call('conversations.show', { conversation });
  t.equal(nodes.filter(({ kind }) => kind === 'user').length, 1);
  await page.close();
});

async function open(page: Page, place: string): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${product.url}/${place}`);
  await page.getByRole('main').getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForLoadState('networkidle');
  await stillness(page);
}

/** As it looks on a phone, a tablet and a desk; nothing may stick out sideways. Colours move nothing: dark is looked at on the desk. */
async function picture(page: Page, place: string, theme: 'light' | 'dark'): Promise<void> {
  const name = place === '' ? 'first' : place.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => nameOf(id));
  for (const size of theme === 'light' ? widths : widths.slice(-1)) {
    await page.setViewportSize(size);
    const surplusOf = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    // What follows the size of the window does so a moment later.
    const surplus = await until('it fits', async () => (await surplusOf()) === 0 && 0, 2_000).catch(surplusOf);
    t.equal(surplus, 0, `/${place} fits ${size.width} px`);
    await page.screenshot({ path: path.join(PICTURES, `${name.replaceAll('/', '-')}-${size.width}-${theme}.png`) });
  }
}

function nameOf(id: string): string {
  return Object.entries(conversations).find(([, known]) => known === id)?.[0] ?? 'one';
}

async function enter(context: BrowserContext): Promise<void> {
  const [name = '', value = ''] = (await signInOwner(product)).cookie.split('=');
  await context.addCookies([{ name, value, url: product.url, httpOnly: true, sameSite: 'Strict' }]);
}
