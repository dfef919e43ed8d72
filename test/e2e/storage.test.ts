import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { Upload, type UploadOptions } from 'tus-js-client';
import { startProduct, until, type Product } from '../support/product.ts';
import { bot, cited, codeOf, keep, placeOf, put } from '../support/storage.ts';

t.setTimeout(180_000);

const MB = 1024 * 1024;

/** Uploads by tus-js-client; resolves at the end with the address, at `stopAt` bytes with the address of what is not whole. */
async function upload(
  product: Product,
  content: Buffer,
  { stopAt, ...options }: Partial<UploadOptions> & { readonly stopAt?: number },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work: Upload = new Upload(content, {
    endpoint: `${product.url}/api/v1/bots/${bot}/storage/uploads`,
    headers: await product.credentials(),
    retryDelays: null,
    ...options,
    onError: reject,
    onSuccess: () => resolve(work.url ?? ''),
    ...(stopAt !== undefined && { chunkSize: 2 * MB }),
    onChunkComplete(size, accepted, total) {
      options.onChunkComplete?.(size, accepted, total);
      if (stopAt !== undefined && accepted >= stopAt) void work.abort().then(() => resolve(work.url ?? ''));
    },
  });
  work.start();
  return promise;
}

const sha256 = (content: Buffer | undefined): string =>
  createHash('sha256')
    .update(content ?? '')
    .digest('hex');
const fileIn = (product: Product, ...names: string[]): Promise<Buffer | undefined> =>
  readFile(path.join(product.home, 'data', bot, ...names)).catch(() => undefined);

await using product = await startProduct({
  files: {
    'settings.yaml':
      'plugins: { storage: { quotaMegabytes: 130, readSeconds: 4, readMegabytes: 256, files: 60, keys: 40 } }\n',
  },
});

await t.test(
  'INFR-04, MEMO-06: an upload that is cut half-way goes on after kill -9 where it was, by tus-js-client',
  async (t) => {
    const content = randomBytes(24 * MB);
    const metadata = { filename: 'big.bin', filetype: 'application/octet-stream' };
    const address = await upload(product, content, { metadata, stopAt: 8 * MB });
    const folder = path.join(product.home, '.boternity/staging/storage');
    await until(
      'some of it is here',
      async () => {
        const [owner = ''] = await readdir(folder);
        const name = (await readdir(path.join(folder, owner))).find((each) => !each.endsWith('.json')) ?? '';
        return name !== '' && (await readFile(path.join(folder, owner, name))).length > 0;
      },
      20_000,
    );
    t.equal(await fileIn(product, 'files/big.bin'), undefined, 'nothing is half there');
    await product.kill9();
    await product.start();
    const resumed = new URL(new URL(address).pathname, product.url).href;
    const head = await product.fetch(resumed, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } });
    const offset = Number(head.headers.get('upload-offset'));
    t.ok(offset > MB && offset < content.length, `${offset} bytes are here`);
    t.equal(head.headers.get('access-control-allow-origin'), null);
    const sent: number[] = [];
    await upload(product, content, {
      metadata,
      uploadUrl: resumed,
      chunkSize: 4 * MB,
      onChunkComplete: (size) => void sent.push(size),
    });
    t.equal(
      sent.reduce((sum, each) => sum + each, 0),
      content.length - offset,
      'only the rest was sent',
    );
    t.equal(sha256(await fileIn(product, 'files/big.bin')), sha256(content), 'every byte is as it was');
    t.match(await product.client.call('storage.show', { bot, name: 'big.bin' }), {
      version: 1,
      bytes: content.length,
      modified_by: 'Owner',
    });
    const [owner = ''] = await readdir(folder);
    t.strictSame(await readdir(path.join(folder, owner)), [], 'and nothing is left of the upload');
    const again = await product.fetch(resumed, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } });
    t.equal(again.headers.get('upload-offset'), String(content.length), 'who did not hear the end is told again');
    await product.client.call('storage.purge', { bot, name: 'big.bin' });
  },
);

