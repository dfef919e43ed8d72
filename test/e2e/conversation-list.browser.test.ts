import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { letBrowserIn, signInOwner } from '../support/owner.ts';
import { until } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';

t.setTimeout(240_000);

const PATIENCE_MS = 10_000;

await using talking = await startTalking();
const { product, mock } = talking;

/** A conversation with a title and one exchange. */
async function talk(title: string, said: string, answer: string): Promise<string> {
  const conversation = await begin(product);
  await product.client.call('conversations.rename', { conversation, title });
  mock.script(answer);
  await say(product, conversation, said);
  return conversation;
}

const unread = async (id: string): Promise<boolean | undefined> =>
  (await product.client.call('conversations.list', {})).conversations.find((each) => each.id === id)?.unread;

const vienna = await talk('Journey', 'How do I get to Wien?', 'By the night train.');
const long = await begin(product);
await product.client.call('conversations.rename', { conversation: long, title: 'Very long' });
for (let at = 0; at < 30; at += 1) {
  mock.script(at === 2 ? 'Here is the pangolin.' : `${'An answer of some length. '.repeat(20)}${at}`);
  await say(product, long, `Message ${at}`);
}
const put = await talk('Put away', 'Old things', 'An old walrus.');
await product.client.call('conversations.archive', { conversation: put });

let isOwned = false;
for (const { name, width, height } of [
  { name: 'a desk', width: 1280, height: 800 },
  { name: 'a phone', width: 390, height: 844 },
]) {
  await t.test(`on ${name}`, async (t) => {
    await using browser = await launchBrowser({ width, height });
    if (isOwned) {
      const [key = '', value = ''] = (await signInOwner(product)).cookie.split('=');
      await browser.context.addCookies([{ name: key, value, url: product.url, httpOnly: true, sameSite: 'Strict' }]);
    } else await letBrowserIn(product, browser.context);
    isOwned = true;
    const complaints: string[] = [];
    const page = await browser.context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    const isNarrow = width < 800;
    const list = async (page: Page): Promise<Locator> => {
      if (isNarrow && !(await page.locator('dialog.drawer[open]').count()))
        await page.getByRole('button', { name: /menu|navigation/i }).click();
      return page.locator('bn-conversation-list');
    };
    const open = async (place = '/conversations'): Promise<void> => {
      await page.goto(`${product.url}${place}`);
      await page.getByRole('textbox', { name: /^Message/ }).waitFor();
    };

    await t.test('words are found by keyboard alone, and lead to the message', async (t) => {
      await open();
      const box = await list(page);
      const field = box.getByRole('searchbox', { name: 'Search conversations' });
      await field.fill('pangolin');
      const found = box.getByRole('list', { name: 'Found conversations' });
      await found.getByText('Very long').waitFor();
      t.strictSame(await found.locator('mark').allTextContents(), ['pangolin']);
      await box.getByRole('status').filter({ hasText: '1 conversation found' }).waitFor();
      await field.press('ArrowDown');
      await page.keyboard.press('ArrowUp');
      t.ok(await field.evaluate((element) => element.matches(':focus')), 'back in the field');
      await field.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\?message=/);
      const answer = page.locator('bn-answer', { hasText: 'Here is the pangolin.' });
      await answer.waitFor();
      await until('it is in view', () =>
        answer.evaluate((element) => {
          const { top, bottom } = element.getBoundingClientRect();
          return top >= 0 && bottom <= innerHeight;
        }),
      );
      await list(page);
      await field.fill('nothing like this anywhere');
      await box.getByText('Nothing found.').waitFor();
      await field.fill('"');
      await box.getByText('The search holds no word.').waitFor();
      complaints.length = 0;
      await field.press('Escape');
      t.equal(await field.inputValue(), '');
      await box.getByRole('link', { name: /Journey/ }).waitFor();
    });

    await t.test('what is running and what is unread is said; seen is what was in view', async (t) => {
      await open();
      let box = await list(page);
      mock.script({ text: 'slow and steady '.repeat(12), delayMs: 150 });
      await product.client.call('messages.send', { conversation: vienna, text: 'And slowly?' });
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      const line = box.getByRole('link', { name: /Journey/ });
      await line.getByText('is answering').waitFor();
      await until('the answer', () => unread(vienna), PATIENCE_MS);
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await line.getByText('unread').waitFor();
      t.match(await page.title(), /^\(\d\) Boternity$/);
      const before = Number(/\d/.exec(await page.title())?.[0]);
      await line.click();
      await page.getByText('slow and steady').first().waitFor();
      await until('it was seen', async () => (await unread(vienna)) === false);
      await until('the title says so', async () =>
        (await page.title()).startsWith(before > 1 ? `(${before - 1}) Journey` : 'Journey'),
      );
      box = await list(page);
      t.equal(
        await box
          .getByRole('link', { name: /Journey/ })
          .getByText('unread')
          .count(),
        0,
      );
    });

    await t.test('an answer that is not in view stays unread until its end is', async (t) => {
      await open(`/conversations/${long}`);
      await until('seen', async () => (await unread(long)) === false);
      const scroll = page.getByRole('log', { name: 'Conversation' });
      await scroll.evaluate((element) => void (element.scrollTop = 0));
      await page.getByRole('button', { name: 'Latest' }).waitFor();
      mock.script('Down here.');
      await say(product, long, 'Where?');
      await until('unread', () => unread(long));
      await page.getByRole('button', { name: 'Latest' }).click();
      await until('seen', async () => (await unread(long)) === false);
      t.ok(true);
    });

    await t.test('the archive is looked through, searched and left', async (t) => {
      await open();
      const box = await list(page);
      t.equal(await box.getByRole('link', { name: /Put away/ }).count(), 0);
      await box.getByRole('button', { name: 'Archived' }).click();
      await box.getByRole('link', { name: /Put away/ }).waitFor();
      t.equal(await box.getByRole('link', { name: /Journey/ }).count(), 0);
      const field = box.getByRole('searchbox', { name: 'Search the archive' });
      await field.fill('walrus');
      await box.getByRole('list', { name: 'Found conversations' }).getByText('Put away').waitFor();
      await field.press('Escape');
      await box.getByRole('link', { name: /Put away/ }).hover();
      await box.getByRole('button', { name: 'More about Put away' }).click();
      await box.getByRole('menuitem', { name: 'Take out of the archive' }).click();
      await box.getByText('Nothing is archived.').waitFor();
      await box.getByRole('button', { name: 'Leave the archive' }).click();
      await box.getByRole('link', { name: /Put away/ }).waitFor();
      t.match(await product.client.call('conversations.show', { conversation: put }), { archived: false });
      await product.client.call('conversations.archive', { conversation: put });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      t.ok(overflow <= 0, 'nothing sticks out sideways');
    });

    t.strictSame(complaints, []);
  });
}
