import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import t from 'tap';
import { archiveOf, docxOf, pdfOf, pdfWith } from '../support/documents.ts';
import { startProduct, until } from '../support/product.ts';
import { bot, cited, keep, placeOf, readFully } from '../support/storage.ts';

t.setTimeout(180_000);

const MB = 1024 * 1024;

await using product = await startProduct({
  files: {
    'settings.yaml':
      'plugins: { storage: { quotaMegabytes: 130, readSeconds: 4, readMegabytes: 256, files: 60, keys: 40 } }\n',
  },
});

await t.test('MEMO-06: text, Markdown, HTML, PDF, DOCX, CSV and JSON are found, each with its place', async (t) => {
  const lines = Array.from(
    { length: 400 },
    (_, at) => `${at + 1}: the machine hums along as ever.${at === 311 ? '\n\nA marmot sits on the pump.\n' : ''}`,
  );
  await keep(product, 'log.txt', lines.join('\n'));
  await keep(
    product,
    'guide.md',
    '# Guide\n\nWelcome.\n\n## Tea\n\nThe samovar stands in the attic.\n\n```\n# no heading\n```\n',
  );
  await keep(
    product,
    'page.html',
    '<html><head><title>x</title><style>p{}</style></head>\n<body>\n<h1>Birds</h1>\n<p>The capercaillie &amp; its <b>nest</b>.</p>\n<p hidden>quokka</p><script>quokka</script></body></html>',
  );
  await keep(
    product,
    'report.pdf',
    pdfOf(['First page, about nothing.', 'Second page.\nThe theodolite costs 4200 euro.']),
  );
  await keep(
    product,
    'handbook.docx',
    docxOf(['# Holidays', 'Everyone has thirty-one days & a xylophone.', 'Name | Days', 'Ada | 31']),
  );
  await keep(product, 'people.csv', 'name;city;pet\nAda;Bern;axolotl\n"Grace; Admiral";"New\nYork";cat\n');
  await keep(
    product,
    'orders.json',
    JSON.stringify({
      orders: [
        { id: 1, thing: 'astrolabe' },
        { id: 2, tags: ['sextant', 'brass'] },
      ],
    }),
  );
  await keep(product, 'events.jsonl', '{"what":"begin"}\n{"what":"a narwhal passed"}\n');
  await keep(product, 'photo.png', Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), randomBytes(100)]));
  const places: Record<string, string> = {
    marmot: 'log.txt, line 314',
    'where is the samovar': 'guide.md, lines 5-11',
    capercaillie: 'page.html, lines 3-4',
    theodolite: 'report.pdf, page 2',
    xylophone: 'handbook.docx, passage 1',
    axolotl: 'people.csv, lines 2-4',
    astrolabe: 'orders.json, orders',
    narwhal: 'events.jsonl, lines 1-2',
  };
  for (const [query, cite] of Object.entries(places)) {
    const [found = 'nothing'] = await cited(product, query);
    if (query === 'marmot') t.match(found, /^log\.txt, lines? 31[0-9]|^log\.txt, lines \d+-\d+/);
    else t.equal(found, cite);
  }
  t.strictSame(await cited(product, 'quokka'), [], 'what a page hides is not read');
  t.match((await product.client.call('storage.search', { bot, query: 'heading Tea' })).passages[0], {
    heading: 'Guide › Tea',
  });
  t.strictSame(await cited(product, 'theodolte'), ['report.pdf, page 2'], 'a slip is forgiven');
  t.match(await readFully(product, 'photo.png'), { media_type: 'image/png', text: { state: 'none' } });
  const read1 = await product.client.call('storage.read', { bot, name: 'log.txt' });
  t.ok(read1.parts > 8, `${read1.parts} passages of some hundred words`);
  const [passage] = read1.passages;
  t.match(passage?.lines, /^1-\d+$/);
  const [from = 0, to = 0] = (passage?.lines ?? '').split('-').map(Number);
  t.equal(
    passage?.text,
    lines
      .join('\n')
      .split('\n')
      .slice(from - 1, to)
      .join('\n'),
    'lines are those of the file',
  );
});

