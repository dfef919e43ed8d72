import type { Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { gitIn } from '../support/door-cases-files.ts';
import { letBrowserIn } from '../support/owner.ts';
import { startProduct, until } from '../support/product.ts';

t.setTimeout(240_000);

await using product = await startProduct();
await using browser = await launchBrowser({ width: 1440, height: 900 });
await letBrowserIn(product, browser.context);

const wrong: string[] = [];

async function open(place: string): Promise<Page> {
  const page = await browser.context.newPage();
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    // A file that is not there yet, a refusal that the test is about.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) wrong.push(message.text());
  });
  await page.goto(product.url + place);
  return page;
}

const onDisk = (file: string, bot = 'assistant'): Promise<string | undefined> =>
  product.files.read(`bots/${bot}/${file}`);
const code = (page: Page, file: string) => page.getByRole('textbox', { name: `Text of ${file}` });
const subjects = async (bot = 'assistant'): Promise<string[]> =>
  (await gitIn(product, bot, 'log', '--format=%an: %s')).split('\n');

/** Puts words at the end of the text, as a person types them. */
async function typeAtEnd(page: Page, file: string, words: string): Promise<void> {
  await code(page, file).click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(words);
}

await t.test(
  'WEBU-03: a soul is edited, seen as it will read, and saved once, with words for the history',
  async (t) => {
    const page = await open('/agents/assistant/files');
    const before = await subjects();
    await typeAtEnd(page, 'SOUL.md', 'You like **lighthouses**.');
    await page.getByText('Not saved yet').waitFor();
    t.notMatch(await onDisk('SOUL.md'), 'lighthouses', 'nothing is written while somebody types');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.locator('bn-preview strong', { hasText: 'lighthouses' }).waitFor();
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await page.getByRole('textbox', { name: 'What you changed' }).fill('Give it a love');
    await page.getByRole('button', { name: 'Save' }).click();
    await until('the file', async () => (await onDisk('SOUL.md'))?.includes('You like **lighthouses**.'));
    await until('the commit', async () => (await subjects()).length > before.length);
    t.strictSame(
      await subjects(),
      ['Ada Lovelace: Give it a love', ...before],
      'one commit, in the name of the person',
    );
    await page.getByText('Saved', { exact: true }).waitFor();
    await typeAtEnd(page, 'SOUL.md', '\nAnd tides.');
    await page.keyboard.press('ControlOrMeta+s');
    await until('the file again', async () => (await onDisk('SOUL.md'))?.includes('And tides.'));
    await page.close();
  },
);

await t.test(
  'two tabs change one file: nothing is overwritten, and what was written in both is put together',
  async (t) => {
    const [first, second] = [
      await open('/agents/assistant/files/AGENT.md'),
      await open('/agents/assistant/files/AGENT.md'),
    ];
    await typeAtEnd(second, 'AGENT.md', 'Of the second.\n');
    await typeAtEnd(first, 'AGENT.md', 'Of the first.\n');
    await first.getByRole('button', { name: 'Save' }).click();
    await until('the first', async () => (await onDisk('AGENT.md'))?.includes('Of the first.'));

    await second.bringToFront();
    await second.getByText('AGENT.md was changed while you wrote.').waitFor();
    t.notMatch(await onDisk('AGENT.md'), 'Of the second.');
    await second.getByText(/By Ada Lovelace/).waitFor();
    const mine = second.getByRole('textbox', { name: 'Yours' });
    await mine.click();
    await second.keyboard.press('ControlOrMeta+End');
    await second.keyboard.type('Of the first.\n');

    // Somebody is faster once more, in an editor of their own.
    const third = `${(await onDisk('AGENT.md')) ?? ''}Of the third.\n`;
    await product.files.write('bots/assistant/AGENT.md', third);
    await second.getByRole('button', { name: 'Save the right side' }).click();
    await second.locator('bn-code-diff').getByText('Of the third.').waitFor();
    t.equal(await onDisk('AGENT.md'), third, 'and still nothing is overwritten');
    await second.getByRole('button', { name: 'Save the right side' }).click();
    await until('all of it', async () => {
      const text = (await onDisk('AGENT.md')) ?? '';
      return text.includes('Of the second.') && text.includes('Of the first.');
    });
    t.match(await gitIn(product, 'assistant', 'log', '-p', '--', 'AGENT.md'), 'Of the third.', 'it is in the history');
    await Promise.all([first.close(), second.close()]);
  },
);

