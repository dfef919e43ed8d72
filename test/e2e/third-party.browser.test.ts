import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { letBrowserIn } from '../support/owner.ts';
import { startProduct } from '../support/product.ts';
import { strangerPage, strangerPlugin } from '../support/third-party.ts';

t.setTimeout(200_000);

const stranger = { name: 'tide', word: 'ebb', page: `{ text: ${JSON.stringify(strangerPage('tide'))} }` };

await t.test('on the page a plugin of others is let in, opened, looked at and taken away', async (t) => {
  await using product = await startProduct({ files: { 'plugins/tide.ts': strangerPlugin(stranger) } });
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const page = await browser.context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  const openPlugins = async (): Promise<void> => {
    await page.goto(`${product.url}/system/settings/plugins`);
    await page.getByLabel('Search plugins').fill('tide');
  };

  await openPlugins();
  await page.getByRole('button', { name: 'Turn on tide' }).click();
  await page.getByText('It says nothing of what it uses, so it counts as asking for everything.').waitFor();
  t.equal((await product.fetch('/api/v1/tide/say', { method: 'POST' })).status, 404, 'nothing runs before consent');
  await page.getByRole('button', { name: 'Consent and turn on tide' }).click();
  await page.getByRole('button', { name: 'Turn off tide' }).waitFor();
  await page.getByText('What plugins cost').first().click();
  await page.getByRole('row', { name: /^tide .* unknown$/ }).waitFor();
  await page.getByText('Add, write or check plugins').click();
  await page.getByRole('button', { name: 'Check plugins of the home' }).click();
  await page.getByText('Nothing was found.').waitFor();

  await page.goto(`${product.url}/tide`);
  await page.getByRole('heading', { name: 'Hello from tide' }).waitFor();

  await openPlugins();
  await page.getByRole('button', { name: 'Remove tide' }).click();
  await page.getByRole('button', { name: 'Remove tide' }).last().click();
  await page.getByText('No plugin is called so.').waitFor();
  t.equal(await product.files.read('plugins/tide.ts'), undefined);
  t.same(errors, []);
});
