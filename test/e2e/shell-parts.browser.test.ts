import { readFile } from 'node:fs/promises';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { startKeyService } from '../support/key-service.ts';
import { ada, printedLink } from '../support/owner.ts';
import { desk, heading, phone, picture, talk, visit } from '../support/page-visit.ts';
import { startProduct, until } from '../support/product.ts';
import { showcaseFiles, tryKindFiles } from '../support/showcase-plugin.ts';

t.setTimeout(300_000);

await using product = await startProduct({ files: showcaseFiles });

await t.test('a page of somebody else uses the elements by name, offers commands, and says what it did', async (t) => {
  await using here = await visit(product, desk);
  const { page, complaints } = here;
  await page.goto(`${product.url}/showcase`);
  const said = page.locator('#said');
  const says = (words: string): Promise<unknown> => until(words, async () => (await said.textContent()) === words);

  await page.getByRole('button', { name: 'Deeds' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Paint' }).waitFor();
  await picture(page, 'menu');
  await until('the first item', () =>
    page.getByRole('menuitem', { name: 'Paint' }).evaluate((each) => each.matches(':focus')),
  );
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await says('burned');
  await page.getByRole('tab', { name: 'One' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByText('Second part').waitFor();
  await says('tab two');
  await page.getByRole('switch', { name: 'Power' }).press(' ');
  await says('on');
  await page.getByRole('treeitem', { name: 'a.ts' }).click();
  await says('chose src/a');
  t.equal(await page.getByRole('progressbar', { name: 'Upload' }).getAttribute('aria-valuenow'), '40');
  const split = page.getByRole('separator', { name: 'Resize' });
  await split.focus();
  await page.keyboard.press('ArrowLeft');
  t.equal(Math.round(Number(await split.getAttribute('aria-valuenow'))), 49);
  await page.getByRole('button', { name: 'Count' }).hover();
  await page.locator('wa-tooltip[open]').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Drawer' }).click();
  await page.getByRole('dialog', { name: 'From the side' }).waitFor();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Toast' }).click();
  const status = page.getByRole('status', { name: 'What has happened' });
  await status.getByText('It is done.').waitFor();
  await picture(page, 'toast');
  await status.getByRole('button', { name: 'Undo' }).click();
  await says('undone');
  t.equal(await status.getByText('It is done.').count(), 0);

  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('w');
  await says('waved');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('flag');
  await page.getByRole('option', { name: 'Wave the flag' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Usage' }).click();
  await heading(page, 'Usage').waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('flag');
  await page.getByText('Nothing fits.').waitFor();
  t.same(complaints, []);
});

await t.test('a conversation of the list is renamed, put away and taken back, exported and deleted', async (t) => {
  const id = await talk(product, 'Old name');
  await using here = await visit(product, desk);
  const { page, complaints } = here;
  await page.goto(`${product.url}/conversations/${id}`);
  const list = page.locator('bn-conversation-list');
  const choose = async (title: string, deed: string): Promise<void> => {
    await list.getByRole('link', { name: title }).hover();
    await list.getByRole('button', { name: `More about ${title}` }).click();
    await list.getByRole('menuitem', { name: deed }).click();
  };
  await choose('Old name', 'Rename');
  await page.getByRole('textbox', { name: 'Title' }).fill('New name');
  await page.keyboard.press('Enter');
  await list.getByRole('link', { name: 'New name' }).waitFor();
  t.match(await product.client.call('conversations.show', { conversation: id }), { title: 'New name' });

  const coming = page.waitForEvent('download');
  await choose('New name', 'Export as Markdown');
  const download = await coming;
  t.match(download.suggestedFilename(), /^assistant-.*\.md$/);
  t.match(await readFile(await download.path(), 'utf8'), /^# New name[^]*About Old name/);

  await choose('New name', 'Archive');
  await page.getByText('The conversation is in the archive.').waitFor();
  await until('it is', async () => (await product.client.call('conversations.show', { conversation: id })).archived);
  await page.getByRole('button', { name: 'Undo' }).click();
  await list.getByRole('link', { name: 'New name' }).waitFor();

  await choose('New name', 'Delete');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await choose('New name', 'Delete');
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByText('The conversation is deleted.').waitFor();
  await page.waitForURL(/\/conversations$/);
  await list.getByRole('link', { name: 'New name' }).waitFor({ state: 'detached' });
  await t.rejects(product.client.call('conversations.show', { conversation: id }));
  // The page of a conversation that is deleted while it is open asks for it once more.
  t.same(
    complaints.filter((each) => !each.includes('404')),
    [],
  );
});

await t.test('the setup tries a key: a bad one is told and forgotten, with a good one its model answers', async (t) => {
  await using service = await startKeyService();
  service.takes = ['good-key'];
  service.refusal = 401;
  await using fresh = await startProduct({ files: tryKindFiles(service.url) });
  await using browser = await launchBrowser(phone);
  const page = await browser.context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(await printedLink(fresh));
  await page.getByLabel('Name').fill(ada.name);
  await page.getByLabel('E-mail').fill(ada.email);
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: /A key of mine/ }).check();
  await page.getByRole('combobox', { name: 'Provider' }).selectOption('try');
  await page.locator('input[name=key]').fill('bad-key');
  await page.getByRole('button', { name: 'Test the key and begin' }).click();
  await page.getByText('Try it did not take the key').waitFor();
  await picture(page, 'setup bad key');
  const { secrets } = await fresh.client.call('secrets.list', {});
  t.notOk(
    secrets.some(({ name }) => name === 'TRY_API_KEY'),
    'the bad key is not kept',
  );
  await page.locator('input[name=key]').fill('good-key');
  await page.getByRole('button', { name: 'Test the key and begin' }).click();
  await page.waitForURL(/\/conversations\/[^/]+$/);
  await page.getByText('Good day.').first().waitFor();
  t.match(await fresh.client.call('server.status', {}), { model: { id: 'try-model', provider: 'try' } });
  t.notMatch(await fresh.files.read('providers.yaml'), 'good-key');
});
