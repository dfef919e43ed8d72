import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { ada, letBrowserIn } from '../support/owner.ts';
import { until } from '../support/product.ts';
import { begin, changesIn, journalOf, say, startTalking } from '../support/talk.ts';

t.setTimeout(240_000);

const PATIENCE_MS = 15_000;
/** What a browser says by itself of answers that the test wants. */
const EXPECTED = /status of 40[149]|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_RESET|WebSocket connection/;

await using talking = await startTalking();
const { product, mock } = talking;
await using browser = await launchBrowser();
await letBrowserIn(product, browser.context);
const complaints: string[] = [];

t.beforeEach(() => mock.clear());

async function openPage(place: string): Promise<Page> {
  const page = await browser.context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED.test(message.text())) complaints.push(message.text());
  });
  await page.goto(`${product.url}${place}`);
  return page;
}

async function openTab(conversation: string, lane?: string): Promise<Page> {
  const page = await openPage(`/conversations/${conversation}${lane === undefined ? '' : `/branches/${lane}`}`);
  await composer(page).waitFor();
  return page;
}

const composer = (page: Page): Locator => page.getByRole('textbox', { name: /^Message/ });
const button = (page: Page, name: string | RegExp): Locator => page.getByRole('button', { name });
const words = (page: Page, text: string | RegExp): Locator => page.getByText(text).first();
const show = (conversation: string) => product.client.call('conversations.show', { conversation });

