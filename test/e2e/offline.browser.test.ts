import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { ada, letBrowserIn, signInOwner } from '../support/owner.ts';
import { startProduct, until, type Product } from '../support/product.ts';
import { begin, say } from '../support/talk.ts';

t.setTimeout(240_000);

const PATIENCE_MS = 15_000;

/** A port that nobody uses now: the server is to come back where it was. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const startHere = async (): Promise<Product> =>
  startProduct({
    args: ['--port', String(await freePort())],
    files: { 'settings.yaml': 'plugins: { demo: { delayMs: 1 } }\n' },
  });

/** A page under the service worker, with everything that it asked the server for. */
async function opened(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.waitForLoadState('networkidle');
  return page;
}

/** Everything that the service worker and the page keep, as text. */
const keptIn = (page: Page): Promise<{ readonly cached: string[]; readonly rows: string }> =>
  page.evaluate(async () => {
    const cached: string[] = [];
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys()) cached.push(new URL(request.url).pathname);
    const rows = await new Promise<string>((resolve, reject) => {
      const opening = indexedDB.open('boternity');
      opening.addEventListener('error', () => reject(new Error('no database')));
      opening.addEventListener('success', () => {
        const reading = opening.result.transaction('kept').objectStore('kept').getAll();
        reading.addEventListener('success', () => resolve(JSON.stringify(reading.result)));
      });
    });
    return { cached, rows };
  });

const away = (page: Page) => page.getByRole('status').filter({ hasText: 'The server cannot be reached.' });
const composerOf = (page: Page) => page.getByRole('textbox', { name: /^Message/ });

await t.test(
  'WEBU-09: the server is killed: the page opens all the same, shows what it knew and says so; a message waits and is sent when it is back',
  async (t) => {
    await using product = await startHere();
    await using browser = await launchBrowser();
    await letBrowserIn(product, browser.context);
    const conversation = await begin(product);
    await product.client.call('conversations.rename', { conversation, title: 'By the sea' });
    await say(product, conversation, 'Remember the lighthouse.');
    const page = await opened(browser.context, `${product.url}/conversations/${conversation}`);
    await page.getByText('Remember the lighthouse.').first().waitFor();
    const { cached } = await keptIn(page);
    t.ok(cached.includes('/'), 'the page itself is kept');
    t.strictSame(
      cached.filter((path) => /^\/(?:api|v1|git|healthz)/.test(path)),
      [],
      'no answer of the server is in the cache',
    );

    await product.kill9();
    await away(page).waitFor();
    await composerOf(page).fill('Sent into the dark.');
    await composerOf(page).press('Enter');
    await away(page).filter({ hasText: 'One message waits to be sent.' }).waitFor();

    await page.reload();
    await page.getByText('Remember the lighthouse.').first().waitFor();
    await page.getByText('Sent into the dark.').first().waitFor();
    await away(page).filter({ hasText: 'You see what it said at' }).waitFor();
    await page.locator('bn-conversation-list').getByText('By the sea').waitFor();
    await away(page).filter({ hasText: 'One message waits to be sent.' }).waitFor();
    await page.goto(`${product.url}/dashboard`);
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    await away(page).waitFor();

    await product.start();
    const texts = async (): Promise<string[]> => {
      const { nodes } = await product.client.call('conversations.show', { conversation });
      return nodes.filter(({ kind }) => kind === 'user').map(({ text }) => text);
    };
    await until('the message', async () => (await texts()).length === 2, PATIENCE_MS);
    t.strictSame(await texts(), ['Remember the lighthouse.', 'Sent into the dark.'], 'once, in its place');
    await away(page).waitFor({ state: 'detached' });
    await page.goto(`${product.url}/conversations/${conversation}`);
    await page.getByText('Sent into the dark.').first().waitFor();
    t.notMatch((await keptIn(page)).rows, '"outbox/', 'nothing waits any more');
  },
);

await t.test('without a network the open page says so, and an answer that changed is never shown as new', async (t) => {
  await using product = await startHere();
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const conversation = await begin(product);
  await product.client.call('conversations.rename', { conversation, title: 'Before' });
  const page = await opened(browser.context, `${product.url}/dashboard`);
  const list = page.locator('bn-conversation-list');
  await list.getByText('Before').waitFor();
  await browser.context.setOffline(true);
  await away(page).waitFor();
  await product.client.call('conversations.rename', { conversation, title: 'After' });
  await page.reload();
  await list.getByText('Before').waitFor();
  await away(page).waitFor();
  t.equal(await list.getByText('After').count(), 0);
  await browser.context.setOffline(false);
  await list.getByText('After').waitFor();
  await away(page).waitFor({ state: 'detached' });
});

