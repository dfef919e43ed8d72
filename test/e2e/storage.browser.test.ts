import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { pdfOf } from '../support/documents.ts';
import { letBrowserIn } from '../support/owner.ts';
import { startProduct, until } from '../support/product.ts';

t.setTimeout(180_000);

const MB = 1024 * 1024;

await using product = await startProduct();
await using browser = await launchBrowser();
await letBrowserIn(product, browser.context);

const wrong: string[] = [];

async function openFiles(): Promise<Page> {
  const page = await browser.context.newPage();
  page.on('pageerror', (error) => wrong.push(error.message));
  await page.goto(`${product.url}/storage/assistant`);
  await page.getByRole('button', { name: 'Add files' }).waitFor();
  return page;
}

const kept = (name: string): Promise<Buffer | undefined> =>
  readFile(path.join(product.home, 'data/assistant/files', name)).catch(() => undefined);

await t.test('MEMO-06: files are added on the page, searched, replaced, restored and deleted', async (t) => {
  const page = await openFiles();
  const lines = page.getByRole('list', { name: 'Kept files' }).getByRole('listitem');
  await page.locator('input[type=file]').setInputFiles([
    { name: 'offer.pdf', mimeType: 'application/pdf', buffer: pdfOf(['One.', 'The theodolite costs 4200 euro.']) },
    { name: 'Grüße.md', mimeType: 'text/markdown', buffer: Buffer.from('# Hello\n\nFirst text.\n') },
  ]);
  await lines.filter({ hasText: 'offer.pdf' }).getByText('6 words').waitFor();
  await lines.filter({ hasText: 'Grüße.md' }).waitFor();

  await page.getByRole('searchbox', { name: 'What to look for' }).fill('theodolite');
  await page.keyboard.press('Enter');
  await page.getByRole('list', { name: 'Passages' }).getByText('offer.pdf, page 2').waitFor();

  await page.locator('input[type=file]').setInputFiles({
    name: 'Grüße.md',
    mimeType: 'text/markdown',
    buffer: Buffer.from('# Hello\n\nSecond text.\n'),
  });
  await lines.filter({ hasText: 'Grüße.md' }).getByText('version 2').waitFor();
  await page.getByRole('button', { name: 'Versions of Grüße.md' }).click();
  await page.getByRole('button', { name: 'Restore version 1' }).click();
  await page.locator('bn-storage-versions').getByText('Version 3').waitFor();
  await page.keyboard.press('Escape');
  await until('the old text', async () => (await kept('Grüße.md'))?.toString().includes('First text'));

  await page.getByRole('button', { name: 'Delete Grüße.md' }).click();
  t.ok(await kept('Grüße.md'), 'it is asked first');
  await page.getByRole('group', { name: 'Delete Grüße.md?' }).getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Restore Grüße.md' }).waitFor();
  t.equal(await kept('Grüße.md'), undefined);
  await page.getByRole('button', { name: 'Restore Grüße.md' }).click();
  await until('the file', () => kept('Grüße.md'));

  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'fake.pdf', mimeType: 'application/pdf', buffer: Buffer.from('x') });
  await page.getByRole('alert').getByText('does not hold a PDF').waitFor();
  await page.close();
});

await t.test('an upload that the page lost goes on where it was, after a reload too', async (t) => {
  const page = await openFiles();
  const content = randomBytes(9 * MB);
  const file = { name: 'long.bin', mimeType: 'application/octet-stream', buffer: content };
  const offsets: number[] = [];
  let pieces = 0;
  await page.route('**/storage/uploads/*', async (route) => {
    const request = route.request();
    if (request.method() === 'PATCH') {
      offsets.push(Number(request.headers()['upload-offset']));
      pieces += 1;
      if (pieces === 3) return route.abort();
    }
    return route.continue();
  });
  // The same file of the disk each time: what the browser knows it by.
  const place = path.join(product.home, 'long.bin');
  await product.files.write('long.bin', content);
  await page.locator('input[type=file]').setInputFiles(place);
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  t.equal(await kept('long.bin'), undefined);
  await page.reload();
  await page.getByRole('button', { name: 'Add files' }).waitFor();
  await page.locator('input[type=file]').setInputFiles(place);
  await page.getByRole('list', { name: 'Kept files' }).getByText(file.name).waitFor();
  t.strictSame(
    offsets,
    [0, 2, 4, 4, 6, 8].map((each) => each * MB),
    'nothing was sent twice but what was lost',
  );
  t.ok((await kept('long.bin'))?.equals(content));
  await page.close();
});

await t.test('values are added, changed and deleted; what is no JSON is words', async (t) => {
  const page = await openFiles();
  const value = async (key: string): Promise<unknown> =>
    (await product.client.call('kv.get', { bot: 'assistant', key })).value;
  await page.getByRole('button', { name: 'New value' }).click();
  await page.keyboard.type('user.city');
  await page.getByRole('textbox', { name: 'Value' }).fill('Bern');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('list', { name: 'Kept values' }).getByText('"Bern"').waitFor();
  t.equal(await value('user.city'), 'Bern');
  await page.getByRole('button', { name: 'Edit user.city' }).click();
  await page.getByRole('textbox', { name: 'Value' }).fill('{"name": "Bern", "since": 2019}');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('list', { name: 'Kept values' }).getByText('{"name":"Bern","since":2019}').waitFor();
  t.strictSame(await value('user.city'), { name: 'Bern', since: 2019 });
  await page.getByRole('button', { name: 'Delete user.city' }).click();
  await page.getByRole('group', { name: 'Delete user.city?' }).getByRole('button', { name: 'Delete' }).click();
  await page.getByText('There are no values yet.').waitFor();
  await page.close();
});

await t.test('the page fits a desk and a phone, and says nothing wrong', async (t) => {
  await product.client.call('kv.set', { bot: 'assistant', key: 'k'.repeat(100), value: 'v'.repeat(500) });
  await product.client.call('storage.write', { bot: 'assistant', name: `${'n'.repeat(100)}.md`, text: 'x' });
  const page = await openFiles();
  await page.getByText('k'.repeat(100)).waitFor();
  await page.getByText(`${'n'.repeat(100)}.md`).waitFor();
  for (const width of [1280, 390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const inside = page.getByRole('group', { name: 'Files', exact: true });
    await until(`${width} pixels`, () => inside.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth));
    t.ok(
      await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
      `${width}`,
    );
  }
  t.strictSame(wrong, []);
  await page.close();
});
