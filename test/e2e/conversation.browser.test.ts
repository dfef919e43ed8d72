import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import type { ConversationPage } from '../../plugins/conversations/views.ts';
import { launchBrowser } from '../support/browser.ts';
import { letBrowserIn } from '../support/owner.ts';
import { until } from '../support/product.ts';
import { begin, changesIn, journalOf, say, sees, startTalking } from '../support/talk.ts';

t.setTimeout(240_000);

const sizes = [
  { name: 'a desk', width: 1280, height: 800 },
  { name: 'a phone', width: 390, height: 844 },
];
const PATIENCE_MS = 10_000;

await using talking = await startTalking();
const { product, mock } = talking;
const rules = 'tools:\n  ask: [bots_list, time_now]\n  required: [time_now]\n';
await product.files.write('bots/assistant/bot.yaml', rules);
await until('the rules', async () =>
  JSON.stringify(await product.client.call('bots.show', { bot: 'assistant' })).includes('required'),
);

const show = (conversation: string, lane = 'main'): Promise<ConversationPage> =>
  product.client.call('conversations.show', { conversation, lane });
const answers = (page: Page): Locator => page.locator('bn-answer bn-markdown');
const messages = (page: Page): Locator => page.locator('bn-message');
const button = (page: Page, name: string | RegExp): Locator => page.getByRole('button', { name });

/** Waits until the last answer on a page reads so. */
async function reads(page: Page, text: string | RegExp): Promise<void> {
  const pattern = typeof text === 'string' ? new RegExp(`^\\s*${text.replaceAll('.', '\\.')}\\s*$`) : text;
  await answers(page).last().filter({ hasText: pattern }).waitFor({ timeout: PATIENCE_MS });
}

