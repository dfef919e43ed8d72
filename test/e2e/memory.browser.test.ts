import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { git } from '../support/git-client.ts';
import { letBrowserIn } from '../support/owner.ts';
import { until, type Product } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';

t.setTimeout(240_000);

const files = { 'settings.yaml': 'plugins:\n  memory: { quietMinutes: 60 }\n' };

/** Pictures for whoever wants to look: `BOTERNITY_PICTURES=/tmp/mempage-`. */
const pictures = process.env['BOTERNITY_PICTURES'];

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: `${pictures}${name}-${width}-${colorScheme}.png` });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
}

function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}

async function fitsSideways(t: Test, page: Page, label: string): Promise<void> {
  for (const width of [1280, 390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(undefined)))),
    );
    const surplus = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    const inside = await page
      .getByRole('group', { name: label, exact: true })
      .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    t.strictSame([surplus, inside], [0, 0], `${label}: ${width} pixels`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** The lines of the list: what each says, and what stands below it. */
function linesOf(page: Page): Locator {
  return page.locator('bn-memory-list a.line');
}

/** Waits until the list shows these, in this order. */
async function shows(page: Page, texts: readonly string[]): Promise<void> {
  await until(`the list ${texts.join(' | ')}`, async () => {
    const shown = await linesOf(page).locator('.text').allInnerTexts();
    return JSON.stringify(shown) === JSON.stringify(texts);
  });
}

async function fileOf(product: Product, memory: { readonly path: string }): Promise<Record<string, unknown>> {
  const text = await product.files.read(`bots/assistant/${memory.path}`);
  return JSON.parse(text ?? 'null') as Record<string, unknown>;
}

await t.test('MEMO-05, WEBU-07: what a bot remembers, on the page', async (t) => {
  await using talking = await startTalking({ files });
  const { product } = talking;
  const { client } = product;
  await client.call('bots.create', { name: 'Grace' });
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const page = await browser.context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(product.url);
  await page.getByRole('link', { name: 'Memory' }).click();
  const text = page.getByLabel('What to remember');

  await t.test('nothing at first; what is told to it is a file, and the first in the list', async (t) => {
    await page.getByText('remembers nothing yet').waitFor();
    t.equal(new URL(page.url()).pathname, '/memory/assistant', 'a bot is chosen');
    await picture(page, 'empty');
    await page.getByRole('button', { name: 'Tell it something' }).click();
    await until('the field has the focus', () => text.evaluate((field) => field.matches(':focus')));
    await page.keyboard.press('Escape');
    await text.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'New memory' }).click();
    await text.fill('Anna is allergic to peanuts');
    await page.locator('bn-memory-form select[name=importance]').last().selectOption('4');
    await picture(page, 'new');
    await text.press('Control+Enter');
    await shows(page, ['Anna is allergic to peanuts']);
    const { memories } = await client.call('memories.list', { bot: 'assistant' });
    t.match(memories, [{ origin: 'owner', category: 'fact', importance: 4, kind: 'fact' }]);
    t.match(memories[0] && (await fileOf(product, memories[0])), {
      text: 'Anna is allergic to peanuts',
      importance: 4,
    });
    await page.getByRole('button', { name: 'New memory' }).click();
    t.equal(await text.inputValue(), '', 'the next begins empty');
    await text.fill('Answers shall be in German');
    await page.locator('bn-memory-form select[name=category]').last().selectOption('preference');
    await page.getByRole('button', { name: 'Remember' }).click();
    await shows(page, ['Answers shall be in German', 'Anna is allergic to peanuts']);
  });

  await t.test('a search as one types: best first, with scores; filters; what replaced what', async (t) => {
    const old = await client.call('memories.create', {
      bot: 'assistant',
      text: 'Peter lives in Bern with his dog and a very old cat that sleeps all day',
    });
    await client.call('memories.create', {
      bot: 'assistant',
      text: 'Peter lives in Basel',
      importance: 5,
      supersedes: [old.id],
    });
    await client.call('memories.create', {
      bot: 'assistant',
      text: 'The book about Basel lies under the red chair beside the window of the guest room upstairs',
      category: 'context',
      importance: 2,
    });
    await until('what came elsewhere is shown', async () => (await linesOf(page).count()) === 4);
    await picture(page, 'list');
    const search = page.getByRole('searchbox', { name: 'Search what it remembers' });
    await search.pressSequentially('Peter lives in Basel');
    await until('the best is first', async () =>
      (await linesOf(page).first().innerText()).startsWith('Peter lives in Basel'),
    );
    await page.getByText(/^\d found, best first$/).waitFor();
    const scores = (await page.locator('.score').allInnerTexts()).map((each) => Number(/[\d.]+$/.exec(each)?.[0]));
    const { memories: found } = await client.call('memories.search', {
      bot: 'assistant',
      text: 'Peter lives in Basel',
      limit: 50,
    });
    t.strictSame(
      scores,
      found.map(({ score }) => Number(score.toFixed(2))),
      'the scores of the server',
    );
    t.ok(scores.length >= 2 && (scores[0] ?? 0) > (scores[1] ?? 1));
    for (const [at, score] of scores.entries())
      t.match(
        await page.locator('.score').nth(at).getAttribute('class'),
        score >= 0.7 ? /well/ : score >= 0.4 ? /somewhat/ : /little/,
        `the colour of ${score}`,
      );
    await picture(page, 'search');
    await fitsSideways(t, page, 'Memory');
    await page.getByLabel('Filter by category').selectOption('context');
    await until('the filter counts for the search too', async () => (await linesOf(page).count()) === 1);
    t.match(await linesOf(page).first().innerText(), 'The book about Basel');
    await page.reload();
    await until('the address holds it all', async () => (await linesOf(page).count()) === 1);
    t.equal(await search.inputValue(), 'Peter lives in Basel');
    await search.fill('zebra');
    await page.getByText('Nothing that it remembers fits.').waitFor();
    await page.getByRole('link', { name: 'Show everything' }).click();
    await until('all of it', async () => (await linesOf(page).count()) === 4);
    t.equal(await search.inputValue(), '');

    await page.getByLabel('Filter by importance').selectOption('4');
    await shows(page, ['Peter lives in Basel', 'Anna is allergic to peanuts']);
    await page.getByLabel('Filter by importance').selectOption('');
    await page.getByLabel('Filter by kind').selectOption('note');
    await page.getByText('Nothing that it remembers fits.').waitFor();
    await page.getByLabel('Filter by kind').selectOption('');
    await page.getByLabel('Replaced ones too').check();
    await until('the replaced one too', async () => (await linesOf(page).count()) === 5);
    t.match(await linesOf(page).filter({ hasText: 'Bern' }).innerText(), 'Replaced');
    await page.getByRole('combobox', { name: 'Bot' }).selectOption('grace');
    await page.getByText('Grace remembers nothing yet').waitFor();
    await page.goBack();
    await until('back with the filter', async () => (await linesOf(page).count()) === 5);
    t.strictSame(complaints, []);
  });

  await t.test('one is opened, by keys, and edited: file, history and a second tab say so', async (t) => {
    const other = await browser.context.newPage();
    await other.goto(`${product.url}/memory/assistant`);
    await shows(other, [
      'The book about Basel lies under the red chair beside the window of the guest room upstairs',
      'Peter lives in Basel',
      'Answers shall be in German',
      'Anna is allergic to peanuts',
    ]);
    const line = linesOf(page).filter({ hasText: 'Anna' });
    await line.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Why Assistant knows this' }).waitFor();
    await page.getByText('A person said so').waitFor();
    await page.getByText('Remember: Anna is allergic').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    await until('the field has the focus', () => text.last().evaluate((field) => field.matches(':focus')));
    await page.keyboard.press('Escape');
    await until('and the button again', () =>
      page.getByRole('button', { name: 'Edit' }).evaluate((button) => button.matches(':focus')),
    );
    await page.keyboard.press('Enter');
    await text.last().fill('Anna is allergic to peanuts and to cats');
    await page.locator('bn-memory-form select[name=category]').last().selectOption('correction');
    await picture(page, 'edit');
    await fitsSideways(t, page, 'A memory');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Edit a memory: Anna is allergic to peanuts and to cats').waitFor();
    const id = page.url().split('/').at(-1) ?? '';
    const memory = await client.call('memories.show', { bot: 'assistant', memory: id });
    t.match(await fileOf(product, memory), {
      text: 'Anna is allergic to peanuts and to cats',
      category: 'correction',
      importance: 4,
    });
    const { stdout } = await git(path.join(product.home, 'bots/assistant/memory'), ['log', '--format=%an: %s']);
    t.match(stdout, /^Ada Lovelace: Edit a memory: Anna/m, 'in the name of who did it');
    await until('the other tab has it', async () =>
      (await linesOf(other).last().innerText()).startsWith('Anna is allergic to peanuts and to cats'),
    );

    await linesOf(other).last().click();
    await other.getByRole('button', { name: 'Edit' }).click();
    await client.call('memories.edit', { bot: 'assistant', memory: id, text: 'Anna is allergic to cats' });
    await other.getByText('It was changed elsewhere meanwhile').waitFor();
    await other.locator('bn-memory-form select[name=importance]').last().selectOption('5');
    await other.getByRole('button', { name: 'Save' }).click();
    await other.getByText('5 of 5, always at hand').waitFor();
    t.match(
      await fileOf(product, memory),
      { text: 'Anna is allergic to cats', importance: 5 },
      'only what was changed here is changed',
    );
    await until('the first tab too', async () =>
      page.locator('bn-memory-page .words').getByText('Anna is allergic to cats', { exact: true }).isVisible(),
    );
    await other.close();
    await picture(page, 'memory');
    t.strictSame(complaints, []);
  });

  await t.test('it is forgotten after a question, and what went with it is shown', async (t) => {
    await page.getByRole('link', { name: 'What Assistant remembers' }).click();
    await linesOf(page).filter({ hasText: 'Peter lives in Basel' }).click();
    await page.getByRole('heading', { name: 'It took the place of' }).waitFor();
    await page.getByRole('link', { name: /Peter lives in Bern/ }).click();
    await page.getByText('Something newer took its place').waitFor();
    await picture(page, 'replaced');
    await page.getByRole('link', { name: 'See what replaced it' }).click();
    await page.getByRole('button', { name: 'Forget' }).click();
    await picture(page, 'forget');
    await page.getByRole('button', { name: 'Keep it' }).click();
    t.match(await client.call('memories.list', { bot: 'assistant' }), { total: 4, left_out: 1 }, 'nothing is gone yet');
    await page.getByRole('button', { name: 'Forget' }).click();
    await page.getByRole('button', { name: 'Forget it' }).click();
    await page.getByRole('heading', { name: 'Forgotten: 2 memories' }).waitFor();
    t.match(await page.locator('bn-memory-page .text').allInnerTexts(), [/in Basel/, /in Bern/]);
    t.match(await client.call('memories.list', { bot: 'assistant', superseded: true }), { total: 3 });
    await picture(page, 'forgotten');
    await fitsSideways(t, page, 'A memory');
    const gone = page.url();
    await page.locator('bn-memory-page .primary').click();
    await until('the list is without them', async () => (await linesOf(page).count()) === 3);
    t.strictSame(complaints, []);
    await page.goto(gone);
    await page.getByText('Assistant does not remember this any more.').waitFor();
    await page.goto(`${product.url}/memory/nobody`);
    await page.getByRole('alert').filter({ hasText: 'List the bots with: bnity list' }).waitFor();
    complaints.splice(0);
  });

  await t.test('more than a page of them: older ones are a button away', async (t) => {
    for (let at = 1; at <= 60; at += 1)
      await client.call('memories.create', { bot: 'grace', text: `Chapter ${at} is read` });
    await page.goto(`${product.url}/memory/grace`);
    await page.getByText('50 shown, newest first, of 60 in all').waitFor();
    await page.getByRole('button', { name: 'Show older ones' }).click();
    await page.getByText('60 memories, newest first').waitFor();
    t.match(await linesOf(page).last().innerText(), 'Chapter 1 is read');
    t.equal(await page.getByRole('button', { name: 'Show older ones' }).count(), 0);
    await client.call('memories.create', { bot: 'grace', text: 'Chapter 61 is read' });
    await page.getByText('61 memories, newest first').waitFor();
    t.equal(await linesOf(page).count(), 61, 'what was shown stays');
  });
});

