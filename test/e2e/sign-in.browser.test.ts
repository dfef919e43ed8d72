import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { ada, printedLink, setupToken, setUpOwner } from '../support/owner.ts';
import { findingsOf, stillness } from '../support/page-watch.ts';
import { startProduct } from '../support/product.ts';

t.setTimeout(300_000);

const sizes = [
  { name: 'a desk', width: 1280, height: 800 },
  { name: 'a phone', width: 390, height: 844 },
  { name: 'a small phone', width: 320, height: 568 },
];

/** Pictures for whoever wants to look: `BOTERNITY_PICTURES=folder`. */
const pictures = process.env['BOTERNITY_PICTURES'];

/** A page as it is in both themes: axe-core finds nothing on it. */
async function picture(t: Test, page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await stillness(page);
    t.strictSame(await findingsOf(page), [], `${name}, ${colorScheme}: axe-core finds nothing`);
    if (pictures === undefined) continue;
    await mkdir(pictures, { recursive: true });
    await page.screenshot({ path: path.join(pictures, `${name.replaceAll(' ', '-')}-${colorScheme}.png`) });
  }
}

for (const { name, width, height } of sizes) {
  void t.test(`on ${name}: setup link, account, reload, sign out, wrong password, sign in`, async (t) => {
    await using product = await startProduct();
    await using browser = await launchBrowser({ width, height });
    const page = await browser.context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // That nobody is signed in is told by status 401, of which the browser speaks aloud.
      if (message.type() === 'error' && !/status of 40[13]/.test(message.text())) complaints.push(message.text());
    });

    await page.goto(product.url);
    await page.getByRole('heading', { name: 'Welcome to Boternity' }).waitFor();
    t.match(await textOf(page), /stands in the terminal/, 'without the link it says where to find it');
    t.match(await textOf(page), 'bnity setup-link');
    await picture(t, page, `${name} 1 welcome`);

    const link = await printedLink(product);
    const requested: string[] = [];
    page.on('request', (request) => requested.push(`${request.url()} ${request.headers()['referer'] ?? ''}`));
    // Pasted where the page is open: nothing is loaded, and it is heard all the same.
    await page.goto(link);
    await page.getByRole('heading', { name: 'Make yourself at home' }).waitFor();
    t.equal(new URL(page.url()).hash, '', 'the secret leaves the address at once');
    t.notMatch(requested.join('\n'), tokenOf(link), 'and is in no request line and no referrer');
    await picture(t, page, `${name} 2 setup`);
    await fitsSideways(t, page);
    await page.getByLabel('Name').fill(ada.name);
    await page.getByLabel('E-mail').fill(ada.email);
    await page.getByLabel('Password', { exact: true }).fill('too short');
    await page.getByRole('button', { name: 'Make my account' }).click();
    t.equal(await product.files.read('.boternity/accounts.json'), undefined, 'the browser itself asks for more');
    await page.getByLabel('Password', { exact: true }).fill(ada.password);
    await page.getByLabel('Password', { exact: true }).press('Enter');
    await page.getByRole('heading', { name: 'Which model shall answer?' }).waitFor();
    t.match(await product.files.read('.boternity/accounts.json'), ada.email);
    await picture(t, page, `${name} 2b model`);
    await fitsSideways(t, page);
    await page.getByRole('radio', { name: /built-in demo/ }).check();
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.waitForURL(/\/conversations\/[^/]+$/);
    await page.getByText('I am Assistant').first().waitFor();
    await page
      .getByRole('textbox', { name: /message/i })
      .first()
      .waitFor();

    await page.reload();
    await page
      .getByRole('textbox', { name: /message/i })
      .first()
      .waitFor();
    t.equal(await page.evaluate(() => document.cookie), '', 'scripts cannot read the session');
    await picture(t, page, `${name} 3 signed in`);

    await page.goto(`${product.url}/agents`);
    await page.getByRole('heading', { name: 'Bots' }).first().waitFor();
    await signOut(page);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await picture(t, page, `${name} 4 sign in`);
    await fitsSideways(t, page);
    await page.getByLabel('E-mail').fill(ada.email);
    await page.getByLabel('Password', { exact: true }).fill('not my password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    t.match(await textOf(page), 'There is no account with this e-mail and this password.');
    t.match(await textOf(page), 'bnity password', 'and what to do when it is lost');
    await picture(t, page, `${name} 5 wrong password`);
    await page.getByLabel('Password', { exact: true }).fill(ada.password);
    await page.keyboard.press('Enter');
    await page
      .getByRole('textbox', { name: /message/i })
      .first()
      .waitFor();

    await page.goto('about:blank');
    await page.goto(link);
    await page.getByText('This setup link was used already').waitFor();
    t.match(await textOf(page), 'bnity setup-link');
    await picture(t, page, `${name} 6 used link`);
    await page.getByRole('link', { name: 'Go to the first page' }).click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    t.same(complaints, []);
  });
}

