import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import type { Test } from 'tap';
import { launchBrowser } from './browser.ts';
import { letBrowserIn, signInOwner } from './owner.ts';
import { until, type Product } from './product.ts';

export const desk = { width: 1440, height: 900 };
export const tablet = { width: 834, height: 1112 };
export const phone = { width: 390, height: 844 };
export const smallPhone = { width: 320, height: 568 };

/** Pictures for whoever wants to look: `BOTERNITY_PICTURES=folder`. */
const pictures = process.env['BOTERNITY_PICTURES'];

const owned = new WeakSet<Product>();

/** A signed-in page of a product. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** What the browser complained about: errors, refused policies, failed requests. */
  readonly complaints: string[];
}

export async function visit(product: Product, size: { width: number; height: number }): Promise<Visit> {
  const browser = await launchBrowser(size);
  if (owned.has(product)) {
    const [name = '', value = ''] = (await signInOwner(product)).cookie.split('=');
    await browser.context.addCookies([{ name, value, url: product.url, httpOnly: true, sameSite: 'Strict' }]);
  } else await letBrowserIn(product, browser.context);
  owned.add(product);
  const page = await browser.context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  return { page, complaints, [Symbol.asyncDispose]: () => browser[Symbol.asyncDispose]() };
}

/** The page in both themes, for whoever wants to look. */
export async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  await mkdir(pictures, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: path.join(pictures, `shell-${name.replaceAll(' ', '-')}-${colorScheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

export async function fitsSideways(t: Test, page: Page): Promise<void> {
  const surplus = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  t.ok(surplus <= 0, 'nothing sticks out sideways');
}

export const composer = (page: Page): Locator => page.getByRole('textbox', { name: /^Message/ });
export const heading = (page: Page, name: string): Locator => page.getByRole('heading', { name, level: 1 });

/** A conversation with a title, made behind the page's back. */
export async function talk(product: Product, title: string): Promise<string> {
  const { id } = await product.client.call('conversations.create', { bot: 'assistant' });
  await product.client.call('messages.send', { conversation: id, text: `About ${title}` });
  await until('the answer', async () => {
    const { state } = await product.client.call('conversations.show', { conversation: id });
    return state === 'idle';
  });
  await product.client.call('conversations.rename', { conversation: id, title });
  return id;
}
