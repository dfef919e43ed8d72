import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import {
  composer,
  desk,
  fitsSideways,
  heading,
  phone,
  picture,
  smallPhone,
  tablet,
  talk,
  visit,
} from '../support/page-visit.ts';
import { startProduct, until } from '../support/product.ts';
import { showcaseFiles } from '../support/showcase-plugin.ts';

t.setTimeout(300_000);

await using product = await startProduct({ files: showcaseFiles });

const palette = (page: Page): Locator => page.getByRole('combobox', { name: 'Go to, or do' });

await t.test('the palette goes everywhere and does everything, by keyboard alone', async (t) => {
  const zebra = await talk(product, 'Zebra crossing');
  await using here = await visit(product, desk);
  const { page, complaints } = here;
  await page.goto(product.url);
  await page.waitForURL(/\/dashboard$/);
  await heading(page, 'Dashboard').waitFor();

  await page.keyboard.press('Control+k');
  await palette(page).waitFor();
  await picture(page, 'palette');
  await page.keyboard.type('usg');
  await page.getByRole('option', { name: 'Usage' }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/usage$/);
  t.equal(await palette(page).isVisible(), false);

  await page.keyboard.press('Meta+k');
  await page.keyboard.type('zebra');
  await page.getByRole('option', { name: 'Zebra crossing · Assistant' }).click();
  await page.waitForURL(new RegExp(`/conversations/${zebra}`));

  await page.keyboard.press('Control+k');
  const searched = page.waitForResponse((response) => response.url().includes('text=assistant'));
  await page.keyboard.type('assistant');
  await searched;
  // The page behind may have options too.
  const options = page.getByRole('listbox').getByRole('option');
  await options.filter({ hasText: 'New chat with Assistant' }).waitFor();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowDown');
  t.equal(await options.first().getAttribute('aria-selected'), 'true', 'round and back');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/agents\/assistant$/);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('theme dark');
  await page.keyboard.press('Enter');
  t.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('qzxqzxq');
  await page.getByText('Nothing fits.').waitFor();
  await page.keyboard.press('Escape');
  t.equal(await palette(page).isVisible(), false, 'Escape closes');
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Control+k');
  t.equal(await palette(page).isVisible(), false, 'and so do the keys that open it');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('Deutsch');
  await page.keyboard.press('Enter');
  await until('the page says so', () => page.evaluate(() => document.documentElement.lang === 'de'));
  await page.evaluate(() => localStorage.removeItem('bn-language'));
  t.same(complaints, []);
});

await t.test('keys go to pages and show what they are; in a field they are letters', async (t) => {
  await using here = await visit(product, desk);
  const { page, complaints } = here;
  await page.goto(`${product.url}/usage`);
  await heading(page, 'Usage').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.waitForURL(/\/agents$/);
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.waitForURL(/\/conversations$/);
  await composer(page).waitFor();
  await composer(page).fill('');
  await composer(page).pressSequentially('g a n ?');
  t.equal(await composer(page).inputValue(), 'g a n ?');
  t.match(page.url(), /\/conversations$/);
  await page.goto(`${product.url}/memory`);
  await heading(page, 'Memory').waitFor();
  await page.keyboard.press('n');
  await page.waitForURL(/\/conversations$/);
  await page.goto(`${product.url}/usage`);
  await heading(page, 'Usage').waitFor();
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await page.getByText('New chat', { exact: true }).waitFor();
  t.ok(await dialog.isVisible());
  await picture(page, 'keys');
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  t.match(page.url(), /\/usage$/, 'keys of the page rest below a dialog');
  await page.keyboard.press('Escape');
  t.equal(await dialog.isVisible(), false);
  t.same(complaints, []);
});

