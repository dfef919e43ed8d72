import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { letBrowserIn } from '../support/owner.ts';
import { startProduct, until } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';

t.setTimeout(240_000);

const sizes = [
  { name: 'a desk', width: 1280, height: 800 },
  { name: 'a phone', width: 390, height: 844 },
];

/** Everything the page complained about: errors, refused policies. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}

/** What a person reads in the last answer. Elements keep their text in shadow roots, some of them nested. */
function answerOf(page: Page): Promise<string> {
  return page
    .locator('bn-answer')
    .last()
    .evaluate((answer) => {
      const textOf = (node: Node): string => {
        if (node instanceof Text) return node.data;
        if (node instanceof HTMLStyleElement) return '';
        if (node instanceof HTMLSlotElement) return node.assignedNodes().map(textOf).join('');
        const inside = node instanceof Element && node.shadowRoot ? node.shadowRoot : node;
        return [...inside.childNodes].map(textOf).join('');
      };
      return textOf(answer);
    });
}

for (const { name, width, height } of sizes) {
  void t.test(
    `on ${name}: a message is sent, its answer arrives piece by piece, and a reload shows the same text`,
    async (t) => {
      await using product = await startProduct();
      await using browser = await launchBrowser({ width, height });
      await letBrowserIn(product, browser.context);
      const page = await browser.context.newPage();
      const complaints = complaintsOf(page);
      await page.goto(`${product.url}/conversations`);
      const composer = page.getByRole('textbox').first();
      await composer.fill('Tell me who you are.');
      await composer.press('Enter');

      const lengths = new Set<number>();
      await until('the whole answer', async () => {
        if ((await page.locator('bn-answer').count()) === 0) return false;
        const text = await answerOf(page);
        lengths.add(text.length);
        return text.includes('first message)') && /tokens/.test(text);
      });
      t.ok(lengths.size >= 3, `the text grew in ${lengths.size} steps`);
      const shown = await answerOf(page);
      t.match(shown, /I am Assistant/);

      await page.reload();
      await until(
        'the answer after the reload',
        async () => (await page.locator('bn-answer').count()) > 0 && (await answerOf(page)) === shown,
      );
      t.equal((await page.getByText('Tell me who you are.').count()) > 0, true, 'and the question');
      const surplus = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      t.equal(surplus, 0, 'nothing sticks out sideways');
      t.same(complaints, []);
    },
  );
}

void t.test(
  'an answer can be stopped from the page and keeps what had come; the next message is answered',
  async (t) => {
    await using product = await startProduct({ files: { 'settings.yaml': 'plugins: { demo: { delayMs: 150 } }\n' } });
    await using browser = await launchBrowser();
    await letBrowserIn(product, browser.context);
    const page = await browser.context.newPage();
    await page.goto(`${product.url}/conversations`);
    const composer = page.getByRole('textbox').first();
    await composer.fill('Tell me everything about yourself, please.');
    await composer.press('Enter');
    await until(
      'the first words',
      // The foot of the answer has words of its own.
      async () => (await page.locator('bn-answer').count()) > 0 && (await answerOf(page)).length > 80,
    );
    await page.getByRole('button', { name: /stop/i }).click();
    await until('the stop is shown', async () => /stopped/i.test(await answerOf(page)));
    const [conversation] = (
      (await product.client.call('conversations.list', {})) as { conversations: { id: string; state: string }[] }
    ).conversations;
    t.equal(conversation?.state, 'idle');
    const { nodes } = (await product.client.call('conversations.show', { conversation: conversation?.id ?? '' })) as {
      nodes: { state: string; text: string }[];
    };
    t.equal(nodes.at(-1)?.state, 'stopped');
    t.ok((nodes.at(-1)?.text.length ?? 0) > 0, 'what had come stays');
    await composer.fill('And now?');
    await composer.press('Enter');
    await until(
      'the next answer',
      async () => (await page.locator('bn-answer').count()) === 2 && (await answerOf(page)).length > 20,
    );
  },
);

