import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { letBrowserIn } from '../support/owner.ts';
import { startProduct, until } from '../support/product.ts';

t.setTimeout(180_000);

await using product = await startProduct();
await using browser = await launchBrowser({ width: 1440, height: 900 });
await letBrowserIn(product, browser.context);
await product.client.call('bots.create', { name: 'Ada', template: 'assistant' });

await t.test('a bot shows the picture that it names, and its emoji where that is none of its folder', async (t) => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
    'base64',
  );
  const folder = path.join(product.home, 'bots/ada');
  await mkdir(path.join(folder, 'avatars'), { recursive: true });
  await writeFile(path.join(folder, 'avatars/me.png'), png);
  await writeFile(path.join(folder, 'avatars/liar.png'), '<html><script>globalThis.pwned=1</script>');
  await writeFile(
    path.join(folder, 'avatars/me.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script>globalThis.pwned=1</script><rect width="1" height="1"/></svg>',
  );
  const page = await browser.context.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    // A picture that is not there.
    if (message.type() === 'error' && !/status of 404/.test(message.text())) wrong.push(message.text());
  });
  await page.goto(`${product.url}/agents/ada/files/IDENTITY.md`);
  const face = (place: string) => page.locator(`${place} bn-avatar`).first();
  const shown = (place: string): Promise<unknown> =>
    until(`a picture in ${place}`, async () =>
      face(place)
        .locator('img')
        .evaluate((img: HTMLImageElement) => img.naturalWidth > 0),
    );
  await page.getByLabel('Picture').fill('avatars/me.png');
  await page.getByLabel('Picture').press('Tab');
  await shown('bn-identity-form');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('the file', async () =>
    (await product.files.read('bots/ada/IDENTITY.md'))?.includes('avatar: avatars/me.png'),
  );
  await shown('bn-bot-tabs');
  await shown('bn-navigation');
  t.equal(await face('bn-bot-tabs').locator('span').count(), 0, 'instead of the emoji');
  await page.goto(`${product.url}/agents`);
  await shown('bn-bot-card:has-text("Ada")');
  const { id } = await product.client.call('conversations.create', { bot: 'ada' });
  await page.goto(`${product.url}/conversations/${id}`);
  await shown('bn-conversation-header');

  const name = (avatar: string): Promise<void> =>
    product.files.write(
      'bots/ada/IDENTITY.md',
      `---\ndisplay_name: Ada\nemoji: 🦜\navatar: ${JSON.stringify(avatar)}\n---\n`,
    );
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${product.url}/agents/ada`);
  for (const hostile of [
    'javascript:globalThis.pwned=1//.png',
    'http://127.0.0.1:9/elsewhere.png',
    '//127.0.0.1:9/elsewhere.png',
    '../../.boternity/accounts.png',
    'avatars/%2e%2e/%2e%2e/x.png',
    'data:image/svg+xml,<svg onload=globalThis.pwned=1>.svg',
    'avatars/liar.png',
    'avatars/gone.png',
    'SOUL.md',
  ]) {
    await name(hostile);
    await until(hostile, async () => (await product.client.call('bots.show', { bot: 'ada' })).avatar === hostile);
    await page.reload();
    await face('bn-bot-tabs').locator('span', { hasText: '🦜' }).waitFor();
    await face('bn-bot-tabs').locator('img').waitFor({ state: 'detached' });
  }
  t.strictSame(
    asked.filter((url) => /elsewhere|accounts|javascript|%2e/i.test(url)),
    [],
    'nothing of it is asked for',
  );
  await name('avatars/me.svg');
  await page.reload();
  await shown('bn-bot-tabs');
  t.equal(await page.evaluate(() => Reflect.get(globalThis, 'pwned')), undefined);

  const ask = (file: string) => product.fetch(`/api/v1/bots/ada/pictures/${file}`);
  const svg = await ask('avatars/me.svg');
  t.equal(svg.headers.get('content-type'), 'image/svg+xml');
  t.match(svg.headers.get('content-security-policy'), /^sandbox;/);
  t.equal(svg.headers.get('x-content-type-options'), 'nosniff');
  for (const [file, status] of [
    ['avatars/liar.png', 404],
    ['SOUL.md', 404],
    ['..%2f..%2fsettings.yaml', 403],
    ['.git/config', 403],
  ] as const)
    t.equal((await ask(file)).status, status, file);
  t.strictSame(wrong, [], 'no page said anything wrong');
  await page.close();
});