await t.test(
  'an upload that is refused is refused before its bytes: too large, a bad name, no length, a full quota',
  async (t) => {
    const begin = async (headers: Record<string, string>): Promise<Response> =>
      product.fetch(`/api/v1/bots/${bot}/storage/uploads`, {
        method: 'POST',
        headers: { 'tus-resumable': '1.0.0', ...headers },
      });
    const named = (name: string): Record<string, string> => ({
      'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`,
    });
    const large = await begin({ ...named('a.bin'), 'upload-length': String(50 * MB + 1) });
    t.strictSame([large.status, await codeOf(large)], [413, 'STORAGE_TOO_LARGE']);
    const escaping = await begin({ ...named('../../x.md'), 'upload-length': '5' });
    t.strictSame([escaping.status, await codeOf(escaping)], [422, 'STORAGE_NAME_REFUSED']);
    const nameless = await begin({ 'upload-length': '5' });
    t.equal(await codeOf(nameless), 'STORAGE_NAME_REFUSED');
    const endless = await begin({ ...named('a.bin'), 'upload-defer-length': '1' });
    t.equal(await codeOf(endless), 'INPUT_INVALID');
    // What was announced counts, also when not a byte of it has come.
    const addresses: string[] = [];
    for (const name of ['one.bin', 'two.bin']) {
      const begun = await begin({ ...named(name), 'upload-length': String(50 * MB) });
      t.equal(begun.status, 201);
      addresses.push(begun.headers.get('location') ?? '');
    }
    const full = await begin({ ...named('three.bin'), 'upload-length': String(40 * MB) });
    t.strictSame([full.status, await codeOf(full)], [413, 'STORAGE_FULL']);
    for (const address of addresses) {
      const ended = await product.fetch(address, { method: 'DELETE', headers: { 'tus-resumable': '1.0.0' } });
      t.equal(ended.status, 204);
    }
    const fits = await begin({ ...named('three.bin'), 'upload-length': String(40 * MB) });
    t.equal(fits.status, 201, 'what was given up counts no more');
    await product.fetch(fits.headers.get('location') ?? '', {
      method: 'DELETE',
      headers: { 'tus-resumable': '1.0.0' },
    });
    const missing = await product.fetch(addresses[0] ?? '', { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } });
    t.equal(missing.status, 404);
    const wrong = await upload(product, Buffer.from('no pdf at all'), { metadata: { filename: 'x.pdf' } }).catch(
      (error: Error) => error.message,
    );
    t.match(wrong, /STORAGE_TYPE_WRONG/, 'what is not what its name says is refused at its end');
    t.equal(await fileIn(product, 'files/x.pdf'), undefined);

    // The answer comes before the bytes; a client that still writes them may hear of the closed connection first.
    const declared = await until('an answer', () =>
      product
        .fetch(placeOf('huge.bin', '/content'), { method: 'PUT', body: Buffer.alloc(51 * MB) })
        .catch(() => undefined),
    );
    t.strictSame([declared.status, await codeOf(declared)], [413, 'STORAGE_TOO_LARGE']);
  },
);

await t.test('names that no disk or page takes well are refused, and lead nowhere', async (t) => {
  const bad = [
    'a/b.md',
    'a\\b.md',
    '..',
    '.hidden',
    'con',
    'NUL.txt',
    'com1.md',
    'a:b.md',
    'a\u0000.md',
    'a\n.md',
    'dot.',
    ' space.md',
    'a\u202Efdp.exe',
    'a\u200Bb.md',
    '<x>.md',
    `${'x'.repeat(121)}.md`,
    'x.bnity-tmp',
  ];
  for (const name of bad) {
    const response = await put(product, name, 'text');
    t.ok([404, 422].includes(response.status), `${JSON.stringify(name)}: ${response.status}`);
    const back = await product.fetch(placeOf(name, '/content'));
    t.equal(back.status, 404, `${JSON.stringify(name)} cannot be read either`);
  }
  for (const name of ['../../../settings.yaml', '..%2f..%2fsettings.yaml', '.versions'])
    t.equal((await product.fetch(`${placeOf(name, '/content')}?version=1`)).status, 404);
  await keep(product, 'Notes.md', '# One\n');
  const twin = await put(product, 'NOTES.md', '# Two\n');
  t.strictSame([twin.status, await codeOf(twin)], [422, 'STORAGE_NAME_REFUSED'], 'a twin on a disk without capitals');
  await keep(product, 'Müller – Bericht (2).md', 'Grüße');
  t.equal((await fileIn(product, 'files/Müller – Bericht (2).md'))?.toString(), 'Grüße');
  t.strictSame((await readdir(path.join(product.home, 'data', bot))).toSorted(), ['files'], 'nothing lies beside');
});

