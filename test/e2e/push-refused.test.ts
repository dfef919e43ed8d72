import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { readCliToken } from '../../core/files/cli-token.ts';
import { cloneOf, freshClone, git, remoteOf } from '../support/git-client.ts';
import { rawCommit, type RawFile } from '../support/git-tree.ts';
import { startProduct, type Product } from '../support/product.ts';
import { guestConfig, guestPlugin } from '../support/probe-plugin.ts';

t.setTimeout(240_000);

/** Tokens are names in grants.json; `bot` is a bot's own. */
const IDENTIFY = `identify: async ({ headers }) => {
        const name = /^Bearer (\\w+)$/.exec(headers.authorization ?? '')?.[1];
        const grants = { bot: ['*'], ...JSON.parse(readFileSync(file, 'utf8')) }[name];
        return grants && { kind: name === 'bot' ? 'bot' : 'token', id: name, name: 'Guest ' + name, grants };
      },`;

const LINK = '120000';
const soul = { path: 'SOUL.md', content: '---\nname: Ada\n---\n\nText\n' } as const;
const link = (place: string, target: string): RawFile => ({ path: place, mode: LINK, content: target });
const file = (place: string | Buffer): RawFile => ({ path: place, content: `content of ${String(place)}` });

await t.test('trees that a bot may not have are refused with a sentence, and nothing changes', async (t) => {
  await using product = await startProduct();
  await using clone = await cloneOf(product, 'assistant.git');
  const folder = path.join(product.home, 'bots/assistant');
  const head = await clone.git('rev-parse', 'HEAD');
  const wrong: [what: string, files: RawFile[], sentence: RegExp][] = [
    ['memory', [file('memory/2026-01-01/x.json')], /memory\/2026-01-01\/x\.json lies in memory\//],
    ['a file named memory', [file('memory')], /memory lies in memory\//],
    ['Memory', [file('Memory/x.json')], /Memory\/x\.json lies in memory\//],
    ['conversations', [file('conversations/1/journal.jsonl')], /lies in conversations\//],
    ['files', [file('files/upload.bin')], /lies in files\//],
    ['full-width files', [file('ｆiles/upload.bin')], /lies in files\//],
    ['a submodule', [{ path: 'lib', mode: '160000', content: head }], /lib is a submodule/],
    ['an absolute link', [link('passwd', '/etc/passwd')], /passwd is a link with an absolute path/],
    ['a link up', [link('a/up', '../../other/SOUL.md')], /a\/up is a link that leaves the bot's folder/],
    ['a link to the root', [link('all', '.')], /all is a link to \.,/],
    ['a link to memory', [link('m', 'memory')], /m is a link to memory,/],
    ['a link to git', [link('g', '.git/config')], /g is a link to \.git\/config,|\.git/],
    [
      'a link through a link',
      [file('d/x'), link('l', 'd'), link('m', 'l/../../x')],
      /link that (goes through another|leaves)/,
    ],
    [
      'a link to a link',
      [file('d/x'), link('l', 'd/x'), link('m', 'l')],
      /m is a link that goes through another link, l/,
    ],
    ['a link around', [link('a', 'b'), link('b', 'a')], /goes through another link/],
    ['a link to the soul', [link('notes.md', 'SOUL.md')], /notes\.md is a link from or to SOUL\.md/],
    [
      'a link among the tools',
      [file('data/x.sh'), link('tools/x.sh', '../data/x.sh')],
      /is a link from or to tools\/x\.sh/,
    ],
    ['an empty link', [link('e', '')], /leads nowhere/],
    ['.git', [file('.git/hooks/post-checkout')], /\.git/],
    ['.GIT below', [file('a/.GIT/config')], /\.git/i],
    ['git~1', [file('git~1/config')], /git/i],
    ['.git with a dot', [file('.git./config')], /git/],
    ['.git with a space', [file('.git /config')], /git/],
    ['.git with a stream', [file('.git::$INDEX_ALLOCATION/config')], /git/],
    ['.git with nothing in it', [file('.g\u200Cit/config')], /git/],
    ['.gitmodules', [file('.gitmodules')], /git/],
    ['.GITMODULES', [file('.GITMODULES')], /git/],
    ['.gitattributes as a link', [file('a'), link('.gitattributes', 'a')], /gitattributes/],
    [
      'two cases',
      [file('notes/Readme.md'), file('notes/README.md')],
      /README\.md is the same name as|Readme\.md is the same name as/,
    ],
    ['two cases of a folder', [file('Notes/a'), file('notes/b')], /is the same name as/],
    ['two normal forms', [file('caf\u00E9.md'), file('cafe\u0301.md')], /is the same name as/],
    ['two compatible forms', [file('\uFB01le.md'), file('file.md')], /is the same name as/],
    ['a soul beside the soul', [file('SOUL\u200B.md')], /is the same name as SOUL\.md|SOUL\.md is the same name as/],
    ['a control character', [file('a\u0007b.md')], /control character/],
    ['a line break', [file('a\nb.md')], /control character/],
    ['letters turned round', [file('a\u202Eb.md')], /control character/],
    ['a backslash', [file('..\\up.md')], /backslash|git/],
    ['two dots', [file('a/../b.md')], /\.\.|dotdot/i],
    ['a dot', [file('./b.md')], /"\."|hasDot/],
    ['no UTF-8', [file(Buffer.from([0x61, 0xff, 0x2e, 0x6d, 0x64]))], /not UTF-8/],
    ['a long name', [file(`${'x'.repeat(230)}.md`)], /name longer than 200 bytes/],
    ['a long path', [file(`${'folder/'.repeat(160)}x.md`)], /path longer than 1000 bytes/],
    ['a temporary name', [file('SOUL.md.bnity-tmp')], /bnity-tmp/],
    [
      'a file and a folder',
      [file('both'), file('both/inner')],
      /is a file where both\/inner needs a folder|duplicate/i,
    ],
    ['a soul that is a link', [{ ...soul, mode: LINK, content: 'other.md' }, file('other.md')], /SOUL\.md/],
  ];
  const before = (await readdir(folder, { recursive: true })).toSorted();
  for (const [what, files, sentence] of wrong) {
    const id = await rawCommit(clone, files.some(({ path }) => path === 'SOUL.md') ? files : [soul, ...files]);
    const pushed = await clone.push('origin', `${id}:refs/heads/main`);
    t.equal(pushed.code, 1, `${what}: ${pushed.stderr}`);
    t.match(pushed.stderr.replaceAll(/\s*\nremote: /g, '\nremote: '), sentence, what);
    t.match(pushed.stderr, 'remote: ', what);
  }
  t.strictSame((await readdir(folder, { recursive: true })).toSorted(), before);
  t.equal((await git(folder, ['rev-parse', 'main'])).stdout.trim(), head);
  const right: RawFile[] = [
    soul,
    file('data/a'),
    link('data/b', 'a'),
    link('c', 'data'),
    link('skills/d', '../data/a'),
  ];
  const allowed = await clone.push('origin', `${await rawCommit(clone, right)}:refs/heads/main`);
  t.equal(allowed.code, 0, `links that stay inside are taken: ${allowed.stderr}`);
  t.equal(await product.files.read('bots/assistant/c/b'), 'content of data/a');
  t.equal((await git(folder, ['status', '--porcelain'])).stdout, '');
});

await t.test(
  'a push above the limit is refused; the pusher learns the limit, and disk and memory stay small',
  async (t) => {
    const settings = 'plugins:\n  git-push:\n    maxPackMegabytes: 3\n    maxFileMegabytes: 1\n    maxFiles: 50\n';
    await using product = await startProduct({ files: { 'settings.yaml': settings } });
    await using clone = await cloneOf(product, 'assistant.git');
    /** Cannot be compressed to nothing. */
    const noise = (megabytes: number): string => randomBytes(megabytes * 500_000).toString('hex');
    await clone.commit({ 'data/a.txt': noise(1.5) });
    const large = await clone.push();
    t.match(large, { code: 1, stderr: /remote: data\/a\.txt:1:1 the file has 1500000 bytes; 1000000 are the limit/ });
    await clone.commit({ 'data/a.txt': undefined });
    await clone.commit(Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`data/${at}.txt`, `${at}`])));
    t.match(await clone.push(), { code: 1, stderr: /remote: the push has \d+ files; 50 are the limit/ });
    await clone.git('reset', '-q', '--hard', 'origin/main');
    await clone.commit(Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`data/${at}.txt`, noise(0.9)])));
    const huge = await clone.push();
    t.equal(huge.code, 1);
    t.match(huge.stderr, /remote: .*3 ?MB|3000000|3,000,000/, huge.stderr);
    t.match(huge.stderr, /remote rejected|unpack/);
    const left = (await readdir(product.home, { recursive: true })).filter((name) =>
      /tmp_|\.pack$|staging\/./.test(name),
    );
    t.strictSame(
      left.filter((name) => !name.startsWith('bots/assistant/.git/objects/pack')),
      [],
      'nothing is left of it',
    );
    await clone.git('reset', '-q', '--hard', 'origin/main');
    await clone.commit({ 'data/a.txt': 'small' });
    t.match(await clone.push(), { code: 0 }, 'the server goes on');
  },
);

await t.test(
  '100 MB is the limit where nobody sets another: a larger push fills neither disk nor memory',
  async (t) => {
    await using product = await startProduct();
    await using clone = await cloneOf(product, 'assistant.git');
    for (let at = 0; at < 6; at += 1) await clone.files.write(`data/${at}.bin`, randomBytes(18_000_000));
    await clone.git('config', 'core.compression', '0');
    await clone.commit({});
    const before = await residentBytes(product.pid);
    let most = 0;
    const watching = setInterval(
      () => void bytesBelow(path.join(product.home, '.boternity')).then((bytes) => (most = Math.max(most, bytes))),
      100,
    );
    const pushed = await clone.push();
    clearInterval(watching);
    t.match(pushed, { code: 1, stderr: /remote: The push is larger than 100 MB, the limit of this server/ });
    t.match(pushed.stderr, /unpack failed: the push is too large/);
    t.ok(most < 105_000_000, `at most ${most} bytes lay on the disk meanwhile`);
    t.ok((await bytesBelow(path.join(product.home, '.boternity'))) < 1_000_000, 'and none of them stays');
    const grown = (await residentBytes(product.pid)) - before;
    t.ok(grown < 150_000_000, `the server grew by ${grown} bytes at its largest`);
  },
);

await t.test('what a caller may do is what the grants say, and git shows why not', async (t) => {
  await using product = await startProduct({
    files: {
      'boternity.config.ts': guestConfig,
      'plugins/guest/index.ts': guestPlugin.replace(/identify: .*,/, () => IDENTIFY),
      'grants.json': JSON.stringify({
        reader: ['bots:read@assistant'],
        writer: ['bots:write@assistant'],
        other: ['bots:write@somebody'],
        maker: ['bots:write'],
        learner: ['memories:write@assistant'],
      }),
    },
  });
  const clones = async (token: string | null, place = 'assistant.git'): Promise<string> => {
    const { code, stderr } = await git(product.home, ['ls-remote', await remoteOf(product, place, token)]);
    return code === 0 ? 'may' : stderr;
  };
  t.match(await clones(null), /could not read Username|Authentication failed/, 'no credential');
  t.match(await clones('wrong'), /Authentication failed/);
  t.equal(await clones('reader'), 'may');
  t.equal(await clones('writer'), 'may');
  t.match(
    await clones('other'),
    /remote: Guest other may not read assistant\. It needs the grant bots:read@assistant[^]*403/,
  );
  t.match(
    await clones('other', 'nobody.git'),
    /may not read nobody/,
    'who may not see a bot does not learn whether there is one',
  );
  t.match(await clones('maker', 'nobody.git'), /remote: There is no bot "nobody"[^]*not found/);
  t.match(
    await clones('writer', 'assistant/memory.git'),
    /memories:read@assistant/,
    'the memory has a grant of its own',
  );
  t.equal(await clones('learner', 'assistant/memory.git'), 'may');
  const bearer = [
    '-c',
    'http.extraHeader=Authorization: Bearer reader',
    'ls-remote',
    await remoteOf(product, 'assistant.git'),
  ];
  t.equal((await git(product.home, bearer)).code, 0);
  const pushes = async (token: string, place: string): Promise<string> => {
    await using clone = await freshClone(await remoteOf(product, place, token));
    await clone.commit({ 'SOUL.md': 'Soul\n' });
    return (await clone.push('origin', place === 'assistant.git' ? 'HEAD:side' : 'HEAD:main')).stderr;
  };
  t.match(
    await pushes('reader', 'assistant.git'),
    /Guest reader may not push to assistant\. It needs the grant bots:write@assistant/,
  );
  t.match(await pushes('writer', 'assistant.git'), /new branch/);
  t.match(await pushes('writer', 'fresh.git'), /bots:write for a bot that is new/);
  t.match(await pushes('maker', 'fresh.git'), /The bot fresh is created/);
  t.match(await pushes('bot', 'assistant.git'), /A bot pushes to no repository/);
  const { id } = (
    (await (
      await fetch(new URL('/api/v1/bots/assistant', product.url), { headers: { authorization: 'Bearer maker' } })
    ).json()) as { data: { id: string } }
  ).data;
  t.equal(await clones('maker', `${id}.git`), 'may', 'the id stands for the slug');
});

await t.test('what is no push of git gets one sentence and the right status', async (t) => {
  await using product = await startProduct();
  const get = async (place: string, method = 'GET'): Promise<string> => {
    const answer = await product.fetch(place, { method });
    return `${answer.status} ${answer.headers.get('content-type')} ${await answer.text()}`;
  };
  t.match(await get('/git/assistant.git/info/refs'), /^404 text\/plain.*smart protocol/);
  t.match(await get('/git/assistant.git/HEAD'), /^404 .*smart protocol/);
  t.match(await get('/git/assistant.git/info/refs?service=git-upload-archive'), /^404 /);
  t.match(await get('/git/assistant.git/git-receive-pack'), /^404 /);
  t.match(await get('/git/assistant'), /^404 .*no repository/);
  t.match(await get('/git/../etc/passwd.git/info/refs?service=git-upload-pack'), /^404 /);
  t.match(await get('/git/..%2f..%2fetc.git/info/refs?service=git-upload-pack'), /^404 /);
  const refs = await product.fetch('/git/assistant.git/info/refs?service=git-receive-pack');
  t.equal(refs.headers.get('content-type'), 'application/x-git-receive-pack-advertisement');
  t.match(refs.headers.get('cache-control'), 'no-cache');
  const head = /([0-9a-f]{40}) refs\/heads\/main\0(.*)\n/.exec(await refs.text());
  t.match(head?.[2], /report-status delete-refs side-band-64k quiet atomic ofs-delta object-format=sha1 agent=/);
  const send = async (
    body: Uint8Array<ArrayBuffer> | string,
    headers: Record<string, string> = {},
  ): Promise<string> => {
    const answer = await product.fetch('/git/assistant.git/git-receive-pack', { method: 'POST', body, headers });
    return `${answer.status} ${await answer.text()}`;
  };
  const line = (text: string): string => `${(Buffer.byteLength(text) + 4).toString(16).padStart(4, '0')}${text}`;
  const none = '0'.repeat(40);
  t.equal(await send('0000'), '200 ', 'a question whether one may');
  t.match(await send('GET / HTTP/1.1'), /^400 .*not in the form of the git protocol/);
  t.match(await send('00'), /^400 .*middle of a line/);
  t.match(await send(line('nonsense')), /^400 /);
  t.match(await send('x', { 'content-encoding': 'br' }), /^400 .*br; gzip/);
  t.match(await send('no gzip', { 'content-encoding': 'gzip' }), /^400 /);
  const removal = `${line(`${head?.[1]} ${none} refs/heads/main\0 report-status delete-refs`)}0000`;
  t.match(await send(removal), /^200 .*unpack ok\n.*ng refs\/heads\/main main is live and cannot be deleted\n0000$/);
  t.match(
    await send(Uint8Array.from(gzipSync(removal)), { 'content-encoding': 'gzip' }),
    /ng refs\/heads\/main/,
    'zipped',
  );
  const shallow = `${line(`shallow ${head?.[1]}\n`)}${line(`${none} ${head?.[1]} refs/heads/x\0report-status side-band-64k`)}0000`;
  t.match(await send(shallow), /shallow clone.*--unshallow[^]*ng refs\/heads\/x shallow clone/);
  const broken = `${line(`${none} ${'1'.repeat(40)} refs/heads/x\0report-status side-band-64k`)}0000PACK and nothing`;
  t.match(await send(broken), /unpack [^]*ng refs\/heads\/x/);
  t.match(await expecting(product, removal), /^100 200 .*ng refs\/heads\/main/s, 'who asks to be let in is let in');
  const many = Array.from({ length: 1_100 }, (_, at) => line(`${none} ${head?.[1]} refs/heads/b${at}\0report-status`));
  t.match(await send(`${many.join('')}0000`), /^200 [^]*ng refs\/heads\/b1099 too many refs/);
});

/** Most memory that a process ever held; 0 where the system does not tell. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

async function bytesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map(async (name) => (await stat(path.join(folder, name)).catch(() => undefined))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A request that waits for "100 Continue" before it sends its body in pieces. */
async function expecting(product: Product, body: string): Promise<string> {
  const authorization = `Bearer ${await readCliToken(product.home)}`;
  const headers = { expect: '100-continue', 'transfer-encoding': 'chunked', authorization };
  const sent = request(new URL('/git/assistant.git/git-receive-pack', product.url), { method: 'POST', headers });
  const answered = once(sent, 'response');
  sent.flushHeaders();
  await once(sent, 'continue');
  for (const piece of body) sent.write(piece);
  sent.end();
  const [answer] = (await answered) as [NodeJS.ReadableStream & { statusCode: number }];
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return `100 ${answer.statusCode} ${text}`;
}