await t.test('hostile documents fail alone: the server answers all along, and the file stays', async (t) => {
  const bomb = archiveOf({ 'word/document.xml': new Uint8Array(300 * MB) });
  const deep = deflateSync(deflateSync(Buffer.alloc(1_000 * MB, ' ')));
  const hostile: Record<string, Buffer | string> = {
    'bomb.docx': bomb,
    'bomb.pdf': pdfWith(deep, '[/FlateDecode /FlateDecode]'),
    'torn.pdf': pdfOf(['never whole']).subarray(0, 200),
    'torn.docx': docxOf(['never whole']).subarray(0, 100),
    'deep.html': '<div>'.repeat(300_000),
    'deep.json': `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
    'quotes.csv': '"'.repeat(400_001),
    'broken.json': '{"a": ',
  };
  let slowest = 0;
  const over = new AbortController();
  const beat = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const began = performance.now();
      await product.fetch('/healthz');
      slowest = Math.max(slowest, performance.now() - began);
    }
  };
  const beating = beat();
  for (const [name, content] of Object.entries(hostile)) await keep(product, name, content);
  await keep(product, 'after.md', 'The okapi was read after all of them.');
  for (const name of Object.keys(hostile)) {
    const { text, bytes } = await readFully(product, name);
    t.ok(
      text.state === 'failed' ? text.problem : name === 'quotes.csv',
      `${name}: ${text.state}, ${String(text.problem)}`,
    );
    const back = Buffer.from(await (await product.fetch(placeOf(name, '/content'))).arrayBuffer());
    t.equal(back.length, bytes, 'and it can be downloaded');
    await product.client.call('storage.purge', { bot, name });
  }
  t.strictSame(await cited(product, 'okapi'), ['after.md, line 1']);
  over.abort();
  await beating;
  t.ok(slowest < 2_500, `the slowest answer meanwhile took ${Math.round(slowest)} ms`);
});

await t.test('what people copy, change and remove by hand is followed; the cache is only a cache', async (t) => {
  const folder = path.join(product.home, 'data', bot, 'files');
  await writeFile(path.join(folder, 'hand.md'), 'The hoopoe was put here by hand.\n');
  await symlink('/etc/passwd', path.join(folder, 'passwd.txt'));
  await mkdir(path.join(folder, 'folder'));
  t.strictSame(await cited(product, 'hoopoe'), ['hand.md, line 1']);
  const list = await product.client.call('storage.list', { bot, limit: 500 });
  t.match(list.left.map(({ name }) => name).toSorted(), ['folder', 'passwd.txt']);
  t.equal((await product.fetch(placeOf('passwd.txt', '/content'))).status, 404, 'links are not followed');
  await writeFile(path.join(folder, 'hand.md'), 'Line one.\n\nThe hoopoe has moved.\n');
  t.match((await product.client.call('storage.search', { bot, query: 'hoopoe' })).passages, [
    { text: /moved/, lines: '1-3' },
  ]);
  await rm(path.join(folder, 'hand.md'));
  t.strictSame(await cited(product, 'hoopoe'), []);

  const before = await product.client.call('storage.search', { bot, query: 'theodolite samovar axolotl' });
  t.equal(before.passages.length, 3);
  await product.stop();
  await rm(path.join(product.home, '.boternity/cache'), { recursive: true });
  await product.start();
  const after = await product.client.call('storage.search', { bot, query: 'theodolite samovar axolotl' });
  t.strictSame(after, before, 'rebuilt with the same answers');
  await product.stop();
  await rm(path.join(product.home, '.boternity/cache/memory-index'), { recursive: true });
  await product.start();
  t.strictSame(await product.client.call('storage.search', { bot, query: 'theodolite samovar axolotl' }), before);
});

await t.test(
  'nothing of one bot reaches another; a bot that goes takes its files along, a new name keeps them',
  async (t) => {
    await product.client.call('bots.create', { name: 'Other' });
    await keep(product, 'own.md', 'Only the other bot knows the pangolin.', 'other');
    t.strictSame(await cited(product, 'pangolin', 'other'), ['own.md, line 1']);
    t.strictSame(await cited(product, 'pangolin'), []);
    t.strictSame(await cited(product, 'theodolite', 'other'), []);
    await product.client.call('kv.set', { bot: 'other', key: 'x', value: 1 });
    const { token } = await product.client.call('tokens.create', { name: 'narrow', scopes: ['storage:write@other'] });
    const headers = { authorization: `Bearer ${token}` };
    const status = async (route: string, method = 'GET'): Promise<number> =>
      (
        await fetch(new URL(`/api/v1/bots/${route}`, product.url), {
          method,
          headers,
          ...(method === 'PUT' && { body: 'x' }),
        })
      ).status;
    t.equal(await status('other/storage/files/own.md/content'), 200);
    t.equal(await status('other/storage/files/new.md/content', 'PUT'), 201);
    t.equal(await status(`${bot}/storage/files/report.pdf/content`), 403);
    t.equal(await status(`${bot}/storage/files/new.md/content`, 'PUT'), 403);
    t.equal(await status('other/kv/x'), 403, 'values have a grant of their own');
    const { id } = await product.client.call('bots.show', { bot: 'other' });
    const cache = path.join(product.home, '.boternity/cache');
    t.ok(existsSync(path.join(cache, 'storage', id)));
    await product.client.call('bots.delete', { bot: 'other' });
    t.notOk(existsSync(path.join(product.home, 'data/other')));
    await until(
      'its texts are gone',
      () => !existsSync(path.join(cache, 'storage', id)) && !existsSync(path.join(cache, 'memory-index', id, 'files')),
    );
  },
);
