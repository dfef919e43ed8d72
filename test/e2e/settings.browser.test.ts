import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import t from 'tap';
import { parseYaml } from '../../core/files/yaml.ts';
import { launchBrowser } from '../support/browser.ts';
import { ada, letBrowserIn, signInOwner } from '../support/owner.ts';
import { startService } from '../support/model-service.ts';
import { startProduct, until, type Product } from '../support/product.ts';

t.setTimeout(400_000);

const pages = {
  'settings/profile': 'Profile',
  'settings/sessions': 'Sessions',
  'settings/tokens': 'API tokens',
  'settings/notifications': 'Notifications',
  'settings/appearance': 'Appearance',
  'system/settings/providers': 'Providers',
  'system/settings/secrets': 'Secrets',
  'system/settings/defaults': 'Defaults',
  'system/settings/bots': 'Bots',
  'system/settings/plugins': 'Plugins',
  'system/settings/backup': 'Home and backup',
  'system/settings/about': 'About',
};

/** Pictures for whoever wants to look: `BOTERNITY_PICTURES=folder`. */
const pictures = process.env['BOTERNITY_PICTURES'];

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: path.join(pictures, `settings-${name}-${colorScheme}.png`) });
  }
}

/** A page that tells what it complained about; that a request was refused is told aloud by the browser, and meant where a test says so. */
async function open(context: BrowserContext, refused = /^$/): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !refused.test(message.text())) complaints.push(message.text());
  });
  return { page, complaints };
}

const REFUSED = /status of 4(?:22|09)/;

await using product = await startProduct({
  files: {
    'settings.yaml': '# mine\nfallback: [demo] # always\n',
    'providers.yaml':
      '# all of them\nproviders:\n  cellar: # below\n    type: openai-compatible\n    address: http://127.0.0.1:9/v1\n    models: [old]\n',
  },
});

await t.test(
  'every page of the settings loads without a complaint and fits a desk, a tablet and a phone',
  async (t) => {
    let isFirst = true;
    for (const [width, height] of [
      [1440, 900],
      [834, 1112],
      [390, 844],
    ] as const) {
      await using browser = await launchBrowser({ width, height });
      if (isFirst) await letBrowserIn(product, browser.context);
      else await carryCookie(product, browser.context);
      isFirst = false;
      const { page, complaints } = await open(browser.context);
      for (const [place, title] of Object.entries(pages)) {
        await page.goto(`${product.url}/${place}`);
        await page.getByRole('heading', { name: title, level: 1 }).waitFor();
        await page.getByText('One moment …').waitFor({ state: 'detached' });
        const surplus = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        t.equal(surplus, 0, `${place} at ${width}: nothing sticks out sideways`);
        await picture(page, `${place.split('/').at(-1) ?? ''}-${width}`);
      }
      t.same(complaints, [], `at ${width}`);
    }
  },
);

await using browser = await launchBrowser();
await carryCookie(product, browser.context);

await t.test(
  'profile: e-mail and password change with the current password; a wrong one is said in its form',
  async (t) => {
    const { page, complaints } = await open(browser.context, REFUSED);
    await page.goto(`${product.url}/settings/profile`);
    await page.getByLabel('Name', { exact: true }).fill('Ada King');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    t.match(await product.files.read('.boternity/accounts.json'), 'Ada King');

    await page.getByLabel('E-mail').fill('king@example.com');
    const current = page.locator('#who-current');
    await current.fill('not my password');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The current password is wrong.').waitFor();
    t.equal(await page.getByLabel('E-mail').inputValue(), 'king@example.com', 'what was written stays');
    await current.fill(ada.password);
    await page.getByRole('button', { name: 'Save' }).click();
    await current.waitFor({ state: 'detached' });
    t.match(await product.files.read('.boternity/accounts.json'), 'king@example.com');

    await page.locator('#current').fill('wrong wrong wrong');
    await page.locator('#password').fill('another long password');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('The current password is wrong.').waitFor();
    await page.locator('#current').fill(ada.password);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('The new password holds.').waitFor();
    const back = { email: 'king@example.com', password: 'another long password', name: 'Ada King' };
    t.ok((await signInOwner(product, back)).cookie, 'and it lets in');
    // A page whose session ends would complain.
    await page.close();
    await product.client.call('accounts.update', { name: ada.name, email: ada.email });
    await product.client.call('password.set', { password: ada.password });
    await carryCookie(product, browser.context);
    t.same(complaints, []);
  },
);

