import { globSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { titleOf, type JsonSchema } from '../../core/ui/elements/form-schema.ts';
import { launchBrowser } from '../support/browser.ts';
import { signInOwner } from '../support/owner.ts';
import { complaintsOf } from '../support/page-watch.ts';
import { startSeeded } from '../support/seeded-home.ts';
import { until } from '../support/product.ts';

t.setTimeout(300_000);

const PATIENCE_MS = 20_000;
const root = path.resolve(import.meta.dirname, '../..');

await using seeded = await startSeeded({ bots: 20, conversations: 30, nodes: 60 });
const { product, conversations } = seeded;
const { panels } = (await product.client.read('/panels')) as { panels: { path: string; title: string }[] };
const words = await germanWords();
/** What nobody may read any more once the page is German. */
const english = new Set(
  [...words].filter(([text, german]) => text !== german && !text.includes('{')).map(([text]) => text),
);
const places = [
  ...panels.map((panel) => panel.path),
  'agents?new',
  'agents/assistant',
  'agents/assistant/files/SOUL.md',
  'agents/assistant/files/IDENTITY.md',
  'agents/assistant/history',
  'agents/assistant/settings',
  'memory/assistant',
  'storage/assistant',
  `conversations/${conversations.branched}`,
  `conversations/${conversations.waiting}`,
  `conversations/${conversations.failed}`,
];

/** What looks like English and is a value of a file, or the name of a plugin. */
const data: Readonly<Record<string, readonly string[]>> = {
  'agents/assistant/settings': ['active', 'archived', 'off', 'low', 'high'],
  'system/settings/plugins': ['conversations'],
};

await t.test(
  'WEBU-01: a browser whose language is German sees German on the first page, and may choose English',
  async (t) => {
    await using browser = await launchBrowser({ width: 1280, height: 800 }, 'de-DE');
    const page = await newPage(browser.context);
    await page.goto(product.url);
    await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
    await page.getByText('Ein Zuhause für Ihre Bots').waitFor();
    t.equal(await page.locator('html').getAttribute('lang'), 'de');
    t.same(await englishOn(page), []);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    t.equal(await page.locator('html').getAttribute('lang'), 'en');
  },
);

await t.test('who reads English loads no words of another language', async (t) => {
  await using browser = await launchBrowser();
  const page = await newPage(browser.context);
  const scripts = scriptsOf(page);
  await page.goto(product.url);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await enter(browser.context);
  for (const place of ['dashboard', 'agents', 'settings/appearance', `conversations/${conversations.branched}`])
    await open(page, place);
  const loaded = await Promise.all(scripts);
  t.ok(loaded.length > 20);
  const german = ['Einstellungen', 'Übersicht', 'Abbrechen'];
  t.notOk(loaded.some((source) => german.some((word) => source.includes(word))));
  const before = scripts.length;
  await page.evaluate(() => localStorage.setItem('bn-language', 'de'));
  await open(page, 'dashboard');
  const more = await Promise.all(scripts.slice(before));
  for (const word of german)
    t.ok(
      more.some((source) => source.includes(word)),
      `${word} comes with German`,
    );
});

await t.test('what schemas say in forms has German words', async (t) => {
  const { client } = product;
  const [{ actions }, { kinds }, { schemas }, { plugins }, settings] = await Promise.all([
    client.call('actions.list', {}),
    client.call('providers.kinds', {}),
    client.call('schemas.list', {}),
    client.call('plugins.settings', {}),
    client.call('settings.schema', {}),
  ]);
  const said = saidBy([
    actions.find(({ name }) => name === 'providers.add')?.input,
    kinds.map(({ options }) => options),
    schemas.filter(({ pattern }) => pattern === 'bot.yaml').map(({ schema }) => schema),
    plugins.map(({ schema }) => schema),
    settings.schema,
  ]);
  const also = kinds.flatMap(({ warning }) => warning ?? []);
  t.ok(said.length > 200);
  t.same([...new Set([...said, ...also].filter((text) => !words.has(text)))], []);
});

await t.test('choosing German changes every page at once, and stays', async (t) => {
  await using browser = await launchBrowser({ width: 1440, height: 900 });
  await enter(browser.context);
  const page = await newPage(browser.context);
  const complaints = complaintsOf(page);
  await open(page, 'settings/appearance');
  await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
  await page.getByRole('heading', { name: 'Darstellung' }).waitFor();
  t.match(await page.title(), /Darstellung · Boternity$/);
  t.equal(await page.locator('html').getAttribute('lang'), 'de');
  await page.reload();
  await page.getByRole('heading', { name: 'Darstellung' }).waitFor();
  const navigation = page.getByRole('navigation', { name: 'Boternity' });
  for (const { path: place, title } of panels.filter((panel) => isInNavigation(panel.path)))
    t.equal(await navigation.getByRole('link', { name: words.get(title) ?? '?', exact: true }).count(), 1, place);
  for (const place of places) {
    await open(page, place);
    const left = (await englishOn(page)).filter((text) => !data[place]?.includes(text));
    t.same(left, [], `/${place} has no English left`);
  }
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').waitFor();
  t.same(await englishOn(page), [], 'nor in the palette');
  t.same(complaints, []);
});

await t.test('the application reads from the right, on a desk and on a phone', async (t) => {
  await using browser = await launchBrowser({ width: 1440, height: 900 });
  await enter(browser.context);
  const page = await newPage(browser.context);
  // No language of the page runs from the right yet: the document is told so before anything is drawn.
  await page.addInitScript(() => {
    new MutationObserver(() => (document.documentElement.dir = 'rtl')).observe(document, { childList: true });
  });
  const surplus = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const desk = { width: 1440, height: 900 };
  const phone = { width: 390, height: 844 };
  for (const place of places) {
    await open(page, place);
    t.ok((await surplus()) <= 0, `/${place}: nothing sticks out sideways`);
    await page.setViewportSize(phone);
    await until('it fits the phone', async () => (await surplus()) <= 0, 2_000).catch(() => undefined);
    t.ok((await surplus()) <= 0, `/${place}: nor on a phone`);
    await page.setViewportSize(desk);
  }
  for (const size of [phone, desk]) {
    await page.setViewportSize(size);
    await open(page, `conversations/${conversations.branched}`);
    const bubble = page.locator('bn-message .message').first();
    const answer = page.locator('bn-answer').first();
    t.ok((await middleOf(bubble)) < size.width / 2, 'what a person says stands on the left');
    t.ok((await edgesOf(answer)).end > size.width / 2, 'and what the bot says on the right');
  }
  await hasPanesTurned(t, page, desk.width);
});

async function hasPanesTurned(t: Test, page: Page, width: number): Promise<void> {
  const navigation = await edgesOf(page.getByRole('navigation', { name: 'Boternity' }));
  t.equal(navigation.end, width, 'the navigation is on the right');
  await page.getByRole('button', { name: 'More about this conversation' }).click();
  await page.getByRole('menuitem', { name: 'How the last answer came about' }).click();
  const inspector = page.getByRole('complementary');
  await inspector.getByRole('heading').first().waitFor();
  t.equal((await edgesOf(inspector)).start, 0, 'the inspector is on the left');
}

/** Settings have a navigation of their own; that of the application lists the bots themselves. */
function isInNavigation(place: string): boolean {
  return !place.includes('/') && place !== 'agents';
}

/** What forms say that are made from schemas: names of fields, and what stands below them. */
function saidBy(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap(saidBy);
  const { properties, default: _, examples: __, ...rest } = schema as JsonSchema & Record<string, unknown>;
  const fields = Object.entries(properties ?? {});
  return [
    ...(rest.description === undefined ? [] : [rest.description]),
    ...fields.map(([name, field]) => titleOf(name, field)),
    ...fields.flatMap(([, field]) => saidBy(field)),
    ...Object.values(rest).flatMap(saidBy),
  ];
}

async function germanWords(): Promise<Map<string, string>> {
  const files = globSync(['core/ui/words-de.ts', 'plugins/*/ui/words-de*.ts'], { cwd: root });
  const all = files.map(async (file) => {
    const module = (await import(pathToFileURL(path.join(root, file)).href)) as { words?: Record<string, string> };
    return Object.entries(module.words ?? {});
  });
  return new Map((await Promise.all(all)).flat());
}

async function newPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

/** The sources that a page loads from now on. Names of files tell nothing: those of a build are digests. */
function scriptsOf(page: Page): Promise<string>[] {
  const scripts: Promise<string>[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(response.text().catch(() => ''));
  });
  return scripts;
}

async function enter(context: BrowserContext): Promise<void> {
  const [name = '', value = ''] = (await signInOwner(product)).cookie.split('=');
  await context.addCookies([{ name, value, url: product.url, httpOnly: true, sameSite: 'Strict' }]);
}

async function open(page: Page, place: string): Promise<void> {
  await page.goto(`${product.url}/${place}`);
  await page.getByRole('main').getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForLoadState('networkidle');
}

/** Texts and names on the page that stand in the source as English and have German words. */
async function englishOn(page: Page): Promise<string[]> {
  const snapshot = await page.locator('body').ariaSnapshot();
  const quoted = Array.from(snapshot.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, name = '']) => name);
  const plain = Array.from(snapshot.matchAll(/: ([^"\n]+)$/gm), ([, text = '']) => text);
  return [...quoted, ...plain].filter((text) => english.has(text));
}

async function edgesOf(place: ReturnType<Page['locator']>): Promise<{ start: number; end: number }> {
  const { x, width } = (await place.boundingBox()) ?? { x: -1, width: 0 };
  return { start: x, end: x + width };
}

async function middleOf(place: ReturnType<Page['locator']>): Promise<number> {
  const { start, end } = await edgesOf(place);
  return (start + end) / 2;
}