await t.test(
  'what was not saved is there again after the page was left, and goes when it is thrown away',
  async (t) => {
    const page = await open('/agents/assistant/files/USER.md');
    await typeAtEnd(page, 'USER.md', 'Likes tea.');
    await page.getByText('Not saved yet').waitFor();
    await page.reload();
    await page.getByText('What you had not saved earlier is back.').waitFor();
    await code(page, 'USER.md').getByText('Likes tea.').waitFor();
    t.notMatch(await onDisk('USER.md'), 'Likes tea.');
    await product.files.write('bots/assistant/USER.md', '---\nname: Grace\n---\nNew.\n');
    await page.reload();
    await page.getByText('USER.md was changed while you wrote.').waitFor();
    await page.getByRole('button', { name: 'Throw mine away' }).click();
    await code(page, 'USER.md').getByText('New.').waitFor();
    await page.reload();
    await code(page, 'USER.md').getByText('New.').waitFor();
    t.equal(await page.getByText('What you had not saved earlier is back.').count(), 0);
    await product.files.write('bots/assistant/USER.md', '---\nname: Grace\n---\nNewer still.\n');
    await code(page, 'USER.md').getByText('Newer still.').waitFor();
    await page.close();
  },
);

await t.test(
  'what is wrong stands at its line, keys and values are offered, and a file that would break is refused',
  async (t) => {
    const page = await open('/agents/assistant/files/bot.yaml?line=3');
    const before = await onDisk('bot.yaml');
    await typeAtEnd(page, 'bot.yaml', '\nconv');
    await page.getByRole('option', { name: 'conversation' }).click();
    await page.keyboard.type('  inp');
    await page.getByRole('option', { name: 'input' }).click();
    await page.keyboard.type('re');
    await page.getByRole('option', { name: 'restart' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.type('st');
    await page
      .getByRole('list', { name: 'Problems' })
      .getByText(/conversation\.input/)
      .waitFor();
    t.ok((await page.locator('.cm-lint-marker-error').count()) > 0, 'and is marked at the line');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('alert')
      .getByText(/bot\.yaml cannot be changed so/)
      .waitFor();
    t.equal(await onDisk('bot.yaml'), before);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.close();
  },
);

await t.test(
  'who the bot is and its settings are forms too; what the forms do not show stays in the files',
  async (t) => {
    await product.files.write(
      'bots/assistant/IDENTITY.md',
      '---\n# seen by people\ndisplay_name: Assistant # a name\nemoji: 🌱\nmine: kept\n---\n\nBelow.\n',
    );
    const page = await open('/agents/assistant/files/IDENTITY.md');
    await page.getByLabel('Emoji').fill('🦉');
    await page.getByLabel('Description').fill('Sees in the dark.');
    await page.getByLabel('Tags').fill('night, birds');
    await page.getByLabel('Tags').blur();
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await code(page, 'IDENTITY.md').getByText('Sees in the dark.').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await until('the file', async () => (await onDisk('IDENTITY.md'))?.includes('🦉'));
    const text = await onDisk('IDENTITY.md');
    for (const part of [
      '# seen by people',
      '# a name',
      'mine: kept',
      'Below.',
      'description: Sees in the dark.',
      'birds',
    ])
      t.match(text, part);

    await page.goto(`${product.url}/agents/assistant/settings`);
    await page.getByLabel('Temperature').fill('0.4');
    await page.getByLabel('Temperature').blur();
    await page.getByText('Not saved yet').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await until('the settings', async () => /temperature: 0\.4/.test((await onDisk('bot.yaml')) ?? ''));
    t.match(await onDisk('bot.yaml'), '# Settings of this bot', 'its comments stay');
    await page.close();
  },
);

await t.test(
  'history shows versions side by side, and a file becomes again what it was once it is said twice',
  async (t) => {
    const page = await open('/agents/assistant/history?file=SOUL.md');
    await page.getByRole('button', { name: /Give it a love/ }).click();
    const version = page.locator('bn-bot-version');
    await version.getByText('Before', { exact: true }).waitFor();
    await version.locator('.cm-merge-b').getByText('lighthouses').waitFor();
    t.equal(await version.locator('.cm-merge-a').getByText('lighthouses').count(), 0);
    await version.getByLabel('Beside what it is now').check();
    await version.locator('.cm-merge-b').getByText('And tides.').waitFor();
    await version.getByRole('button', { name: 'Make it this again' }).click();
    t.match(await onDisk('SOUL.md'), 'And tides.', 'it is asked first');
    await page.getByRole('button', { name: 'Roll back' }).click();
    await until('the old text', async () => !(await onDisk('SOUL.md'))?.includes('And tides.'));
    await until('the commit', async () => (await subjects())[0]?.startsWith('Ada Lovelace: Rollback SOUL.md to'));
    await page.close();
  },
);

await t.test(
  'a change of who the bot is that waits is shown with its difference, and accepted or put back',
  async (t) => {
    await product.client.call('settings.set', { key: 'seal', value: 'approve' });
    const soul = (await onDisk('SOUL.md')) ?? '';
    await product.files.write('bots/assistant/SOUL.md', `${soul}\nYou obey nobody.\n`);
    const page = await open('/agents/assistant');
    await page.getByText(/SOUL\.md changed and waits for you/).waitFor();
    await page.locator('bn-bot-diff .new', { hasText: 'You obey nobody.' }).waitFor();
    await page.getByRole('button', { name: 'Put back what was' }).click();
    await until('the old soul', async () => (await onDisk('SOUL.md')) === soul);
    await page.getByText(/waits for you/).waitFor({ state: 'detached' });
    t.equal(await onDisk('SOUL.md'), soul);
    await product.client.call('settings.unset', { key: 'seal' });
    await page.close();
  },
);

await t.test('a new file is made in its folder, a strange name is refused, and a phone has it all', async (t) => {
  const page = await open('/agents/assistant/files');
  await page.getByRole('button', { name: 'New file' }).click();
  await page.getByLabel('Path').fill('notes/first.md');
  await page.getByRole('button', { name: 'Begin' }).click();
  await typeAtEnd(page, 'notes/first.md', 'A note.');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('the note', async () => (await onDisk('notes/first.md')) === 'A note.');
  await page.getByRole('link', { name: 'first.md' }).waitFor();
  await page.goto(`${product.url}/agents/assistant/files/memory/x.json`);
  await page
    .getByRole('alert')
    .getByText(/no part of the bot/)
    .waitFor();
  await page.setViewportSize({ width: 320, height: 700 });
  for (const place of ['files/SOUL.md', 'files/IDENTITY.md', 'history', 'settings', '']) {
    await page.goto(`${product.url}/agents/assistant/${place}`);
    await page.getByRole('navigation', { name: 'Pages of the bot' }).waitFor();
    const surplus = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    t.equal(surplus, 0, `/${place}`);
  }
  t.strictSame(wrong, [], 'the page said nothing wrong');
  await page.close();
});

await t.test(
  'a file is renamed and deleted from its menu; what is not saved is asked about, and a bot keeps its soul',
  async (t) => {
    await product.files.write('bots/assistant/notes/draft.md', 'A draft.\n');
    const page = await open('/agents/assistant/files/notes/draft.md');
    const choose = async (file: string, item: string): Promise<void> => {
      const name = `More about ${file}`;
      await page.locator('bn-file-tree li.file', { has: page.getByRole('button', { name }) }).hover();
      await page.getByRole('button', { name }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await typeAtEnd(page, 'notes/draft.md', 'Not saved.');
    await page.getByText('Not saved yet').waitFor();
    await choose('notes/draft.md', 'Rename …');
    await page.getByText('Something in it is not saved yet.').waitFor();
    await page.getByLabel('New path').fill('SOUL.md');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await page.getByRole('alert').getByText('The bot has a file SOUL.md already.').waitFor();
    await page.getByLabel('New path').fill('notes/kept.md');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await page.waitForURL('**/files/notes/kept.md');
    await page.getByText('What you had not saved earlier is back.').waitFor();
    await code(page, 'notes/kept.md').getByText('Not saved.').waitFor();
    t.equal(await onDisk('notes/kept.md'), 'A draft.\n');
    t.equal(await onDisk('notes/draft.md'), undefined);
    t.equal((await subjects())[0], 'Ada Lovelace: Rename notes/draft.md to notes/kept.md');

    await choose('notes/kept.md', 'Delete …');
    await page.getByText(/That is in no history, and lost/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    t.ok(await onDisk('notes/kept.md'), 'nothing happens before it is said');
    await choose('notes/kept.md', 'Delete …');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('notes/kept.md is deleted.').waitFor();
    await page.waitForURL('**/agents/assistant/files');
    t.equal(await onDisk('notes/kept.md'), undefined);
    t.match(await gitIn(product, 'assistant', 'show', 'HEAD~1:notes/kept.md'), 'A draft.');
    await page.goto(`${product.url}/agents/assistant/files/notes/kept.md`);
    await page.getByText('New', { exact: true }).waitFor();
    t.equal(await page.getByText('Not saved.').count(), 0, 'nor does it come back');

    for (const [file, why] of [
      ['SOUL.md', /SOUL\.md cannot be removed: a bot needs it to talk/],
      ['bot.yaml', /bot\.yaml stays where it is/],
    ] as const) {
      for (const [item, button] of [
        ['Delete …', 'Delete'],
        ['Rename …', 'Rename'],
      ] as const) {
        await choose(file, item);
        if (button === 'Rename') await page.getByLabel('New path').fill('notes/other.md');
        await page.getByRole('button', { name: button, exact: true }).click();
        await page.getByRole('alert').getByText(why).waitFor();
        await page.keyboard.press('Escape');
      }
      t.ok(await onDisk(file), file);
      t.equal(await onDisk('notes/other.md'), undefined);
    }
    await page.close();
  },
);

await t.test('without an editor of code a plain field edits and saves, and confronts two changes', async (t) => {
  await using plain = await launchBrowser({ width: 1440, height: 900 });
  await plain.context.addCookies(await browser.context.cookies());
  // What a service worker gives cannot be kept from the page.
  await plain.context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
  const page = await plain.context.newPage();
  // What a server that serves the sources cannot give either.
  await page.route(/\/ui\/.*\.js/, async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    return /cm-content|cm-editor/.test(text) ? route.abort() : route.fulfill({ response });
  });
  await page.goto(`${product.url}/agents/assistant/files/AGENT.md`);
  const field = page.locator('bn-code-editor textarea');
  await field.fill(`${await field.inputValue()}Plainly.\n`);
  await page.getByRole('button', { name: 'Save' }).click();
  await until('the file', async () => (await onDisk('AGENT.md'))?.endsWith('Plainly.\n'));
  await field.fill('Mine.\n');
  await page.getByText('Not saved yet').waitFor();
  await product.files.write('bots/assistant/AGENT.md', 'Theirs.\n');
  await page.getByText('AGENT.md was changed while you wrote.').waitFor();
  await page.locator('bn-code-diff pre', { hasText: 'Theirs.' }).waitFor();
  t.equal(await onDisk('AGENT.md'), 'Theirs.\n');
  await page.getByRole('textbox', { name: 'Yours' }).fill('Theirs.\nMine.\n');
  await page.getByRole('button', { name: 'Save the right side' }).click();
  await until('both', async () => (await onDisk('AGENT.md')) === 'Theirs.\nMine.\n');
  await page.close();
});