await t.test(
  'sessions: one is signed out, then all others; appearance: theme and language count at once and after a reload',
  async (t) => {
    const { page, complaints } = await open(browser.context);
    await signInOwner(product);
    await signInOwner(product);
    await page.goto(`${product.url}/settings/sessions`);
    await page
      .getByRole('button', { name: /^Sign out node/ })
      .first()
      .waitFor();
    const count = async (): Promise<number> => (await product.client.call('sessions.list', {})).sessions.length;
    const before = await count();
    await page
      .getByRole('button', { name: /^Sign out node/ })
      .first()
      .click();
    await page.getByText('Signed out there.').waitFor();
    t.equal(await count(), before - 1);
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await page.getByText('Only this session is left.').waitFor();
    t.equal(await count(), 1);

    await page.goto(`${product.url}/settings/appearance`);
    const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.getByText('Light', { exact: true }).click();
    const light = await ground();
    await page.getByText('Dark', { exact: true }).click();
    t.not(await ground(), light);
    await page.reload();
    await page.getByRole('radio', { name: 'Dark' }).waitFor();
    t.equal(await page.getByRole('radio', { name: 'Dark' }).isChecked(), true);
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
    await until('German', () => page.evaluate(() => document.documentElement.lang === 'de'));
    await page.reload();
    await until('still German', () => page.evaluate(() => document.documentElement.lang === 'de'));
    await page.evaluate(() => localStorage.clear());
    t.same(complaints, []);
    await page.close();
  },
);