async function ask(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** The last answer as a person reads it. */
const reads = (page: Page, text: string): Promise<void> =>
  page.locator('bn-answer bn-markdown').last().filter({ hasText: text }).waitFor();

/** An answer that comes over some seconds; its last word is "end". */
const slow = { text: `${'slowly '.repeat(120)}end`, delayMs: 60 };
/** One that begins and never ends. */
const endless = { text: 'Some words and then nothing', hangAfter: 2 };

await t.test(
  'CHAT-01: a reload shows what had come, and the stop of the page ends the call of the model',
  async (t) => {
    const conversation = await begin(product);
    const page = await openTab(conversation);
    mock.script(endless);
    await ask(page, 'Begin');
    await reads(page, 'Some words and the');
    await page.reload();
    await reads(page, 'Some words and the');
    const before = mock.hungUp();
    t.equal((await show(conversation)).nodes.at(-1)?.state, 'running');
    await button(page, 'Stop the answer').click();
    await button(page, 'Try again').waitFor();
    await until('the end of the call', () => mock.hungUp() === before + 1);
    await page.reload();
    await reads(page, 'Some words and the');
    t.match((await show(conversation)).nodes.at(-1), {
      state: 'stopped',
      text: 'Some words and the',
      run: { state: 'canceled' },
    });
    await page.close();
  },
);

await t.test('Enter sends, Enter with another key does not, and nothing blank is sent', async (t) => {
  const conversation = await begin(product);
  const page = await openTab(conversation);
  const field = composer(page);
  let posts = 0;
  page.on(
    'request',
    (request) => void (posts += Number(request.method() === 'POST' && request.url().endsWith('/messages'))),
  );
  for (const blank of ['', '   ', '\n\n', '\t', '\u00a0\u2003']) {
    await field.fill(blank);
    await field.press('Enter');
    t.equal(await button(page, 'Send').getAttribute('aria-disabled'), 'true');
    await button(page, 'Send').click({ force: true });
  }
  await field.fill('one');
  await field.press('Shift+Enter');
  await field.pressSequentially('two');
  for (const keys of ['Alt+Enter', 'Control+Enter', 'Meta+Enter']) await field.press(keys);
  await field.evaluate((element) => {
    const composing = { key: 'Enter', bubbles: true, composed: true, cancelable: true, isComposing: true };
    element.dispatchEvent(new KeyboardEvent('keydown', composing));
  });
  t.match(await field.inputValue(), /^one\ntwo/);
  t.equal(posts, 0);
  t.equal((await show(conversation)).messages, 0);
  await field.press('Enter');
  await reads(page, 'Mock: one');
  t.equal(posts, 1);
  t.equal(await field.inputValue(), '');
  t.equal((await show(conversation)).nodes[0]?.text, 'one\ntwo');
  await page.close();
});

await t.test('the end is followed from near it alone; further up the page stays where the reader is', async (t) => {
  const conversation = await begin(product);
  mock.script('A long answer.\n\n'.repeat(60));
  await say(product, conversation, 'Write much');
  const page = await openTab(conversation);
  await reads(page, 'A long answer.');
  const box = page.getByRole('log', { name: 'Conversation' });
  const place = (): Promise<{ top: number; left: number }> =>
    box.evaluate(({ scrollTop, scrollHeight, clientHeight }) => ({
      top: scrollTop,
      left: scrollHeight - clientHeight - scrollTop,
    }));
  const scroll = (fromEnd: number): Promise<unknown> =>
    box.evaluate((element, left) => {
      const moved = new Promise((resolve) => element.addEventListener('scroll', resolve, { once: true }));
      element.scrollTop = element.scrollHeight - element.clientHeight - left;
      return moved;
    }, fromEnd);
  const more = async (text: string): Promise<void> => {
    mock.script(`${text}\n\n`.repeat(40));
    await say(product, conversation, `Write ${text}`);
    await reads(page, text);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  };
  await scroll(100);
  await more('near');
  await until('the end is followed', async () => (await place()).left < 5);
  await scroll(400);
  const { top } = await place();
  await more('far');
  t.equal((await place()).top, top, 'nothing has moved');
  await button(page, 'Latest').click();
  await until('the end', async () => (await place()).left < 5);
  await page.close();
});

await t.test('a session that ends in the middle of an answer leads to sign-in and back; nothing is lost', async (t) => {
  t.teardown(() => letBrowserIn(product, browser.context));
  const conversation = await begin(product);
  const page = await openTab(conversation);
  mock.script(slow);
  await ask(page, 'Begin');
  await reads(page, 'slowly');
  await composer(page).fill('What I was about to say');
  let requests = 0;
  page.on('request', () => void (requests += 1));
  await product.client.call('sessions.revoke_all', {});
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await words(page, 'Your session has ended.').waitFor();
  t.equal(await page.getByText('slowly').count(), 0, 'nothing of the page is left');
  await page.waitForTimeout(1_500);
  t.ok(requests < 25, `${requests} requests: it does not ask again and again`);
  await page.getByLabel('E-mail').fill(ada.email);
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.keyboard.press('Enter');
  await reads(page, 'end');
  t.equal(new URL(page.url()).pathname, `/conversations/${conversation}`);
  t.equal(await composer(page).inputValue(), 'What I was about to say');
  await composer(page).fill('');
  const { nodes } = await show(conversation);
  t.match(nodes.at(-1), { state: 'finished', text: slow.text });
  await page.context().clearCookies();
  await page.goto(`${product.url}/conversations`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  t.equal(await page.getByText('Your session has ended.').count(), 0, 'who was not here before is not told so');
  await page.close();
});

await t.test('a conversation that is deleted in one tab says so in the other, and there is a way on', async (t) => {
  const conversation = await begin(product);
  const [first, second] = [await openTab(conversation), await openTab(conversation)];
  mock.script(endless);
  await ask(first, 'Begin');
  await reads(second, 'Some words');
  await composer(second).fill('Not sent yet');
  await button(first, 'More about this conversation').click();
  await first.getByRole('menuitem', { name: 'Delete', exact: true }).click();
  await button(first, /^Delete$/).click();
  await first.waitForURL(`${product.url}/conversations`);
  await words(second, 'This conversation was deleted.').waitFor();
  await reads(second, 'Some words');
  t.equal(await composer(second).inputValue(), 'Not sent yet', 'what was being written can still be copied');
  await composer(second).press('Enter');
  for (const name of ['Try again', 'Stop the answer', 'Regenerate', 'Edit', 'More about this conversation'])
    t.equal(await button(second, name).count(), 0, `no button "${name}"`);
  await second.reload();
  await words(second, 'There is no conversation at this address.').waitFor();
  await second.getByRole('link', { name: 'Start a new one' }).click();
  await composer(second).waitFor();
  for (const page of [first, second]) await page.close();
});

await t.test('the page follows its bot: another name, archived, deleted in the middle of an answer', async (t) => {
  const { slug } = await product.client.call('bots.create', { name: 'Before' });
  const conversation = await begin(product, slug);
  const page = await openTab(conversation);
  mock.script(endless);
  await ask(page, 'Begin');
  await reads(page, 'Some words');
  const identity = (await product.files.read(`bots/${slug}/IDENTITY.md`)) ?? '';
  const text = identity.replace('Before', 'Behind');
  await product.client.call('files.write', { bot: slug, path: 'IDENTITY.md', text });
  const main = page.locator('bn-conversation');
  await main.getByRole('heading', { name: 'Behind' }).waitFor();
  await main.getByRole('link', { name: 'Behind' }).waitFor();
  await page.getByRole('textbox', { name: 'Message Behind' }).waitFor();
  t.equal(await main.getByText('Before').count(), 0);
  await product.client.call('conversations.stop', { conversation });
  await product.client.call('bots.archive', { bot: slug });
  await ask(page, 'Are you there?');
  await words(page, `${slug} is archived.`).waitFor();
  await words(page, `bnity start ${slug}`).waitFor();
  t.equal(await composer(page).inputValue(), 'Are you there?', 'what was written is still there');
  await product.client.call('bots.start', { bot: slug });
  mock.script(endless);
  await composer(page).press('Enter');
  await page.locator('bn-answer bn-markdown').nth(1).waitFor();
  await product.client.call('bots.delete', { bot: slug });
  await words(page, 'This conversation was deleted.').waitFor();
  await page.close();
});

await t.test('without a network the page says so, keeps what is written, and goes on with everything', async (t) => {
  const conversation = await begin(product);
  const page = await openTab(conversation);
  mock.script(slow, 'And after.');
  await ask(page, 'Begin');
  await reads(page, 'slowly');
  await browser.context.setOffline(true);
  t.teardown(() => browser.context.setOffline(false));
  await ask(page, 'Are you there?');
  await page.locator('bn-transcript').getByText('Are you there?').waitFor();
  await page.locator('bn-conversation-header').getByText('Offline').waitFor();
  await words(page, 'One message waits to be sent.').waitFor();
  t.equal(await composer(page).inputValue(), '', 'it waits, and goes by itself');
  await composer(page).fill('Written meanwhile');
  await browser.context.setOffline(false);
  await page.locator('bn-conversation-header').getByText('Offline').waitFor({ state: 'detached' });
  await reads(page, 'And after.');
  t.equal(await composer(page).inputValue(), 'Written meanwhile');
  await composer(page).fill('');
  const { nodes } = await show(conversation);
  t.strictSame(
    nodes.map(({ text }) => text),
    ['Begin', slow.text, 'Are you there?', 'And after.'],
  );
  t.equal(await page.locator('bn-message').count(), 2);
  await page.close();
});

await t.test(
  'a message whose receipt is lost on the way is sent once, also when the page sends it again',
  async (t) => {
    const conversation = await begin(product);
    const page = await openTab(conversation);
    let [lost, resent] = [1, 0];
    await page.route('**/messages', async (route) => {
      if (lost === 0) {
        resent += 1;
        return route.continue();
      }
      lost -= 1;
      await route.fetch();
      return route.abort('connectionreset');
    });
    mock.script('Once.', 'Twice.');
    await ask(page, 'How often?');
    await reads(page, 'Once.');
    await until('it is sent again', () => lost === 0 && resent === 1);
    await ask(page, 'And now?');
    await reads(page, 'Twice.');
    t.equal(await page.locator('bn-message').count(), 2);
    t.equal(changesIn(await journalOf(product, conversation), 'node').length, 4, 'two messages, two answers');
    lost = 1;
    await page.goto(`${product.url}/conversations`);
    await ask(page, 'And at the start?');
    await words(page, 'does not answer').waitFor();
    await composer(page).press('Enter');
    await page.waitForURL(/\/conversations\//);
    await reads(page, 'And at the start?');
    t.equal(await page.locator('bn-message').count(), 1);
    await page.close();
  },
);

await t.test('each branch has its own active answer, and a stop in one leaves the other alone', async (t) => {
  const conversation = await begin(product);
  mock.script('The first.', endless, endless);
  const { answer } = await say(product, conversation, 'Begin');
  const other = await product.client.call('branches.create', { conversation, from: answer.id, text: 'Aside' });
  const { reply } = await product.client.call('messages.send', { conversation, text: 'Straight on' });
  const [main, aside] = [await openTab(conversation), await openTab(conversation, other.lane)];
  for (const [page, active] of [
    [main, reply],
    [aside, other.reply],
  ] as const) {
    await reads(page, 'Some words');
    await page.keyboard.press('Control+Shift+D');
    t.match(await page.getByLabel('Connection of this conversation').innerText(), `active\n${active}`);
  }
  await button(aside, 'Stop the answer').click();
  await aside.getByLabel('Connection of this conversation').getByText('none').first().waitFor();
  t.equal((await show(conversation)).active, reply, 'main goes on');
  t.equal(await button(main, 'Stop the answer').count(), 1);
  await button(main, 'Stop the answer').click();
  await button(main, 'Try again').waitFor();
  for (const page of [main, aside]) await page.close();
});

t.strictSame(complaints, []);
