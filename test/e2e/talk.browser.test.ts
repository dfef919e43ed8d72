import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { pdfOf, redSquare } from '../support/documents.ts';
import { letBrowserIn } from '../support/owner.ts';
import { until } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';

t.setTimeout(240_000);

const PATIENCE_MS = 10_000;
const PNG = redSquare(8);

await using talking = await startTalking({
  files: {
    'bots/assistant/SOUL.md': '---\nname: Assistant\n---\n\nKind.\n',
    'bots/assistant/bot.yaml': 'conversation: { title: words }\ntools:\n  allow: [time_now]\n',
    'bots/assistant/personas/poet/SOUL.md': '---\nname: Poet\n---\n\nIn verse.\n',
  },
});
const { product, mock } = talking;
await using browser = await launchBrowser();
await letBrowserIn(product, browser.context);
const complaints: string[] = [];

async function open(place: string): Promise<Page> {
  const page = await browser.context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  await page.goto(`${product.url}${place}`);
  await page.getByRole('textbox', { name: /^Message/ }).waitFor();
  return page;
}

async function ask(page: Page, text: string): Promise<void> {
  const field = composer(page);
  await field.fill(text);
  await field.press('Enter');
}

const composer = (page: Page) => page.locator('bn-composer textarea');
const chips = (page: Page) => page.locator('bn-attached-chips li');
const reads = (page: Page, text: string) =>
  page.locator('bn-answer bn-markdown').getByText(text, { exact: true }).waitFor();
const show = (conversation: string) => product.client.call('conversations.show', { conversation });
const inspector = (page: Page) => page.locator('bn-run-inspector');

/** Has the page be given files as a drag from the desktop or the clipboard would. */
async function give(page: Page, how: 'drop' | 'paste', name: string, type: string, content: Buffer): Promise<void> {
  const data = await page.evaluateHandle(
    ([file, media, bytes]) => {
      const transfer = new DataTransfer();
      const content = Uint8Array.from(atob(bytes), (letter) => letter.codePointAt(0) ?? 0);
      transfer.items.add(new File([content], file, { type: media }));
      return transfer;
    },
    [name, type, content.toString('base64')] as const,
  );
  if (how === 'drop') {
    await page.dispatchEvent('body', 'dragenter', { dataTransfer: data });
    await page.locator('bn-composer .drop').waitFor();
    await page.dispatchEvent('body', 'dragover', { dataTransfer: data });
    await page.dispatchEvent('body', 'drop', { dataTransfer: data });
  } else {
    await composer(page).evaluate(
      (field, clipboardData) =>
        field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })),
      data,
    );
  }
}

t.beforeEach(() => mock.clear());
t.afterEach(async () => {
  await Promise.all(
    browser.context
      .pages()
      .slice(1)
      .map((page) => page.close()),
  );
});

await t.test('files come by button, drop and paste, go with the message and stand in its bubble', async (t) => {
  const conversation = await begin(product);
  const page = await open(`/conversations/${conversation}`);
  await page.locator('bn-composer input[type=file]').setInputFiles({
    name: 'offer.pdf',
    mimeType: 'application/pdf',
    buffer: pdfOf(['The theodolite costs 4200 euro.']),
  });
  await give(page, 'drop', 'dot.png', 'image/png', PNG);
  await give(page, 'paste', 'pasted.png', 'image/png', PNG);
  await give(page, 'paste', 'wrong.png', 'image/png', Buffer.from('no picture'));
  await chips(page).nth(3).waitFor();
  await chips(page).filter({ hasText: 'does not hold a PNG picture' }).waitFor();
  await page.getByRole('button', { name: 'Remove wrong.png' }).click();
  await page.getByRole('button', { name: 'Remove pasted.png' }).click();
  await until('two files', async () => (await chips(page).count()) === 2);
  await page.getByText(/% sent|being read/).waitFor({ state: 'detached' });

  await page.reload();
  await until('the files are kept with the draft', async () => (await chips(page).count()) === 2);
  mock.script('4200 euro.');
  await ask(page, 'What does it cost?');
  await reads(page, '4200 euro.');
  t.equal(await chips(page).count(), 0);
  const sent = page.locator('bn-message bn-attachments');
  t.match(await sent.locator('ul').innerText(), /offer\.pdf[^]*dot\.png/);
  await until('the picture is shown', () =>
    sent.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth === 8),
  );
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    sent.getByRole('link', { name: /offer\.pdf/ }).click(),
  ]);
  t.equal(download.suggestedFilename(), 'offer.pdf');
  t.match((await readFile(await download.path())).toString('latin1'), '%PDF');
  const { nodes } = await show(conversation);
  for (const { id, name } of nodes[0]?.attachments ?? [])
    t.ok(existsSync(path.join(product.home, 'data/assistant/conversations', conversation, 'attachments', id, name)));
  t.match(mock.requests().at(-1)?.body, 'The theodolite costs 4200 euro.');
  t.match(mock.requests().at(-1)?.body, PNG.toString('base64'));
});

