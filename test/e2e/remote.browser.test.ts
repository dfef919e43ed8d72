import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import t from 'tap';
import { Upload } from 'tus-js-client';
import { WebSocket as SocketClient } from 'ws';
import { createClient } from '../../core/ui/client.ts';
import { launchBrowser } from '../support/browser.ts';
import { git } from '../support/git-client.ts';
import { ada, printedLink } from '../support/owner.ts';
import { bnity, startProduct, temporaryFolder, until, type Product } from '../support/product.ts';
import { flagsToReachName, reachName, resolver } from '../support/reach-name.ts';
import { certified, freePort, NAME, shownConfig, startCaddy, startNginx } from '../support/reverse-proxy.ts';

t.setTimeout(400_000);

reachName();

const MB = 1024 * 1024;

async function startBehind(publicUrl: string): Promise<Product> {
  const settings = `publicUrl: ${publicUrl}\ntrustedProxies: [127.0.0.1]\nplugins: { demo: { delayMs: 60 } }\n`;
  return startProduct({ files: { 'settings.yaml': settings } });
}

/** What docs/remote.md shows, for this product: below a path by the one change that is told there. */
function siteOf(shown: string, product: Product, publicUrl: string): string {
  const { port, pathname } = new URL(publicUrl);
  return shown
    .replace('127.0.0.1:4242', new URL(product.url).host)
    .replace('listen 443', `listen 127.0.0.1:${port}`)
    .replace(/^bots\.example\.com \{/m, `https://${NAME}:${port} {`)
    .replace('location / {', pathname === '/' ? 'location / {' : `location ${pathname}/ {`);
}

/** The owner's account, made as a browser does it at the public address. */
async function begin(product: Product, publicUrl: string): Promise<{ token: string; cookie: string }> {
  const link = new URL(await printedLink(product));
  if (!link.href.startsWith(`${publicUrl}/#/setup?`)) throw new Error(`The setup link is ${link.href}.`);
  const headers = { 'content-type': 'application/json', origin: link.origin, 'x-forwarded-for': '6.6.6.6' };
  const secret = new URLSearchParams(link.hash.split('?')[1]).get('token');
  const body = JSON.stringify({ ...ada, token: secret });
  const made = await fetch(`${publicUrl}/api/v1/setup`, { method: 'POST', headers, body });
  if (made.status !== 201) throw new Error(await made.text());
  const { token } = await product.client.call('tokens.create', { name: 'phone', scopes: ['*'] });
  return { token, cookie: String(made.headers.get('set-cookie')) };
}

/** How much stands in the last answer, whose elements keep parts for themselves. */
function lengthOfAnswer(page: Page): Promise<number> {
  const answers = page.locator('bn-answer');
  const lengthOf = (answer: Element): number => {
    const textOf = (node: Node): string => {
      if (node instanceof Text) return node.data;
      if (node instanceof HTMLStyleElement) return '';
      const inside = node instanceof Element && node.shadowRoot ? node.shadowRoot : node;
      return [...inside.childNodes].map(textOf).join('');
    };
    return textOf(answer).length;
  };
  return answers.last().evaluate(lengthOf);
}

const ports = [await freePort(), await freePort()] as const;
const addresses = [`https://${NAME}:${ports[0]}`, `https://${NAME}:${ports[1]}/house/bots`] as const;
await using root = await startBehind(addresses[0]);
await using below = await startBehind(addresses[1]);
const shown = await shownConfig('nginx.conf');
const [map = ''] = shown.split('server {', 1);
const nginx = await startNginx(
  [siteOf(shown, root, addresses[0]), siteOf(shown.replace(map, ''), below, addresses[1])],
  ports[1],
);
t.teardown(() => nginx[Symbol.asyncDispose]());
const keys = new Map<Product, string>();

for (const [product, publicUrl] of [
  [root, addresses[0]],
  [below, addresses[1]],
] as const) {
  const basePath = new URL(publicUrl).pathname.replace(/\/$/, '');
  const where = basePath === '' ? 'at the root' : 'below a path';

  await t.test(`programs behind nginx ${where}: session, API, streams, WebSocket, push, upload`, async (t) => {
    const { token, cookie } = await begin(product, publicUrl);
    keys.set(product, token);
    t.match(cookie, new RegExp(`; Path=${basePath || '/'}; .*; Secure$`));
    const { sessions } = await product.client.call('sessions.list', {});
    t.equal(sessions[0]?.address, '127.0.0.1', 'what the visitor made up of himself is nothing');
    const headers = { authorization: `Bearer ${token}` };
    const bots = (await (await fetch(`${publicUrl}/api/v1/bots`, { headers })).json()) as { _links: { self: string } };
    t.equal(bots._links.self, `${basePath}/api/v1/bots`);
    const described = await (await fetch(`${publicUrl}/api/openapi.json`, { headers })).json();
    t.match(described, { servers: [{ url: `${publicUrl}/api/v1` }] });
    t.match(await product.cliJson(['status']), { publicUrl, url: product.url });

    await using away = await temporaryFolder({ 'ca.pem': certified.cert, 'resolve.mjs': resolver });
    const env = {
      BOTERNITY_SERVER: publicUrl,
      BOTERNITY_TOKEN: token,
      BOTERNITY_HOME: path.join(away.path, 'none'),
      NODE_EXTRA_CA_CERTS: `${away.path}/ca.pem`,
      NODE_OPTIONS: `--import=${away.path}/resolve.mjs`,
    };
    const listed = await bnity(['list', '--json'], { env });
    t.match([listed.code, listed.stdout], [0, /"assistant"/], listed.stderr);
    const [renamed, back, refused] = await Promise.all([
      bnity(['configure', 'assistant', '--set', 'model.max_tokens=900'], { env }),
      bnity(['list', '--server', publicUrl, '--token', 'bnity_wrong'], { env }),
      bnity(['serve', '--server', publicUrl], { env }),
    ]);
    t.match(renamed, { code: 0 }, renamed.stderr);
    t.match(await product.files.read('bots/assistant/bot.yaml'), /max_tokens: 900/);
    t.match(back, { code: 4, stderr: /CALLER_UNKNOWN/ }, 'the flag wins');
    t.match(refused, { code: 2, stderr: /works on the home itself/ });
    t.equal(await away.read('none/settings.yaml'), undefined, 'no home is made here');
    const socket = (url: URL): WebSocket => new SocketClient(url, { headers }) as unknown as WebSocket;
    for (const open of [undefined, socket]) {
      const client = createClient({ url: publicUrl, headers, ...(open && { socket: open }) });
      const { id } = await client.call('conversations.create', { bot: 'assistant' });
      using live = client.conversation(id);
      const lengths = new Set<number>();
      const { reply } = await live.send('Tell me who you are.');
      await until(
        'the answer',
        () => {
          const node = live.page?.nodes.find((each) => each.id === reply);
          lengths.add(JSON.stringify(node ?? '').length);
          return live.page?.state === 'idle' && node !== undefined;
        },
        30_000,
      );
      t.ok(lengths.size > 3, `${open ? 'WebSocket' : 'events'}: it came in ${lengths.size} pieces`);
    }

    await using folder = await temporaryFolder({ 'ca.pem': certified.cert });
    const flags = [
      '-c',
      `http.sslCAInfo=${folder.path}/ca.pem`,
      '-c',
      `http.curloptResolve=${new URL(publicUrl).host}:127.0.0.1`,
    ];
    const remote = publicUrl.replace('://', `://anybody:${token}@`);
    const cloned = await git(folder.path, [...flags, 'clone', '-q', `${remote}/git/assistant.git`, 'clone']);
    t.equal(cloned.code, 0, cloned.stderr);
    const clone = path.join(folder.path, 'clone');
    await folder.write('clone/notes.md', `Pushed ${where}.\n`);
    await git(clone, ['add', '-A']);
    await git(clone, ['commit', '-qm', 'From afar']);
    const pushed = await git(clone, [...flags, 'push', '-q', 'origin', 'HEAD:main']);
    t.equal(pushed.code, 0, pushed.stderr);
    t.equal(await product.files.read('bots/assistant/notes.md'), `Pushed ${where}.\n`);

    const content = randomBytes(9 * MB);
    const upload = (options: { readonly from?: string; readonly stopAt?: number }): Promise<string> => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const work: Upload = new Upload(content, {
        endpoint: `${publicUrl}/api/v1/bots/assistant/storage/uploads`,
        ...(options.from !== undefined && { uploadUrl: options.from }),
        headers,
        chunkSize: 2 * MB,
        retryDelays: null,
        metadata: { filename: 'big.bin', filetype: 'application/octet-stream' },
        onError: reject,
        onSuccess: () => resolve(work.url ?? ''),
        onChunkComplete(_, accepted) {
          if (accepted >= (options.stopAt ?? Infinity)) void work.abort().then(() => resolve(work.url ?? ''));
        },
      });
      work.start();
      return promise;
    };
    const address = await upload({ stopAt: 4 * MB });
    t.ok(address.startsWith(`${publicUrl}/api/v1/bots/`), address);
    await upload({ from: address });
    const kept = await readFile(path.join(product.home, 'data/assistant/files/big.bin'));
    t.ok(kept.equals(content), 'it went on where it was');
  });

  await t.test(`the page behind nginx ${where}: sign-in, chat token by token, installable`, async (t) => {
    await using browser = await launchBrowser(undefined, undefined, flagsToReachName());
    const page = await browser.context.newPage();
    const complaints: string[] = [];
    const sockets: string[] = [];
    const outside: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('websocket', (socket) => sockets.push(socket.url()));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${publicUrl}/`) && !request.url().startsWith('data:')) outside.push(request.url());
    });
    await page.goto(`${publicUrl}/agents`);
    await page.getByLabel('E-mail').fill(ada.email);
    await page.getByLabel('Password', { exact: true }).fill(ada.password);
    await page.getByLabel('Password', { exact: true }).press('Enter');
    await page.getByRole('heading', { name: 'Bots' }).first().waitFor();
    await page.locator('bn-navigation').getByRole('link', { name: 'New conversation' }).click();
    t.equal(new URL(page.url()).pathname, `${basePath}/conversations`);
    const composer = page.getByRole('textbox', { name: /^Message/ });
    await composer.fill('Tell me who you are.');
    await composer.press('Enter');
    const lengths = new Set<number>();
    await until('an answer in pieces', async () => lengths.add(await lengthOfAnswer(page)).size > 3, 30_000);
    await until('its address', () =>
      new RegExp(`^${basePath}/conversations/[^/]+$`).test(new URL(page.url()).pathname),
    );
    t.ok(sockets.includes(`${publicUrl.replace('https', 'wss')}/api/v1/live`), sockets.join());

    const session = await browser.context.newCDPSession(page);
    const manifest = await session.send('Page.getAppManifest');
    t.equal(manifest.url, `${publicUrl}/manifest.webmanifest`);
    t.match(JSON.parse(manifest.data ?? '{}'), { name: 'Boternity', start_url: './', scope: './' });
    t.strictSame(manifest.errors, []);
    const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
    t.equal(scope, `${publicUrl}/`);
    await page.reload();
    await page.getByText('Tell me who you are.').first().waitFor();
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    t.strictSame(installabilityErrors, []);
    const cookies = await browser.context.cookies();
    t.match(cookies, [{ path: basePath || '/', secure: true, httpOnly: true, sameSite: 'Strict' }]);
    t.strictSame(complaints, []);
    t.strictSame(outside, [], 'nothing is asked outside of the base path');
  });
}

await t.test('behind Caddy, and what stands outside of the base path', async (t) => {
  await nginx[Symbol.asyncDispose]();
  const headers = { authorization: `Bearer ${keys.get(root)}` };
  await using _ = await startCaddy(siteOf(await shownConfig('Caddyfile'), root, addresses[0]), ports[0]);
  t.equal((await fetch(`${addresses[0]}/readyz`)).status, 200);
  const events = await fetch(`${addresses[0]}/api/v1/fleet/events`, { headers });
  const reader = events.body?.getReader();
  t.ok(((await reader?.read())?.value?.length ?? 0) > 0, 'a stream begins before it ends');
  await reader?.cancel();
  const socket = new SocketClient(`${addresses[0].replace('https', 'wss')}/api/v1/live`, { headers });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.close();

  const local = await fetch(`${below.url}/agents`, { redirect: 'manual' });
  t.match([local.status, local.headers.get('location')], [302, '/house/bots/agents']);
  t.equal((await below.fetch('/api/v1/bots')).status, 200, 'commands of this machine need no base path');
  t.equal((await fetch(`${below.url}/house/bots`, { redirect: 'manual' })).headers.get('location'), '/house/bots/');
  t.equal(
    (await fetch(`${below.url}/house/botsy`, { headers: { accept: 'application/json' }, redirect: 'manual' })).status,
    302,
  );
});