await t.test('a download is an attachment of a plain type, whatever was uploaded', async (t) => {
  await keep(product, 'evil.html', '<script>alert(1)</script><h1>Hi</h1>');
  await keep(product, 'evil.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  for (const name of ['evil.html', 'evil.svg']) {
    const response = await product.fetch(placeOf(name, '/content'));
    t.equal(response.headers.get('content-type'), 'application/octet-stream', name);
    t.match(response.headers.get('content-disposition'), /^attachment; filename="evil/);
    t.equal(response.headers.get('x-content-type-options'), 'nosniff');
    t.match(response.headers.get('content-security-policy'), /sandbox/);
  }
  const umlaut = await product.fetch(placeOf('Müller – Bericht (2).md', '/content'));
  t.match(umlaut.headers.get('content-disposition'), "filename*=UTF-8''M%C3%BCller%20%E2%80%93%20Bericht%20%282%29.md");
  t.equal(await umlaut.text(), 'Grüße');
});

await t.test('MEMO-06: versions are kept, listed, restored; deleting keeps them, purging does not', async (t) => {
  const file = { bot, name: 'plan.md' };
  await keep(product, 'plan.md', '# Plan\nThe zeppelin lands in Oslo.\n');
  await keep(product, 'plan.md', '# Plan\nThe zeppelin lands in Turku.\n');
  await keep(product, 'plan.md', '# Plan\nThe zeppelin lands in Turku.\n');
  const { versions } = await product.client.call('storage.versions', file);
  t.strictSame(
    versions.map(({ version, is_current: isCurrent }) => [version, isCurrent]),
    [
      [2, true],
      [1, false],
    ],
    'the same once more is no version',
  );
  t.equal(
    await (await product.fetch(`${placeOf('plan.md', '/content')}?version=1`)).text(),
    '# Plan\nThe zeppelin lands in Oslo.\n',
  );
  t.strictSame(await cited(product, 'where does the zeppelin land'), ['plan.md, lines 1-2']);
  await product.client.call('storage.restore', { ...file, version: 1 });
  t.match((await fileIn(product, 'files/plan.md'))?.toString(), 'Oslo');
  const { passages } = await product.client.call('storage.search', { bot, query: 'zeppelin' });
  t.match(passages, [{ version: 3, text: /Oslo/ }]);

  await product.client.call('storage.delete', file);
  t.equal(await fileIn(product, 'files/plan.md'), undefined);
  t.strictSame(await cited(product, 'zeppelin'), [], 'what is deleted is not found');
  t.match(await product.client.call('storage.list', { bot }), { deleted: ['plan.md'] });
  t.equal((await product.fetch(placeOf('plan.md', '/content'))).status, 404);
  await product.stop();
  await product.start();
  await product.client.call('storage.restore', file);
  t.strictSame(await cited(product, 'zeppelin'), ['plan.md, lines 1-2'], 'what is restored is found again');
  t.match(await product.client.call('storage.purge', file), { versions: 4 });
  t.notOk(existsSync(path.join(product.home, 'data', bot, 'files/.versions/plan.md')));
  t.equal((await product.fetch(placeOf('plan.md', '/versions'))).status, 404);
});

await t.test('the command line adds, gets and lists files', async (t) => {
  const here = path.join(product.home, 'desk');
  await mkdir(here);
  await writeFile(path.join(here, 'letter.md'), '# Letter\nDear wombat.\n');
  const added = await product.cliJson(['storage', 'add', bot, 'letter.md'], { cwd: here });
  t.match(added, { files: [{ name: 'letter.md', version: 1 }] });
  const piped = await product.cli(['storage', 'add', bot, '-', '--name', 'piped.txt'], {
    input: 'from a pipe',
    cwd: here,
  });
  t.equal(piped.stdout, 'piped.txt  version 1  11 bytes\n');
  t.match(await product.cliJson(['storage', 'search', bot, 'wombat']), {
    passages: [{ cite: 'letter.md, lines 1-2' }],
  });
  const got = await product.cli(['storage', 'get', bot, 'letter.md'], { cwd: here });
  t.equal(got.code, 1, 'what is there is not replaced');
  t.equal((await product.cli(['storage', 'get', bot, 'letter.md', 'copy.md'], { cwd: here })).code, 0);
  t.equal((await readFile(path.join(here, 'copy.md'))).toString(), '# Letter\nDear wombat.\n');
  t.equal((await product.cli(['storage', 'get', bot, 'piped.txt', '-'])).stdout, 'from a pipe');
  t.equal((await product.cli(['storage', 'get', bot, 'none.txt'])).code, 3);
  t.equal((await product.cli(['storage', 'add', bot, here])).code, 5);
  t.match((await product.cli(['storage', '--help'])).stdout, /add .*search /s);
});