await t.test('why do you know that: from an answer to the memory, from there to what was said, and back', async (t) => {
  await using talking = await startTalking({ files });
  const { product, mock } = talking;
  const { client } = product;
  mock.scriptNotes(JSON.stringify({ facts: [{ text: 'Rosa keeps bees on the roof', importance: 3, turn: 1 }] }));
  const first = await begin(product);
  await say(product, first, 'I am Rosa and I keep bees on the roof of the school.');
  await client.call('conversations.archive', { conversation: first });
  await until('it is noted', async () => (await client.call('memories.list', { bot: 'assistant' })).total === 1);
  const vital = await client.call('memories.create', {
    bot: 'assistant',
    text: 'Rosa wants short answers',
    category: 'preference',
    importance: 5,
  });
  const second = await begin(product);
  mock.script('On the roof.');
  const { answer } = await say(product, second, 'Where does Rosa keep bees?');
  t.equal(answer.run?.memories, 2);
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const page = await browser.context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(`${product.url}/conversations/${second}`);
  await page.locator('bn-answer').getByRole('link', { name: 'from memory (2)' }).waitFor();
  await picture(page, 'answer');
  await page.locator('bn-answer').getByRole('link', { name: 'from memory (2)' }).click();
  await page.getByRole('heading', { name: 'From memory (2)' }).waitFor();
  await page.locator('bn-run-recalled').getByText('Rosa wants short answers').waitFor();
  await picture(page, 'run');
  await fitsSideways(t, page, 'How an answer came about');
  await page
    .locator('bn-run-recalled')
    .getByRole('link', { name: /Rosa keeps bees/ })
    .click();
  const why = page.locator('bn-memory-source');
  await why.getByText('I am Rosa and I keep bees on the roof of the school.').waitFor();
  t.match(await why.locator('p').first().innerText(), /^The bot noted it itself in/);
  await picture(page, 'why');
  await fitsSideways(t, page, 'A memory');
  await why.getByRole('link').click();
  await page.locator('bn-transcript').getByText('I am Rosa and I keep bees').first().waitFor();
  const { pathname, searchParams } = new URL(page.url());
  t.equal(pathname, `/conversations/${first}`);
  t.ok(searchParams.get('message'), 'at the very message');
  t.strictSame(complaints, []);
  await client.call('memories.delete', { bot: 'assistant', memory: vital.id });
  await client.call('conversations.delete', { conversation: first });
  await page.goto(`${product.url}/conversations/${second}/runs/${answer.id}`);
  await page.getByText('A memory that was forgotten since.').waitFor();
  await page.locator('bn-run-recalled').getByRole('link').click();
  await why.getByText('in a conversation that is deleted by now').waitFor();

  const { token } = await client.call('tokens.create', { name: 'reader', scopes: ['server:read', 'bots:read'] });
  await using blind = await launchBrowser();
  await blind.context.setExtraHTTPHeaders({ authorization: `Bearer ${token}` });
  const stranger = await blind.context.newPage();
  await stranger.goto(product.url);
  await stranger.getByRole('link', { name: 'All bots' }).waitFor();
  t.equal(await stranger.getByRole('link', { name: 'Memory' }).count(), 0, 'who may not read it is offered no page');
});