await t.test(
  'providers: add with a key, wrong address and headers beside their fields with the input kept, test, fetch models, turn off, remove',
  async (t) => {
    await using service = await startService(({ path: asked }) =>
      asked.endsWith('/models')
        ? { json: { data: [{ id: 'small' }, { id: 'large' }] } }
        : { frames: ['data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n', 'data: [DONE]\n\n'] },
    );
    const { page, complaints } = await open(browser.context, REFUSED);
    await page.goto(`${product.url}/system/settings/providers`);
    await page.getByText('cellar').first().waitFor();
    await page.getByRole('button', { name: 'Add provider' }).click();
    const form = page.locator('bn-provider-form');
    await form.getByLabel('Kind').selectOption('OpenAI-compatible');
    await form.getByLabel('Name', { exact: true }).fill('attic');
    await form.getByLabel('Key', { exact: true }).fill('sk-attic-0123456789');
    await form.getByLabel(/^Address/).fill('no address');
    await form.getByRole('button', { name: 'Add to Models' }).click();
    await page.keyboard.type('small');
    await form.getByText('More settings').click();
    await form.getByLabel('Headers').fill('{"x-team": ');
    await form.getByText('This is no JSON').waitFor();
    await form.getByRole('button', { name: 'Add provider' }).click();
    t.notMatch(await product.files.read('providers.yaml'), 'attic', 'headers that are no JSON go nowhere');
    await form.getByLabel('Headers').fill('{"authorization": "x"}');
    await form.getByRole('button', { name: 'Add provider' }).click();
    await form.getByText(/keys stand in the vault/).waitFor();
    t.match(
      await form.getByLabel(/^Address/).getAttribute('aria-invalid'),
      'true',
      'and the address is wrong beside it',
    );
    t.equal(await form.getByLabel('Name', { exact: true }).inputValue(), 'attic', 'what was written stays');
    t.equal(await form.getByLabel('Headers').inputValue(), '{"authorization": "x"}');
    await picture(page, 'provider-refused');
    await form.getByLabel('Headers').fill('{"x-team": "research"}');
    await form.getByLabel(/^Address/).fill(`${service.url}/v1`);
    await form.getByRole('button', { name: 'Add provider' }).click();
    await page.getByText('attic is saved.').waitFor();
    const written = (await product.files.read('providers.yaml')) ?? '';
    t.match(parseYaml(written), {
      providers: { attic: { address: `${service.url}/v1`, key: 'ATTIC_API_KEY', headers: { 'x-team': 'research' } } },
    });
    t.match(written, '# below', 'comments stay');
    t.notMatch(written, 'sk-attic');

    await page.getByRole('button', { name: 'Test attic' }).click();
    await page.getByText('attic takes it').waitFor();
    t.match(service.asked.at(-1)?.headers, { authorization: 'Bearer sk-attic-0123456789', 'x-team': 'research' });
    await page.getByRole('button', { name: 'Test cellar' }).click();
    await page.locator('bn-notice[tone=danger]').waitFor();
    await page.getByRole('button', { name: 'Models of attic' }).click();
    await page.getByLabel(/^large/).check();
    await page.getByRole('button', { name: 'Offer the chosen ones' }).click();
    await until('the model', async () => ((await product.files.read('providers.yaml')) ?? '').includes('large'));

    await page.getByRole('button', { name: 'More for attic' }).click();
    await page.getByRole('menuitem', { name: 'Turn off' }).click();
    await until('off', async () => ((await product.files.read('providers.yaml')) ?? '').includes('disabled: true'));
    await page.locator('.disabled', { hasText: 'off' }).waitFor();
    await page.getByRole('button', { name: 'More for attic' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove attic' }).click();
    await page.getByText('attic is removed.').waitFor();
    t.notMatch(await product.files.read('providers.yaml'), 'attic');
    t.same(complaints, []);
    await page.close();
  },
);

await t.test('secrets: set, set anew, delete; no value is ever on the page', async (t) => {
  const { page, complaints } = await open(browser.context, REFUSED);
  await page.goto(`${product.url}/system/settings/secrets`);
  await page.getByRole('button', { name: 'New secret' }).click();
  await page.getByLabel('Name', { exact: true }).fill('weather');
  await page.getByLabel('Value').fill('rain-and-shine-first-0001');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('write a name of capitals').waitFor();
  t.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'weather', 'what was written stays');
  await page.getByLabel('Name', { exact: true }).fill('WEATHER_KEY');
  await page.getByRole('combobox', { name: 'Counts for' }).selectOption('assistant');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('WEATHER_KEY is kept.').waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('****0001').waitFor();
  await page.getByText('only for assistant').waitFor();
  const first = await product.files.read('.boternity/vault.json');
  await page.getByRole('button', { name: 'Set anew: WEATHER_KEY' }).click();
  await page.getByLabel('New value of WEATHER_KEY').fill('rain-and-shine-second-0002');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('****0002').waitFor();
  t.not(await product.files.read('.boternity/vault.json'), first);
  t.notMatch(await textOf(page), 'rain-and-shine');
  await page.getByRole('button', { name: 'Make a new key' }).click();
  await page.getByRole('button', { name: 'Make a new key now' }).click();
  await page.getByText('All secrets are encrypted under a new key.').waitFor();
  await page.getByRole('button', { name: 'Delete WEATHER_KEY' }).click();
  await page.getByRole('button', { name: 'Delete WEATHER_KEY' }).last().click();
  await page.getByText('WEATHER_KEY is deleted.').waitFor();
  const { secrets } = await product.client.call('secrets.list', {});
  t.notOk(secrets.some(({ name }) => name === 'WEATHER_KEY'));
  t.same(complaints, []);
  await page.close();
});

await t.test(
  'defaults: it says which file sets what; a change keeps the comments, what is taken out falls back',
  async (t) => {
    const { page, complaints } = await open(browser.context, REFUSED);
    await page.goto(`${product.url}/system/settings/defaults`);
    await page.getByText('Set in settings.yaml').waitFor();
    await page.getByText('Set where the server was started: 0').waitFor({ state: 'attached' });
    await page.getByLabel('Template').fill('coder');
    await page.getByLabel('Dollars').fill('many');
    await page.getByText('Write a number.').waitFor();
    await page.getByLabel('Dollars').fill('2.5');
    await page.getByRole('button', { name: 'Add to Fallback' }).click();
    await page.keyboard.type('cellar/old');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved in settings.yaml.').waitFor();
    const text = (await product.files.read('settings.yaml')) ?? '';
    t.match(parseYaml(text), { template: 'coder', limit: { dollars: 2.5 }, fallback: ['demo', 'cellar/old'] });
    t.match(text, '# mine');
    await page.getByRole('button', { name: 'Take out template' }).click();
    await page.getByText('The default counts again.').waitFor();
    t.notMatch(await product.files.read('settings.yaml'), 'template');
    await page.getByLabel('Dollars').fill('-1');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('[aria-invalid=true]').waitFor();
    t.equal(await page.getByLabel('Dollars').inputValue(), '-1', 'what was written stays');
    t.same(complaints, []);
    await page.close();
  },
);

await t.test(
  'plugins: state and boot time, settings with what is wrong beside the field, off and on; bots: search, stop, start',
  async (t) => {
    const { page, complaints } = await open(browser.context, REFUSED);
    await page.goto(`${product.url}/system/settings/plugins`);
    await page.getByLabel('Search plugins').fill('demo');
    await page
      .getByText(/started in .* · \d+ effects?/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Settings of demo' }).click();
    await page.getByLabel('Delay ms').fill('5');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The settings of demo count now.').waitFor();
    t.match(parseYaml((await product.files.read('settings.yaml')) ?? ''), { plugins: { demo: { delayMs: 5 } } });
    await page.getByLabel('Search plugins').fill('tapes');
    await page.getByRole('button', { name: 'Turn off tapes' }).click();
    await page.getByRole('button', { name: 'Turn off tapes' }).last().click();
    await page.getByRole('button', { name: 'Turn on tapes' }).waitFor();
    t.match(parseYaml((await product.files.read('settings.yaml')) ?? ''), { plugins: { tapes: false } });
    await page.getByRole('button', { name: 'Turn on tapes' }).click();
    await page.getByRole('button', { name: 'Turn off tapes' }).waitFor();
    await page.getByLabel('Search plugins').fill('sign-in');
    await page.getByText('always on').waitFor();

    await page.goto(`${product.url}/system/settings/bots`);
    await page.getByLabel('Search bots').fill('nobody');
    await page.getByText(/^0 of/).waitFor();
    await page.getByLabel('Search bots').fill('assis');
    await page.getByRole('button', { name: 'Stop Assistant' }).click();
    await page.getByRole('button', { name: 'Start Assistant' }).waitFor();
    t.match(parseYaml((await product.files.read('bots/assistant/bot.yaml')) ?? ''), { status: 'disabled' });
    await page.getByRole('button', { name: 'Start Assistant' }).click();
    await page.getByRole('button', { name: 'Stop Assistant' }).waitFor();
    t.same(complaints, []);
    await page.close();
  },
);

await t.test('backup: make one, fetch it, delete it; about: version, Node, home, licences, findings', async (t) => {
  const { page, complaints } = await open(browser.context);
  await page.goto(`${product.url}/system/settings/backup`);
  await page.getByText(product.home, { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Make a backup' }).click();
  const fetchLink = page.getByRole('link', { name: /^Fetch boternity-/ });
  await fetchLink.waitFor();
  const [name = ''] = await readdir(path.join(product.home, 'backups'));
  t.match(await textOf(page), `bnity restore "${path.join(product.home, 'backups', name)}"`);
  const [download] = await Promise.all([page.waitForEvent('download'), fetchLink.click()]);
  t.equal(download.suggestedFilename(), name);
  await download.delete();
  await page.getByRole('button', { name: `Delete ${name}` }).click();
  await page
    .getByRole('button', { name: `Delete ${name}` })
    .last()
    .click();
  await page.getByText('There is none yet.').waitFor();
  t.same(await readdir(path.join(product.home, 'backups')), []);

  await page.goto(`${product.url}/system/settings/about`);
  await page.getByText('The server is ready.').waitFor();
  const text = await textOf(page);
  for (const fact of [process.versions.node, product.home, 'Boternity: MIT', 'koa']) t.match(text, fact);
  await page.getByRole('button', { name: 'Examine everything' }).click();
  await page.getByText(/Nothing was found|(thing was|things were) found/).waitFor();
  t.same(complaints, []);
  await page.close();
});

async function carryCookie(to: Product, context: BrowserContext): Promise<void> {
  const { cookie } = await signInOwner(to);
  const [name = '', value = ''] = cookie.split('=');
  await context.addCookies([{ name, value, url: to.url, httpOnly: true, sameSite: 'Strict' }]);
}

/** What can be read on the page. Elements keep their text in shadow roots. */
function textOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const read = (node: Node): string => {
      if (node instanceof Text) return node.data;
      if (node instanceof HTMLStyleElement) return '';
      if (node instanceof HTMLSlotElement) return node.assignedNodes({ flatten: true }).map(read).join('');
      const inside = node instanceof Element && node.shadowRoot ? node.shadowRoot : node;
      return [...inside.childNodes].map(read).join('');
    };
    return read(document.body).replaceAll(/\s+/g, ' ');
  });
}
