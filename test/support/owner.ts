import type { BrowserContext } from 'playwright-core';
import { until, type Product } from './product.ts';

export const ada = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'correct horse battery' };

/** A session of the page, as a browser would carry it. */
export interface PageSession {
  /** `name=secret`, for the header `cookie`. */
  readonly cookie: string;
  /** What a browser sends with a request that changes something. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The setup link that the start of a server without an owner prints. */
export function printedLink(product: Product): Promise<string> {
  const pattern = /http\S+\/#\/setup\?token=[0-9a-f]{64}/;
  return until('the setup link', () => pattern.exec(product.heard.stdout)?.[0]);
}

/** The secret of a fresh setup link. The start makes one too, so its greeting is waited for. */
export async function setupToken(product: Product): Promise<string> {
  await until('the greeting', () => product.heard.stdout.includes('Ctrl+C stops'));
  const { url } = await product.client.call('setup.link', {});
  return new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('token') ?? '';
}

/** Makes the owner's account through a setup link, as the page does. */
export async function setUpOwner(product: Product, account = ada): Promise<PageSession> {
  return sessionOf(product, '/api/v1/setup', { ...account, token: await setupToken(product) });
}

export async function signInOwner(product: Product, account = ada): Promise<PageSession> {
  return sessionOf(product, '/api/v1/sign-in', { email: account.email, password: account.password });
}

/** Makes the owner's account and lets a browser in with it. */
export async function letBrowserIn(product: Product, context: BrowserContext): Promise<void> {
  const { cookie } = await setUpOwner(product);
  const [name = '', value = ''] = cookie.split('=');
  await context.addCookies([{ name, value, url: product.url, httpOnly: true, sameSite: 'Strict' }]);
}

async function sessionOf(product: Product, place: string, body: object): Promise<PageSession> {
  const response = await fetch(new URL(place, product.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';');
  if (!response.ok) throw new Error(`${place} answered ${response.status}: ${await response.text()}`);
  await response.body?.cancel();
  return { cookie, headers: { cookie, origin: product.url, 'content-type': 'application/json' } };
}
