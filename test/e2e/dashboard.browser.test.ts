import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { signInOwner } from '../support/owner.ts';
import { complaintsOf } from '../support/page-watch.ts';
import { until } from '../support/product.ts';
import { startSeeded } from '../support/seeded-home.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(240_000);

const PATIENCE_MS = 20_000;

/** A service that has one model. */
const service = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ object: 'list', data: [{ id: 'big-model', object: 'model' }] }));
});
service.listen(0, '127.0.0.1');
await once(service, 'listening');
t.teardown(() => service.close());
const { port } = service.address() as AddressInfo;

await using seeded = await startSeeded({ bots: 20, conversations: 30, nodes: 60 });
const { product, conversations } = seeded;
const { client, files } = product;
await files.write(
  'providers.yaml',
  `providers:\n  cloud:\n    type: openai-compatible\n    address: http://127.0.0.1:${port}/v1\n    models: [big-model, a-model-that-is-gone]\n`,
);
await until('the provider', async () =>
  (await client.call('providers.list', {})).providers.some(({ address }) => address.includes(String(port))),
);
await using browser = await launchBrowser({ width: 1280, height: 1200 });
const [name = '', value = ''] = (await signInOwner(product)).cookie.split('=');
await browser.context.addCookies([{ name, value, url: product.url, httpOnly: true, sameSite: 'Strict' }]);
const page = await browser.context.newPage();
page.setDefaultTimeout(PATIENCE_MS);
const complaints = complaintsOf(page);

const needs = (text: string) => page.locator('bn-needs-list').getByRole('listitem').filter({ hasText: text });
const section = (heading: string) =>
  page.locator('bn-dashboard-panel section').filter({ has: page.getByRole('heading', { name: heading, exact: true }) });

async function open(page: Page): Promise<void> {
  await page.goto(product.url);
  await page.waitForURL(`${product.url}/dashboard`);
  await page.locator('bn-needs-list').waitFor();
}

await t.test('the first page says what waits for a person, and leads to where it is done', async (t) => {
  await open(page);
  const more = page.getByRole('button', { name: /^Show all/ });
  await more.click();
  await needs('cloud does not have every listed model').filter({ hasText: 'a-model-that-is-gone' }).waitFor();
  for (const text of ['asks before it goes on', 'A change waits', 'is in quarantine', 'problems in files'])
    t.ok((await needs(text).count()) > 0, text);
  const [first] = await page.locator('bn-needs-list').getByRole('listitem').allTextContents();
  t.match(first, 'asks before it goes on', 'what holds up a bot stands first');
  await needs('asks before it goes on').getByRole('link').click();
  await page.waitForURL(`${product.url}/conversations/${conversations.waiting}`);
  await page.goBack();
  await page.waitForURL(`${product.url}/dashboard`);
  for (const heading of ['Recent conversations', 'Spent', 'Providers', 'Last runs'])
    await page.getByRole('heading', { name: heading, exact: true }).waitFor();
  await page
    .locator('bn-spend-bars')
    .getByText(/of \$5\.00 today/)
    .waitFor();
});

await t.test('it follows what happens elsewhere, without being loaded again', async (t) => {
  const [call] = (await client.call('calls.list', { conversation: conversations.waiting })).calls;
  await client.call('calls.deny', { conversation: conversations.waiting, call: call?.id ?? '' });
  await needs('asks before it goes on').waitFor({ state: 'detached' });
  const conversation = await begin(product);
  await client.call('conversations.rename', { conversation, title: 'Said just now' });
  await say(product, conversation, 'Hello');
  const line = section('Recent conversations').getByRole('link', { name: /Said just now/ });
  await line.waitFor();
  t.equal(await line.getAttribute('href'), `/conversations/${conversation}`);
  const run = section('Last runs').getByRole('link').first();
  await run.waitFor();
  t.match(await run.getAttribute('href'), `/conversations/${conversation}/runs/`, 'the last run is that of the answer');
});

await t.test('the quick ways lead to a new chat and a new bot', async (t) => {
  await page.getByRole('main').getByRole('link', { name: 'New chat' }).click();
  await page.waitForURL(`${product.url}/conversations`);
  await open(page);
  t.equal(await page.getByRole('main').getByRole('link', { name: 'New bot' }).getAttribute('href'), '/agents?new');
});

await t.test('without the plugins that it reads from it shows the rest', async (t) => {
  const off = ['usage', 'shared-memory', 'conversations', 'conversation-search', 'providers'];
  for (const plugin of off) await client.call('settings.set', { key: `plugins.${plugin}`, value: false });
  await until('they are gone', async () => {
    const shown = await client.call('dashboard.show', {});
    return shown.spend === null && shown.conversations === null && shown.quarantine === null;
  });
  const shown = await client.call('dashboard.show', {});
  t.match(shown, { spend: null, runs: null, conversations: null, waiting: null, quarantine: null, failures: [] });
  t.ok((shown.bots?.troubled.length ?? 0) > 0, 'what is there is told');
  await open(page);
  await needs('A change waits').first().waitFor();
  t.equal(await page.getByRole('heading', { name: 'Spent' }).count(), 0);
  t.equal(await page.getByRole('main').getByRole('link', { name: 'New chat' }).count(), 0);
});

t.strictSame(complaints, [], 'the page complained of nothing');