void t.test('two tabs show one conversation alike, while it is written and afterwards', async (t) => {
  await using product = await startProduct({ files: { 'settings.yaml': 'plugins: { demo: { delayMs: 40 } }\n' } });
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);
  const first = await browser.context.newPage();
  await first.goto(`${product.url}/conversations`);
  const composer = first.getByRole('textbox').first();
  await composer.fill('Hello from the first tab');
  await composer.press('Enter');
  await first.waitForURL(/conversations\//);
  const second = await browser.context.newPage();
  await second.goto(first.url());
  await until(
    'both are done',
    async () => /tokens/.test(await answerOf(first)) && /tokens/.test(await answerOf(second)),
    10_000,
  );
  t.equal(await answerOf(second), await answerOf(first));
});

void t.test('what strangers write is shown, and neither runs nor breaks the page', async (t) => {
  await using talking = await startTalking();
  const { product, mock } = talking;
  await using browser = await launchBrowser();
  await letBrowserIn(product, browser.context);

  await t.test(
    'Markdown of a stranger: nothing runs, nothing is fetched, links are safe and say where they lead',
    async (t) => {
      const bad = 'globalThis.pwned = 1';
      const payloads = [
        `<script>${bad}</script>`,
        `<img src=x onerror="${bad}">`,
        `<svg onload="${bad}"><script>${bad}</script></svg>`,
        `<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
        `<a href="javascript:${bad}" onclick="${bad}">raw</a> <style>body{display:none}</style> <form action=/x><input></form>`,
        `[a](javascript:${bad}) [b](JaVaScRiPt:${bad}) [c](java\tscript:${bad}) [d](&#106;avascript:${bad}) [e](vbscript:x) [f](data:text/html,<script>${bad}</script>)`,
        `[g](//evil.example/x) [h](/api/v1/bots) [i](file:///etc/passwd) [j](blob:x)`,
        `![data](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+) ![far](https://evil.example/p.png) ![js](javascript:${bad})`,
        `![x"onerror="${bad}](https://evil.example/q.png "t\\"onerror=${bad}")`,
        `<javascript:${bad}> <https://good.example/a> good@good.example`,
        `[r][1]\n\n[1]: javascript:${bad}`,
        `\`\`\`js"onmouseover="${bad}\nlet a = "<img src=x onerror=${bad}>";\n\`\`\``,
        `| <img src=x onerror="${bad}"> |\n|---|\n| <b onclick="${bad}">x</b> |`,
        `<details open ontoggle="${bad}"><math><mtext></form><form><mglyph><style></math><img src onerror="${bad}">`,
        `<div id="location" class="block" style="position:fixed;inset:0">over everything</div> <bn-shell></bn-shell> <slot></slot>`,
        `<template shadowrootmode="open"><script>${bad}</script></template> &lt;img src=x onerror=${bad}&gt;`,
        `- [ ] <input type=image src=x onerror="${bad}">\n- [x] done`,
        'The very end.',
      ];
      const title = `<img src=x onerror="${bad}">`;
      mock.script({ text: payloads.join('\n\n'), thinking: payloads.join('\n') });
      const conversation = await begin(product);
      await say(product, conversation, payloads.join('\n\n'));
      await product.client.call('conversations.rename', { conversation, title });
      const page = await browser.context.newPage();
      const elsewhere: string[] = [];
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        if (origin !== product.url && protocol !== 'data:') elsewhere.push(request.url());
      });
      page.on('dialog', (dialog) => void (elsewhere.push(dialog.message()), dialog.dismiss()));
      await page.goto(`${product.url}/conversations/${conversation}`);
      await page.locator('bn-answer bn-markdown').getByText('The very end.').waitFor();
      t.equal(await page.locator('bn-conversation h1').first().innerText(), title, 'a title is text');
      const drawn = await page.locator('bn-answer bn-markdown .prose').evaluate((prose) => {
        const all = [...prose.querySelectorAll('*')];
        return {
          tags: [...new Set(all.map(({ localName }) => localName))],
          attributes: [...new Set(all.flatMap((each) => each.getAttributeNames()))],
          links: all
            .filter((each) => each.localName === 'a')
            .map((a) => [a.getAttribute('href'), a.getAttribute('rel'), a.getAttribute('target')]),
        };
      });
      const tags =
        'a div p pre code figure figcaption span button table thead tbody tr th td ul ol li h1 h2 em strong br';
      t.strictSame(
        drawn.tags.filter((tag) => !tags.split(' ').includes(tag)),
        [],
      );
      t.strictSame(
        drawn.attributes.filter(
          (name) =>
            !['class', 'dir', 'href', 'rel', 'target', 'title', 'type', 'tabindex', 'align', 'start'].includes(name),
        ),
        [],
      );
      const leading = drawn.links.filter(([href]) => href !== null);
      t.ok(leading.length >= 3, 'what is safe is a link');
      for (const [href, rel, target] of leading) {
        t.match(href, /^(https:\/\/(good|evil)\.example\/|mailto:good@good\.example$)/);
        t.strictSame([rel, target], ['noopener noreferrer nofollow', '_blank']);
      }
      for (const link of await page.locator('bn-answer bn-markdown a:not([href])').all()) await link.click();
      await page.locator('bn-message').hover();
      await page.locator('bn-answer details summary').first().click();
      t.equal(await page.locator('bn-message span').first().innerText(), payloads.join('\n\n'));
      t.equal(await page.evaluate(() => Reflect.get(globalThis, 'pwned')), undefined);
      t.strictSame(elsewhere, [], 'nothing was asked of anybody else');
      await page.close();
    },
  );

  await t.test('long words, code, tables and every script fit, on 1280, 390 and 320 pixels', async (t) => {
    const word = 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(9);
    const arabic = 'مرحبا بالعالم! هذا نص.';
    const text = [
      `# ${word}`,
      `\`${'x'.repeat(300)}\` https://example.com/${'a'.repeat(300)}`,
      `\`\`\`\n${'y'.repeat(400)}\n\`\`\``,
      `| a | b |\n|---|---|\n| ${'z'.repeat(200)} | ${'w '.repeat(200)} |`,
      arabic,
      'Latin again.',
      '- שלום עולם',
      `${'👩‍👩‍👧‍👦'.repeat(60)} ${'漢字'.repeat(200)}`,
      `> ${word}\n\n1. one\n   1. two\n      1. ${word}`,
      'The very end.',
    ].join('\n\n');
    mock.script({ text });
    const conversation = await begin(product);
    await say(product, conversation, `${arabic}\n${word}`);
    await product.client.call('conversations.rename', { conversation, title: word.slice(0, 200) });
    const page = await browser.context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(`${product.url}/conversations/${conversation}`);
    await page.locator('bn-answer bn-markdown').getByText('The very end.').waitFor();
    for (const width of [1280, 390, 320]) {
      await page.setViewportSize({ width, height: 800 });
      const surplus = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      const inside = await page
        .getByRole('log', { name: 'Conversation' })
        .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      t.strictSame([surplus, inside], [0, 0], `${width} pixels`);
    }
    /** How far the words stand from the left of what holds them. */
    const indent = (holder: Locator): Promise<number> =>
      holder.evaluate((element) => {
        const words = document.createRange();
        words.selectNodeContents(element);
        const box = (element.parentElement ?? element).getBoundingClientRect();
        return Math.min(...[...words.getClientRects()].map(({ left }) => left)) - box.left;
      });
    const prose = page.locator('bn-answer bn-markdown .prose');
    t.ok((await indent(prose.getByText(arabic))) > 50, 'Arabic begins at the right');
    t.ok((await indent(prose.getByText('שלום עולם'))) > 50, 'so does a Hebrew list');
    t.equal(await prose.locator('ul').evaluate((list) => getComputedStyle(list).direction), 'rtl', 'with its marks');
    t.ok((await indent(prose.getByText('Latin again.'))) < 5, 'Latin at the left');
    await page.getByRole('textbox', { name: /^Message/ }).fill(arabic);
    t.equal(
      await page.getByRole('textbox', { name: /^Message/ }).evaluate((field) => getComputedStyle(field).direction),
      'rtl',
      'also while it is written',
    );
    await page.getByRole('textbox', { name: /^Message/ }).fill('');
    t.strictSame(complaints, []);
    await page.close();
  });
});