await t.test('a theme is chosen, and holds before the first paint of a reload', async (t) => {
  await using here = await visit(product, desk);
  const { page, complaints } = here;
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.addInitScript(() => {
    addEventListener('DOMContentLoaded', () => {
      const { colorScheme, backgroundColor } = getComputedStyle(document.body);
      Object.assign(globalThis, { first: `${colorScheme} ${backgroundColor}` });
    });
  });
  const first = (): Promise<string> => page.evaluate(() => (globalThis as unknown as { first: string }).first);
  await page.goto(`${product.url}/usage`);
  const asSystem = await first();
  await page.getByRole('button', { name: 'You and this page' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Light' }).click();
  await page.reload();
  const chosen = await first();
  t.match(chosen, /^light /);
  t.not(chosen, asSystem);
  await page.getByRole('button', { name: 'You and this page' }).click();
  t.equal(await page.getByRole('menuitemcheckbox', { name: 'Light' }).getAttribute('aria-checked'), 'true');
  await page.getByRole('menuitemcheckbox', { name: 'As the system' }).click();
  await page.reload();
  t.equal(await first(), asSystem);
  t.same(complaints, []);
});

await t.test('on a desk the panes are moved and folded, and stay so', async (t) => {
  await using here = await visit(product, desk);
  const { page, complaints } = here;
  await page.goto(`${product.url}/showcase`);
  await heading(page, 'Showcase').waitFor();
  const handle = page.getByRole('separator', { name: 'Width of the navigation' });
  const width = (): Promise<number> =>
    page.getByRole('navigation', { name: 'Boternity' }).evaluate((each) => each.clientWidth);
  const before = await width();
  const box = await handle.boundingBox();
  if (!box) throw new Error('no handle');
  await page.mouse.move(box.x + box.width / 2, box.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 60, box.y + 200, { steps: 4 });
  await page.mouse.up();
  t.equal(await width(), before + 60);
  await handle.focus();
  await page.keyboard.press('ArrowLeft');
  t.equal(await width(), before + 44);
  await page.reload();
  await heading(page, 'Showcase').waitFor();
  t.equal(await width(), before + 44, 'kept');
  await handle.dblclick();
  t.equal(await width(), before);

  await page.getByRole('button', { name: 'Inspect' }).click();
  const inspector = page.getByRole('complementary', { name: 'Counted' });
  await inspector.getByText('Count 0').waitFor();
  await page.getByRole('button', { name: 'Count' }).click();
  await inspector.getByText('Count 1').waitFor();
  const wide = await inspector.evaluate((each) => each.clientWidth);
  await page.getByRole('separator', { name: 'Width of the inspector' }).focus();
  await page.keyboard.press('ArrowLeft');
  t.equal(await inspector.evaluate((each) => each.clientWidth), wide + 16, 'towards the page is wider');
  await picture(page, 'three panes');
  await inspector.getByRole('button', { name: 'Close' }).click();
  await page.getByText('closed').waitFor();
  await page.getByRole('button', { name: 'Inspect' }).click();
  await inspector.waitFor();
  await page.getByRole('link', { name: 'Usage' }).click();
  await heading(page, 'Usage').waitFor();
  t.equal(await inspector.count(), 0, 'it goes with the page that opened it');

  await page.getByRole('button', { name: 'Fold the navigation' }).click();
  t.ok((await width()) < 80);
  await page.getByRole('link', { name: 'Bots' }).click();
  await page.waitForURL(/\/agents$/);
  const beside = page.getByRole('navigation', { name: 'Boternity' });
  t.equal(await beside.getByText('Conversations', { exact: true }).count(), 0, 'icons only');
  await picture(page, 'folded');
  await page.reload();
  await page.getByRole('button', { name: 'Unfold the navigation' }).click();
  t.equal(await width(), before);
  t.same(complaints, []);
});

await t.test(
  'on a tablet the navigation is folded and the inspector lies over the page; on a phone both are drawers',
  async (t) => {
    await using here = await visit(product, tablet);
    const { page, complaints } = here;
    await page.goto(`${product.url}/showcase`);
    await page.getByRole('button', { name: 'Unfold the navigation' }).waitFor();
    await page.getByRole('button', { name: 'Inspect' }).click();
    const inspector = page.getByRole('dialog', { name: 'Counted' });
    await inspector.getByText('Count 0').waitFor();
    await picture(page, 'tablet inspector');
    await page.keyboard.press('Escape');
    await page.getByText('closed').waitFor();
    t.equal(await inspector.count(), 0);

    for (const size of [phone, smallPhone]) {
      await page.setViewportSize(size);
      await page.goto(`${product.url}/conversations`);
      await composer(page).waitFor();
      const at = await composer(page).boundingBox();
      t.ok(
        at && at.y + at.height <= size.height && at.x >= 0 && at.x + at.width <= size.width,
        'the composer is in view',
      );
      await fitsSideways(t, page);
      await page.getByRole('button', { name: 'Open navigation' }).click();
      await page.getByRole('dialog', { name: 'Navigation' }).getByRole('link', { name: 'Showcase' }).click();
      await heading(page, 'Showcase').waitFor();
      await fitsSideways(t, page);
      await page.getByRole('button', { name: 'Inspect' }).click();
      await inspector.getByText('Count 0').waitFor();
      await inspector.getByRole('button', { name: 'Close' }).click();
      await picture(page, `phone ${size.width}`);
    }
    t.same(complaints, []);
  },
);

await t.test(
  'settings stand beside their list, on a phone behind it; crumbs and the back button lead out',
  async (t) => {
    await using here = await visit(product, desk);
    const { page, complaints } = here;
    await page.goto(`${product.url}/settings`);
    await page.waitForURL(/\/settings\/.+/);
    await page.goto(`${product.url}/system/settings`);
    await page.waitForURL(/\/system\/settings\/.+/);
    const list = page.getByRole('navigation', { name: 'Settings' });
    await list.getByRole('link', { name: 'Far things' }).click();
    await heading(page, 'The far things').waitFor();
    t.equal(await list.getByRole('link', { name: 'Far things' }).getAttribute('aria-current'), 'page');
    await list.getByRole('link', { name: 'Own things' }).click();
    await heading(page, 'The own things').waitFor();
    t.match(page.url(), /\/settings\/own$/);
    await picture(page, 'settings');
    await page.goBack();
    await heading(page, 'The far things').waitFor();
    await page.reload();
    await heading(page, 'The far things').waitFor();

    await page.setViewportSize(phone);
    await page.goto(`${product.url}/system/settings`);
    await heading(page, 'Settings').waitFor();
    t.match(page.url(), /\/system\/settings$/, 'the list is a page of its own');
    await picture(page, 'settings phone');
    await list.getByRole('link', { name: 'Near things' }).click();
    await heading(page, 'The near things').waitFor();
    t.equal(await list.count(), 0);
    await page.getByRole('navigation', { name: 'The way here' }).getByRole('link', { name: 'Settings' }).click();
    await heading(page, 'Settings').waitFor();
    await list.getByRole('link', { name: 'Own things' }).click();
    await heading(page, 'The own things').waitFor();
    await page.goBack();
    await heading(page, 'Settings').waitFor();
    t.same(complaints, []);
  },
);

await t.test('every place has an address: deep links, the way back, and one that does not exist', async (t) => {
  const id = await talk(product, 'Deep link');
  await using here = await visit(product, desk);
  const { page, complaints } = here;
  await page.goto(`${product.url}/conversations/${id}`);
  await heading(page, 'Deep link').waitFor();
  await page.getByRole('link', { name: 'All bots' }).click();
  await heading(page, 'Bots').waitFor();
  await page.goBack();
  await heading(page, 'Deep link').waitFor();
  await page.goForward();
  await heading(page, 'Bots').waitFor();
  await page.goto(`${product.url}/?bot=assistant`);
  await page.waitForURL(/\/conversations\?bot=assistant$/);
  await heading(page, 'Talk with Assistant').waitFor();
  t.same(complaints, []);
  await page.goto(`${product.url}/no/such/page`);
  await page.getByText('There is no page at /no/such/page.').waitFor();
  await page.getByRole('link', { name: 'Go to the first page' }).click();
  await heading(page, 'Dashboard').waitFor();
});

await t.test('every page is a plugin: without one of them the rest of the application runs', async (t) => {
  await using here = await visit(product, desk);
  const { page } = here;
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  const owners = await panelOwners();
  t.ok(owners.size >= 5, [...owners.keys()].join(' '));
  for (const [plugin, paths] of owners) {
    const before = (await product.files.read('settings.yaml')) ?? '';
    await product.client.call('settings.set', { key: `plugins.${plugin}`, value: false });
    await until(`${plugin} is gone`, async () => !(await panelPaths()).some((each) => paths.includes(each)), 15_000);
    const first = (await panelPaths()).find((each) => !/settings\//.test(each));
    await page.goto(product.url);
    await page.waitForURL((url) => url.pathname === `/${first}`);
    await page.getByRole('navigation', { name: 'Boternity' }).getByRole('link', { name: 'Showcase' }).click();
    await heading(page, 'Showcase').waitFor();
    await page.goto(`${product.url}/${paths[0]}`);
    await page.getByText(`There is no page at /${paths[0]}.`).waitFor();
    // By hand: one of them is the plugin that changes settings.
    await product.files.write('settings.yaml', before);
    await until(`${plugin} is back`, async () => (await panelPaths()).includes(paths[0] ?? ''), 15_000);
  }
  t.same(errors, []);
});

async function panelPaths(): Promise<string[]> {
  const { panels } = (await product.client.read('/panels')) as { panels: { path: string }[] };
  return panels.map((panel) => panel.path);
}

/** The plugins of the product that bring pages, with their paths; without the one that says who may come in. */
async function panelOwners(): Promise<Map<string, string[]>> {
  const { panels } = (await product.client.read('/panels')) as {
    panels: { path: string; module: string; element: string }[];
  };
  const source = await readFile(path.resolve(import.meta.dirname, '../../public/build/manifest.json'), 'utf8').catch(
    () => '{}',
  );
  const built = Object.entries((JSON.parse(source) as { panels?: Record<string, string> }).panels ?? {});
  const owners = new Map<string, string[]>();
  for (const { path: place, module } of panels) {
    const file = built.find(([, address]) => address === module)?.[0] ?? module.replace('/ui/', '');
    const plugin = /^plugins\/([^/]+)/.exec(file)?.[1] ?? '';
    if (plugin === 'showcase' || plugin.startsWith('sign-in')) continue;
    owners.set(plugin, [...(owners.get(plugin) ?? []), place]);
  }
  return owners;
}