await t.test('signing out leaves nothing of what was seen in the browser', async (t) => {
  await using product = await startHere();
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const conversation = await begin(product);
  await product.client.call('conversations.rename', { conversation, title: 'A secret garden' });
  const page = await opened(browser.context, `${product.url}/conversations/${conversation}`);
  await page.locator('bn-conversation-list').getByText('A secret garden').waitFor();
  await until('it is kept', async () => (await keptIn(page)).rows.includes('A secret garden'));
  await page.getByRole('button', { name: 'You and this page' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  t.notMatch((await keptIn(page)).rows, /secret garden|Ada|ada@example/);
  await product.kill9();
  await page.reload();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  t.equal(await page.getByText('A secret garden').count(), 0, 'not without the server either');
  await product.start();

  // A session that ends elsewhere: the gate clears as well.
  const { cookie } = await signInOwner(product);
  const [name = '', value = ''] = cookie.split('=');
  await browser.context.addCookies([{ name, value, url: product.url, httpOnly: true, sameSite: 'Strict' }]);
  const again = await opened(browser.context, `${product.url}/conversations/${conversation}`);
  await until('it is kept again', async () => (await keptIn(again)).rows.includes('A secret garden'));
  await browser.context.clearCookies();
  await again.reload();
  await again.getByLabel('E-mail').waitFor();
  await until('it is gone', async () => !(await keptIn(again)).rows.includes('A secret garden'));
  t.notMatch((await keptIn(again)).rows, ada.email);
});

await t.test('a new version is told of, and taken over when the person says so', async (t) => {
  await using product = await startHere();
  let version = 'one';
  // The same server, with another version of the application in front of it.
  await using proxy = await startProxy(product, (text) => `${text}\n// ${version}`);
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const page = await opened(browser.context, `${proxy.url}/dashboard`);
  t.equal(await page.getByText('A new version is there.').count(), 0, 'the first is no news');
  version = 'two';
  await page.reload();
  await page.getByText('A new version is there.').waitFor();
  await page.evaluate(() => ((globalThis as { wasHere?: boolean }).wasHere = true));
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.waitForFunction(() => !(globalThis as { wasHere?: boolean }).wasHere);
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  const waiting = await page.evaluate(
    async () => (await navigator.serviceWorker.getRegistration())?.waiting?.state ?? 'none',
  );
  t.equal(waiting, 'none');
  t.equal(await page.getByText('A new version is there.').count(), 0);
  await page.waitForFunction(async () => (await caches.keys()).length === 1);
});

await t.test('the application can be installed', async (t) => {
  await using product = await startHere();
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const page = await opened(browser.context, `${product.url}/dashboard`);
  const session = await browser.context.newCDPSession(page);
  const { installabilityErrors } = (await session.send('Page.getInstallabilityErrors')) as {
    installabilityErrors: unknown[];
  };
  t.strictSame(installabilityErrors, []);
  const manifest = (await (await product.fetch('/manifest.webmanifest')).json()) as { icons: { src: string }[] };
  for (const { src } of manifest.icons) t.equal((await product.fetch(`/${src}`)).status, 200, src);
});

/** Passes everything on, with the text of the service worker changed. */
async function startProxy(product: Product, change: (text: string) => string) {
  const { hostname, port } = new URL(product.url);
  const server = createServer((request, response) => {
    const isWorker = request.url === '/sw.js';
    const headers = { ...request.headers, ...(isWorker && { 'accept-encoding': 'identity' }) };
    const behind = ask({ hostname, port, path: request.url, method: request.method, headers }, (answer) => {
      const { 'content-length': _, ...rest } = answer.headers;
      response.writeHead(answer.statusCode ?? 500, isWorker ? rest : answer.headers);
      if (!isWorker) {
        answer.pipe(response);
        return;
      }
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.on('end', () => response.end(change(text)));
    });
    behind.on('error', () => response.destroy());
    request.pipe(behind);
  });
  server.on('upgrade', (request, socket, head) => {
    const behind = connect(Number(port), hostname, () => {
      const lines = [`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/1.1`];
      for (let at = 0; at < request.rawHeaders.length; at += 2)
        lines.push(`${request.rawHeaders[at] ?? ''}: ${request.rawHeaders[at + 1] ?? ''}`);
      behind.write(`${lines.join('\r\n')}\r\n\r\n`);
      behind.write(head);
      behind.pipe(socket).pipe(behind);
    });
    behind.on('error', () => socket.destroy());
    socket.on('error', () => behind.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