/** Chooses from the menu of the last message of a kind. */
async function choose(page: Page, item: string, place = page.locator('bn-message-actions').last()): Promise<void> {
  await place.hover();
  await place.getByRole('button', { name: 'More about this message' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function ask(page: Page, text: string): Promise<void> {
  const composer = page.getByRole('textbox', { name: /^Message/ });
  await composer.fill(text);
  await composer.press('Enter');
}

for (const { name, width, height } of sizes) {
  await t.test(`on ${name}`, async (t) => {
    await using browser = await launchBrowser({ width, height });
    await letBrowserIn(product, browser.context);
    const complaints: string[] = [];
    const openTab = async (conversation: string, lane?: string): Promise<Page> => {
      const page = await browser.context.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
      const branch = lane === undefined ? '' : `/branches/${lane}`;
      await page.goto(`${product.url}/conversations/${conversation}${branch}`);
      await page.getByRole('textbox', { name: /^Message/ }).waitFor();
      return page;
    };
    const fits = (page: Page): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    t.beforeEach(() => mock.clear());
    t.afterEach(async () => {
      await Promise.all(
        browser.context
          .pages()
          .slice(1)
          .map((page) => page.close()),
      );
    });

    await t.test('a call that waits is allowed or denied from either of two tabs, and both show it', async (t) => {
      const conversation = await begin(product);
      const [first, second] = [await openTab(conversation), await openTab(conversation)];
      mock.script({ calls: [{ name: 'bots_list', arguments: { category: 'for the list' } }] }, 'Allowed once.');
      await ask(first, 'Which bots are there?');
      const once = button(first, 'Allow once: bots_list');
      await once.waitFor();
      t.match(
        await first.locator('bn-approval section').innerText(),
        /asks to use bots_list[^]*category[^]*for the list/,
      );
      await first.setViewportSize({ width: 320, height });
      t.equal(await fits(first), 0, 'nothing sticks out sideways, on the smallest screen either');
      await first.setViewportSize({ width, height });
      await button(second, 'Deny: bots_list').waitFor();
      await once.click();
      for (const tab of [first, second]) {
        await reads(tab, 'Allowed once.');
        t.equal(await tab.locator('bn-approval').count(), 0);
        t.equal(await tab.locator('bn-tool-call details').getAttribute('open'), null, 'the result is folded up');
      }
      mock.script({ calls: [{ name: 'bots_list' }] }, 'Denied.');
      await ask(first, 'And now?');
      await button(second, 'Deny: bots_list').click();
      await reads(first, 'Denied.');
      await reads(second, 'Denied.');
      mock.script(
        { calls: [{ name: 'bots_list' }] },
        'Allowed.',
        { calls: [{ name: 'bots_list' }] },
        'Not asked again.',
      );
      await ask(second, 'And again?');
      await button(first, 'Allow in this conversation: bots_list').click();
      await reads(second, 'Allowed.');
      await ask(first, 'And once more?');
      await reads(second, 'Not asked again.');
      const { nodes } = await show(conversation);
      t.strictSame(
        nodes.filter(({ kind }) => kind === 'task').map(({ state }) => state),
        ['finished', 'rejected', 'finished', 'finished'],
      );
    });

    await t.test('a required call that was denied holds the turn until it is tried again', async (t) => {
      const conversation = await begin(product);
      const page = await openTab(conversation);
      mock.script({ calls: [{ name: 'time_now' }] }, 'It is late.');
      await ask(page, 'What time is it?');
      await page.getByText('The turn does not go on without this call.').waitFor();
      await button(page, 'Deny: time_now').click();
      await page.getByText('cannot go on without this call').waitFor();
      t.equal(mock.requests().length, 1, 'the model is not asked');
      await button(page, 'Try again').click();
      await button(page, 'Allow once: time_now').click();
      await reads(page, 'It is late.');
      t.equal((await show(conversation)).nodes.at(-1)?.state, 'finished');
    });

    await t.test('an answer is given anew, and the one before is shown again', async (t) => {
      const conversation = await begin(product);
      mock.script('The first.', 'The second.');
      await say(product, conversation, 'Choose a word');
      const page = await openTab(conversation);
      await reads(page, 'The first.');
      await button(page, 'Regenerate').click();
      await reads(page, 'The second.');
      await page.getByText('Version 2 of 2').waitFor();
      t.equal(await answers(page).count(), 1, 'one at a time');
      await button(page, 'Previous version').click();
      await reads(page, 'The first.');
      await page.getByText('Version 1 of 2').waitFor();
      t.equal((await show(conversation)).nodes.at(-1)?.text, 'The first.');
      await page.reload();
      await reads(page, 'The first.');
      await button(page, 'Next version').click();
      await reads(page, 'The second.');
    });

    await t.test('a message is worded anew in its place, and both wordings stay', async (t) => {
      const conversation = await begin(product);
      mock.script('To the old one.', 'To the new one.');
      await say(product, conversation, 'The old wording');
      const page = await openTab(conversation);
      await messages(page).first().hover();
      await button(page, 'Edit').click();
      const editor = page.getByRole('textbox', { name: 'Edit the message' });
      t.equal(await editor.inputValue(), 'The old wording');
      await editor.fill('The new wording');
      await editor.press('Enter');
      await reads(page, 'To the new one.');
      t.match(await messages(page).locator('.message').innerText(), 'The new wording');
      await button(page, 'Previous version').click();
      await reads(page, 'To the old one.');
      t.match(await messages(page).locator('.message').innerText(), 'The old wording');
      t.equal(changesIn(await journalOf(product, conversation), 'node').length, 4, 'two wordings, two answers');
    });

    await t.test('an answer that was stopped or failed is tried again in its place', async (t) => {
      const conversation = await begin(product);
      const page = await openTab(conversation);
      mock.script({ text: 'slowly '.repeat(200), delayMs: 50 });
      await ask(page, 'Take your time');
      await page
        .getByText(/slowly/)
        .first()
        .waitFor();
      await button(page, 'Stop the answer').click();
      const again = button(page, 'Try again');
      await again.waitFor();
      mock.script({ error: { status: 400, message: 'no such thing' } }, 'Quickly.');
      await again.click();
      await page
        .getByText(/no such thing/)
        .first()
        .waitFor();
      await again.click();
      await reads(page, 'Quickly.');
      t.equal(await again.count(), 0);
      const { nodes } = await show(conversation);
      t.match(nodes, [{ kind: 'user' }, { kind: 'agent', text: 'Quickly.', run: { attempt: 3 } }]);
    });

    await t.test('a branch begins at a message, has an address of its own, and main stays as it was', async (t) => {
      const conversation = await begin(product);
      mock.script('One.', 'Two.', 'Another two.', 'Another one.');
      await say(product, conversation, 'First');
      await say(product, conversation, 'Second');
      const page = await openTab(conversation);
      await choose(page, 'Branch from here', page.locator('bn-message-actions').nth(1));
      await page.waitForURL(/\/branches\//);
      await reads(page, 'One.');
      await ask(page, 'Another second');
      await reads(page, 'Another two.');
      await page.reload();
      await reads(page, 'Another two.');
      t.equal(await fits(page), 0, 'nothing sticks out sideways');
      await page.getByRole('link', { name: 'Back to main' }).click();
      await reads(page, 'Two.');
      await page.getByRole('combobox', { name: 'Branch' }).selectOption({ index: 1 });
      await reads(page, 'Another two.');
      await page.goBack();
      await reads(page, 'Two.');
      await button(page, 'Regenerate').first().click();
      await page.waitForURL(/\/branches\//);
      await reads(page, 'Another one.');
      t.equal((await show(conversation)).lanes.length, 3);
      t.equal((await show(conversation)).nodes.at(-1)?.text, 'Two.');
    });

    await t.test('a message is left out of prompts, put back, deleted and restored', async (t) => {
      const conversation = await begin(product);
      mock.script('Known.', 'Unknown.');
      await say(product, conversation, 'My secret is a parrot');
      const page = await openTab(conversation);
      const actions = messages(page).first().locator('bn-message-actions');
      await choose(page, 'Leave out of prompts', actions);
      await messages(page).getByText('Left out of prompts').waitFor();
      await ask(page, 'What is my secret?');
      await reads(page, 'Unknown.');
      t.notMatch(mock.requests().at(-1)?.body, 'parrot');
      await choose(page, 'Put back into prompts', actions);
      await messages(page).getByText('Left out of prompts').waitFor({ state: 'detached' });
      await choose(page, 'Delete', actions);
      await messages(page).getByText('My secret is a parrot').waitFor({ state: 'detached' });
      t.equal((await show(conversation)).nodes.length, 3);
      await button(page, 'Undo').click();
      await messages(page).getByText('My secret is a parrot').waitFor();
      t.equal((await show(conversation)).nodes.length, 4);
      t.equal((await show(conversation)).nodes[0]?.excluded, false);
    });

    await t.test('a conversation is renamed and archived: it says so, and nothing can be written', async (t) => {
      const conversation = await begin(product);
      mock.script('Hello.');
      await say(product, conversation, 'Hello');
      const page = await openTab(conversation);
      const menu = button(page, 'More about this conversation');
      await menu.click();
      await page.getByRole('menuitem', { name: 'Rename', exact: true }).click();
      await page.getByRole('textbox', { name: 'Title' }).fill('Greetings');
      await button(page, /^Rename$/).click();
      await page.getByRole('heading', { name: 'Greetings' }).waitFor();
      await menu.click();
      await page.getByRole('menuitem', { name: 'Archive', exact: true }).click();
      await page.getByText('This conversation is archived.').waitFor();
      t.equal(await page.getByRole('textbox', { name: /^Message/ }).count(), 0);
      t.equal(await button(page, 'Regenerate').count(), 0);
      t.match(await show(conversation), { title: 'Greetings', archived: true });
      await button(page, 'Take out of the archive').click();
      await page.getByRole('textbox', { name: /^Message/ }).waitFor();
      t.match(await show(conversation), { archived: false });
    });

    await t.test('older messages come when the reader nears them, and the place on the screen stays', async (t) => {
      const conversation = await begin(product);
      using live = product.client.conversation(conversation);
      for (let number = 1; number <= 120; number += 1) {
        await product.client.call('messages.send', { conversation, text: `Question number ${number}.` });
      }
      await sees(live, ({ state, nodes }) => state === 'idle' && nodes.length >= 200, 60_000);
      const idOf = async (text: string): Promise<string> => {
        const { nodes } = await product.client.call('conversations.show', { conversation, limit: 500 });
        return nodes.find((node) => node.text === text)?.id ?? '';
      };
      const page = await openTab(conversation);
      const box = page.getByRole('log', { name: 'Conversation' });
      const earlier = button(page, 'Show earlier messages');
      const place = messages(page).getByText('Question number 21.');
      const topOf = async (): Promise<number> => (await place.boundingBox())?.y ?? Number.NaN;
      await box.evaluate((element) => element.scrollTo(0, 0));
      await earlier.waitFor({ state: 'detached' });
      await page.waitForTimeout(500);
      const isInView = (y: number): boolean => y > 0 && y < height;
      await until('what stood at the top is in view', async () => isInView(await topOf()));
      await box.evaluate((element) => element.scrollTo(0, 0));
      await messages(page).getByText('Question number 1.').waitFor();
      t.ok((await messages(page).count()) < 60, 'what is far away is not on the page');
      await button(page, 'Latest').click();
      await messages(page).getByText('Question number 120.').waitFor();
      await choose(page, 'Leave out of prompts', messages(page).last().locator('bn-message-actions'));
      await page.getByText('Left out of prompts').first().waitFor();
      await page.goto(`${product.url}/conversations/${conversation}?message=${await idOf('Question number 3.')}`);
      const wanted = messages(page).getByText('Question number 3.');
      await wanted.waitFor();
      await page.waitForTimeout(300);
      await until('the message far up that the address names is in view', async () =>
        isInView((await wanted.boundingBox())?.y ?? -1),
      );
    });

    await t.test(
      'an answer of one megabyte is cut, the page stays quick, and the rest is one press away',
      async (t) => {
        const line = 'A line of *plain* words, ünd more — 漢字 🦉.\n';
        const text = line.repeat(Math.ceil(1_000_000 / line.length)).trimEnd();
        const conversation = await begin(product);
        const page = await openTab(conversation);
        mock.script({ text, chunkSize: 20_000 }, 'A summary of the long answer.', 'Still here.');
        await ask(page, 'Write a book');
        await page.getByText(/characters are shown/).waitFor();
        await page
          .getByText(/tokens/)
          .first()
          .waitFor({ timeout: 30_000 });
        t.equal((await show(conversation)).nodes.at(-1)?.text.length, text.length);
        const shown = async (): Promise<number> => ((await answers(page).first().innerText()) ?? '').length;
        t.ok((await shown()) < 25_000, 'a part of it');
        const pressed = await page.evaluate(() => performance.now());
        await button(page, 'Show the rest').click();
        await until('the rest', async () => (await page.locator('.rest div').count()) > 10);
        const took = (await page.evaluate(() => performance.now())) - pressed;
        const rest = (await page.locator('.rest div').allTextContents()).join('');
        t.ok(text.endsWith(rest) && rest.length > 970_000, `${rest.length} more characters in ${Math.round(took)} ms`);
        await ask(page, 'And?');
        await reads(page, 'Still here.');
      },
    );

    t.same(complaints, []);
  });
}

await t.test('the overlay tells of the connection; an answer of which nothing is heard can be stopped', async (t) => {
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const page = await browser.context.newPage();
  await page.clock.install();
  const conversation = await begin(product);
  mock.clear();
  mock.script({ text: 'Some words and then nothing', hangAfter: 2 });
  await page.goto(`${product.url}/conversations/${conversation}`);
  await ask(page, 'Begin');
  await page
    .getByText(/Some words/)
    .first()
    .waitFor();
  await page.keyboard.press('Control+Shift+D');
  const overlay = page.getByLabel('Connection of this conversation');
  await overlay.waitFor();
  const { active } = await show(conversation);
  t.match(await overlay.innerText(), /connection\s+live[^]*cursor\s+\S+:\d+[^]*node \d+/);
  t.match(await overlay.innerText(), active ?? 'no active node');
  await page.keyboard.press('Control+Shift+D');
  await overlay.waitFor({ state: 'detached' });
  await page.clock.fastForward(36_000);
  await page.getByText('Nothing has come for half a minute.').waitFor();
  await page.locator('bn-answer bn-notice').getByRole('button', { name: 'Stop the answer' }).click();
  await button(page, 'Try again').waitFor();
  await until('it has stopped', async () => (await show(conversation)).nodes.at(-1)?.state === 'stopped');
});