await t.test('a first message can be files alone, and a draft waits in each conversation', async (t) => {
  const page = await open('/conversations');
  await give(page, 'drop', 'notes.md', 'text/markdown', Buffer.from('# The samovar'));
  mock.script('Notes on a samovar.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await reads(page, 'Notes on a samovar.');
  t.match(mock.requests().at(-1)?.body, '# The samovar');

  const [first, second] = [await begin(product), await begin(product)];
  await page.goto(`${product.url}/conversations/${first}`);
  await composer(page).fill('For the first');
  await page.goto(`${product.url}/conversations/${second}`);
  t.equal(await composer(page).inputValue(), '');
  await page.goto(`${product.url}/conversations/${first}`);
  t.equal(await composer(page).inputValue(), 'For the first');
});

await t.test('the field grows to six lines; several messages wait in a queue; stop ends them', async (t) => {
  const page = await open(`/conversations/${await begin(product)}`);
  const height = async (): Promise<number> => (await composer(page).boundingBox())?.height ?? 0;
  const one = await height();
  await composer(page).fill('a\nb\nc');
  const three = await height();
  await composer(page).fill('a\n'.repeat(30));
  const most = await height();
  t.ok(three > one && most > three && most < one + 24 * 6, `${one}, ${three}, ${most}`);
  await composer(page).fill('');
  await composer(page).pressSequentially('One');
  await composer(page).press('Shift+Enter');
  await composer(page).pressSequentially('two');
  t.equal(await composer(page).inputValue(), 'One\ntwo');
  mock.script({ text: 'word '.repeat(2_000), delayMs: 30 });
  await composer(page).press('Enter');
  await page.getByRole('button', { name: 'Stop the answer' }).waitFor();
  await ask(page, 'And then?');
  await ask(page, 'And after that?');
  await page.getByText('2 messages wait for the answers before them').waitFor();
  await page.getByRole('button', { name: 'Stop the answer' }).click();
  await page.getByRole('button', { name: 'Stop the answer' }).waitFor({ state: 'detached' });
  t.equal(await page.getByText('messages wait for').count(), 0);
});

await t.test('commands: a list that keys go through, and each does on the server what it says', async (t) => {
  const conversation = await begin(product);
  mock.script('Hello.');
  await say(product, conversation, 'Hi');
  const page = await open(`/conversations/${conversation}`);
  const list = page.getByRole('listbox', { name: 'Commands' });
  await composer(page).fill('/');
  await list.waitFor();
  t.ok((await list.getByRole('option').count()) > 15);
  await composer(page).press('Escape');
  await list.waitFor({ state: 'detached' });
  await composer(page).fill('/ti');
  await composer(page).press('Tab');
  t.equal(await composer(page).inputValue(), '/title ');
  await composer(page).pressSequentially('Tea time');
  await composer(page).press('Enter');
  await until('the title', async () => (await show(conversation)).title === 'Tea time');

  await ask(page, '/remember Ada likes green tea.');
  await page.getByText('Remembered.').waitFor();
  const { memories } = await product.client.call('memories.list', { bot: 'assistant' });
  t.match(memories, [{ text: 'Ada likes green tea.' }]);
  await ask(page, '/persona');
  await page.getByRole('button', { name: 'poet' }).click();
  await until('the persona', async () => (await show(conversation)).persona === 'poet');
  await ask(page, '/model');
  await page.getByRole('button', { name: /mock-model/ }).click();
  await until('the model', async () =>
    ((await product.files.read('bots/assistant/bot.yaml')) ?? '').includes('mock/mock-model'),
  );
  const [saved] = await Promise.all([page.waitForEvent('download'), ask(page, '/export')]);
  t.match((await readFile(await saved.path())).toString(), /# Tea time[^]*Hello\./);
  await ask(page, '/help');
  await page.getByText('asks for another answer to the last message').waitFor();
  await page.keyboard.press('Escape');
  await ask(page, '/delete');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await ask(page, '/archive');
  await page.getByText('This conversation is archived.').waitFor();
  t.match(await show(conversation), { archived: true });
  t.equal((await show(conversation)).messages, 1, 'no command became a message');
});

await t.test(
  'the inspector shows how an answer comes about while it is given, and of the one that is chosen',
  async (t) => {
    const conversation = await begin(product);
    mock.script('First answer.');
    await say(product, conversation, 'One');
    const page = await open(`/conversations/${conversation}`);
    await page.getByRole('button', { name: 'More about this conversation' }).click();
    await page.getByRole('menuitem', { name: 'How the last answer came about' }).click();
    await inspector(page).getByText('An answer by mock-model').waitFor();
    mock.script({ calls: [{ name: 'time_now' }] }, { text: `${'word '.repeat(200)}end.`, delayMs: 20 });
    await ask(page, 'What time is it?');
    await inspector(page).getByText('Is being given').waitFor();
    await inspector(page).getByText('Tools (1)').waitFor();
    await inspector(page).getByText('time_now').first().waitFor();
    await inspector(page).getByText('Finished').waitFor();
    for (const wanted of [
      'What fills the prompt',
      'soul',
      'messages',
      /tokens that the model takes/,
      /\d tokens, /,
      'Cost',
      /via mock/,
    ])
      await inspector(page).getByText(wanted).first().waitFor();
    await inspector(page).getByText('Raw events').click();
    await inspector(page).locator('pre').getByText('"type":"delta"').waitFor();

    const first = page.locator('bn-answer').filter({ hasText: 'First answer.' });
    await first.hover();
    await first.getByRole('button', { name: 'More about this message' }).click();
    await page.getByRole('menuitem', { name: 'How it came about' }).click();
    await inspector(page).getByText('Tools (1)').waitFor({ state: 'detached' });
    await inspector(page)
      .getByRole('link', { name: /All of it/ })
      .click();
    await page.getByText('Trace of its turn').waitFor();
    t.match(new URL(page.url()).pathname, /\/runs\//);
  },
);

await t.test('threads and checkpoints begin at a message; the map leads to branches and merges them', async (t) => {
  const conversation = await begin(product);
  mock.script('The answer.');
  await say(product, conversation, 'One');
  const page = await open(`/conversations/${conversation}`);
  const choose = async (item: string): Promise<void> => {
    const actions = page.locator('bn-answer bn-message-actions').last();
    await actions.hover();
    await actions.getByRole('button', { name: 'More about this message' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const lanes = async () => (await show(conversation)).lanes;
  await choose('Checkpoint here');
  await until('the checkpoint', async () => (await lanes()).some(({ kind }) => kind === 'checkpoint'));
  t.equal(new URL(page.url()).pathname, `/conversations/${conversation}`, 'who marks a place stays');
  await choose('Thread from here');
  await page.waitForURL(/\/branches\//);
  mock.script('In the thread.');
  await ask(page, 'Aside?');
  await reads(page, 'In the thread.');
  await ask(page, '/branches');
  const map = page.locator('bn-branch-map');
  t.match(await map.locator('ol').innerText(), /Main[^]*checkpoint 1[^]*thread 2[^]*shown now/);
  await map.getByRole('link', { name: /Main/ }).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`/conversations/${conversation}$`));
  await page.locator('bn-markdown').getByText('In the thread.').waitFor({ state: 'detached' });
  mock.script('Both are known.');
  await ask(page, '/branches');
  await page.getByRole('button', { name: 'Merge thread 2 into Main' }).click();
  await reads(page, 'Both are known.');
  t.match(mock.requests().at(-1)?.body, 'In the thread.');
  await map.getByText('merged into Main').waitFor();
  t.match(
    (await lanes()).map(({ kind, mergedInto }) => [kind, mergedInto]),
    [
      ['main', null],
      ['checkpoint', null],
      ['thread', 'main'],
    ],
  );
});

await t.test(
  'two conversations with the same bot at once: each goes on by itself, what is not seen is marked',
  async (t) => {
    const [one, two] = [await begin(product), await begin(product)];
    const [first, second] = [await open(`/conversations/${one}`), await open(`/conversations/${two}`)];
    mock.script({ text: `${'slow '.repeat(40)}one.`, delayMs: 25 }, 'Quick two.');
    await first.bringToFront();
    await ask(first, 'Slowly');
    await first.getByRole('button', { name: 'Stop the answer' }).waitFor();
    await second.bringToFront();
    await ask(second, 'Quickly');
    await reads(second, 'Quick two.');
    await until('the other one ends', async () => (await show(one)).state === 'idle');
    const { conversations } = await product.client.call('conversations.list', {});
    t.equal(conversations.find(({ id }) => id === two)?.unread, false);
    t.match((await show(one)).nodes.at(-1)?.text, 'one.');
  },
);

await t.test('a picture for a model that cannot see is told below its answer', async (t) => {
  await product.files.write(
    'providers.yaml',
    `${(await product.files.read('providers.yaml')) ?? ''}    facts: { mock-model: { images: false } }\n`,
  );
  await until('what is known of the model', async () => {
    const { models } = await product.client.call('models.list', {});
    return models.some(({ id, images }) => id === 'mock-model' && !images);
  });
  const page = await open(`/conversations/${await begin(product)}`);
  await give(page, 'drop', 'dot.png', 'image/png', PNG);
  mock.script('I see nothing.');
  await ask(page, 'What is it?');
  await page.getByText('cannot see pictures').waitFor();
  t.notMatch(mock.requests().at(-1)?.body, PNG.toString('base64'));
});

await t.test('it looks well in both themes and every width, and nothing complained', async (t) => {
  const shots = process.env['TALK_SHOTS'];
  if (shots !== undefined) {
    await mkdir(shots, { recursive: true });
    await takeShots(shots);
  }
  t.strictSame(
    complaints.filter((text) => !text.includes('415')),
    [],
  );
});

async function takeShots(folder: string): Promise<void> {
  const conversation = await begin(product);
  mock.script(
    { calls: [{ name: 'time_now' }] },
    'It is late, and this is a longer answer that fills a line or two of the page.',
  );
  await say(product, conversation, 'What time is it?');
  const { nodes } = await show(conversation);
  for (const kind of ['branch', 'thread', 'checkpoint'] as const)
    await product.client.call('branches.create', { conversation, from: nodes.at(-1)?.id ?? '', kind });
  const page = await open(`/conversations/${conversation}`);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [390, 834, 1440]) {
      const shot = (name: string): Promise<Buffer> =>
        page.screenshot({ path: path.join(folder, `${name}-${colorScheme}-${width}.png`) });
      await page.setViewportSize({ width, height: 900 });
      await page.reload();
      await composer(page).waitFor();
      await give(page, 'drop', 'dot.png', 'image/png', PNG);
      await give(page, 'drop', 'a-rather-long-name-of-a-file-that-is-cut.md', 'text/markdown', Buffer.from('# x'));
      await give(page, 'drop', 'wrong.png', 'image/png', Buffer.from('no'));
      await composer(page).fill('/');
      await page.waitForTimeout(300);
      await shot('composer');
      await composer(page).fill('');
      while ((await chips(page).count()) > 0) await chips(page).first().getByRole('button').click();
      await ask(page, '/inspect');
      await inspector(page).getByText('What fills the prompt').waitFor();
      await page.waitForTimeout(400);
      await shot('inspector');
      if (width < 1000) await page.keyboard.press('Escape');
      await page
        .locator('bn-inspector')
        .getByRole('button', { name: 'Close' })
        .click({ timeout: 1_000 })
        .catch(() => undefined);
      await ask(page, '/branches');
      await page.locator('bn-branch-map').waitFor();
      await page.waitForTimeout(400);
      await shot('map');
    }
  }
}