void t.test('an expired link says so; a link for an owner who is there sets a new password', async (t) => {
  await using product = await startProduct();
  await using browser = await launchBrowser();
  await setUpOwner(product);
  const token = await setupToken(product);
  const page = await browser.context.newPage();
  await page.goto(`${product.url}/#/setup?token=${token}`);
  await page.getByRole('heading', { name: 'A new password' }).waitFor();
  t.equal(await page.getByLabel('E-mail').inputValue(), ada.email);
  await page.getByLabel('Password', { exact: true }).fill('another long password');
  await page.getByRole('button', { name: 'Set it' }).click();
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  await product.stop();
  const { url } = (await product.cliJson(['setup-link'])) as { url: string };
  const file = JSON.parse((await product.files.read('.boternity/setup.json')) ?? '') as object;
  await product.files.write(
    '.boternity/setup.json',
    JSON.stringify({ ...file, expiresAt: '2026-01-01T00:00:00.000Z' }),
  );
  await product.start();
  await page.goto('about:blank');
  await page.goto(product.url + url.slice(url.indexOf('/#')));
  await page.getByText('This setup link has expired.').waitFor();
});

void t.test(
  'the page of the tokens makes and revokes them; a session that ends leaves its page at the gate',
  async (t) => {
    await using product = await startProduct();
    await using browser = await launchBrowser();
    const { cookie } = await setUpOwner(product);
    const [name = '', value = ''] = cookie.split('=');
    await browser.context.addCookies([{ name, value, url: product.url, httpOnly: true, sameSite: 'Strict' }]);
    const page = await browser.context.newPage();
    await page.goto(`${product.url}/settings/tokens`);
    await page.getByText('There is none yet.').waitFor();
    await picture(t, page, 'access 1');

    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('What it is for').fill('git');
    await page.getByLabel('bots: read').check();
    await page.getByLabel('bots: use').check();
    await page.getByLabel('For which bots').selectOption('assistant');
    await picture(t, page, 'access 2 new token');
    await page.getByRole('button', { name: 'Make it' }).click();
    const shown = await page.locator('bn-create-token .made code').textContent();
    t.match(shown, /^bnity_[0-9a-f]{64}$/);
    await picture(t, page, 'access 3 token');
    const asToken = { authorization: `Bearer ${shown}` };
    t.equal((await product.fetch('/api/v1/bots/assistant', { headers: asToken })).status, 200);
    t.equal((await product.fetch('/api/v1/account', { headers: asToken })).status, 403);
    t.notMatch(await product.files.read('.boternity/tokens.json'), shown ?? '');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('bots:use@assistant').first().waitFor();
    t.notMatch(await textOf(page), shown ?? '', 'it is not shown again');
    await picture(t, page, 'access 4 tokens');
    await page.getByRole('button', { name: 'Revoke git' }).click();
    await page.getByRole('button', { name: 'Revoke for good' }).click();
    await page.getByText('There is none yet.').waitFor();
    t.equal((await product.fetch('/api/v1/bots/assistant', { headers: asToken })).status, 401);

    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('What it is for').fill('late');
    await product.client.call('sessions.revoke_all', {});
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    t.match(await textOf(page), 'Your session has ended.');
    t.notMatch(await textOf(page), 'What programs may do here', 'nothing of the page is left');
  },
);

void t.test('an accounts file that is broken is named at the gate, and the terminal finds the way back', async (t) => {
  await using product = await startProduct({ files: { '.boternity/accounts.json': '{"v":1,' } });
  await using browser = await launchBrowser({ width: 390, height: 844 });
  const page = await browser.context.newPage();
  await page.goto(product.url);
  await page.getByRole('heading', { name: 'Nobody can sign in' }).waitFor();
  t.match(await textOf(page), '.boternity/accounts.json');
  await picture(t, page, 'broken accounts');
  const { url } = (await product.cliJson(['setup-link'])) as { url: string };
  await page.goto('about:blank');
  await page.goto(url);
  await page.getByLabel('Name').fill(ada.name);
  await page.getByLabel('E-mail').fill(ada.email);
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
});

function tokenOf(link: string): string {
  return link.slice(link.indexOf('token=') + 6);
}

async function signOut(page: Page): Promise<void> {
  const menu = page.getByRole('button', { name: 'Open navigation' });
  if (await menu.isVisible()) await menu.click();
  await page.getByRole('button', { name: 'You and this page' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
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

async function fitsSideways(t: Test, page: Page): Promise<void> {
  const surplus = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  t.equal(surplus, 0, 'nothing sticks out sideways');
}
