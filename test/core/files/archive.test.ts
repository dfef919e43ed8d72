import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar, unpackTar, type TarEntry } from 'modern-tar';
import t from 'tap';
import { noLimits, readArchive, type ArchiveLimits } from '../../../core/files/read-archive.ts';
import { packArchive, type Packed } from '../../../core/files/write-archive.ts';

const limits: ArchiveLimits = { archiveBytes: 8e6, bytes: 16e6, fileBytes: 4e6, entries: 50, ratio: 100 };
const plain = (path: string, text: string): Packed => ({
  path,
  bytes: Buffer.byteLength(text),
  content: Buffer.from(text),
});
const pieces = async function* (bytes: Uint8Array, size = 700): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
};

/** What an archive holds, read through to its end. */
async function contentsOf(archive: Uint8Array, allowed: ArchiveLimits = noLimits): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { path, kind, content } of readArchive(pieces(archive), allowed))
    found[path] = kind === 'file' ? (await buffer(content)).toString('latin1') : `<${kind}>`;
  return found;
}

await t.test('what is packed is read again by us, by another library and by the tar of the system', async (t) => {
  const folder = t.testdir({});
  const long = `${'folder-with-a-name/'.repeat(9)}${'ä'.repeat(60)}.md`;
  const big = randomBytes(1_000_003);
  const wide: Record<string, string> = {
    'a.txt': '',
    'b/one block.bin': 'x'.repeat(512),
    'b/Grüße 🌱.md': 'ü',
    [`c/${'n'.repeat(99)}`]: 'long, and split in two',
    [long]: 'too long for a header',
  };
  const files: Packed[] = [
    ...Object.entries(wide).map(([name, text]) => plain(name, text)),
    { path: 'run.sh', bytes: big.length, mode: 0o755, modifiedMs: 86_400_000, content: pieces(big, 65_536) },
  ];
  const archive = await buffer(packArchive(files));
  const expected = Object.fromEntries(
    Object.entries(wide).map(([name, text]) => [name, Buffer.from(text).toString('latin1')]),
  );
  t.strictSame(await contentsOf(archive), { ...expected, 'run.sh': big.toString('latin1') });

  const other = await unpackTar(gunzipSync(archive), { strict: true });
  t.strictSame(
    other.map(({ header }) => header.name),
    files.map(({ path }) => path),
  );
  await writeFile(path.join(folder, 'x.tar.gz'), archive);
  await mkdir(path.join(folder, 'out'));
  const tar = spawnSync('tar', ['-xzf', '../x.tar.gz'], { cwd: path.join(folder, 'out'), encoding: 'utf8' });
  t.equal(tar.stderr, '');
  for (const [name, text] of Object.entries(wide))
    t.equal(await readFile(path.join(folder, 'out', name), 'utf8'), text);
  t.ok((await readFile(path.join(folder, 'out/run.sh'))).equals(big));
  t.match(spawnSync('ls', ['-l', path.join(folder, 'out/run.sh')], { encoding: 'utf8' }).stdout, /^-rwxr-xr-x/);
  const again = await buffer(packArchive(Object.entries(wide).map(([name, text]) => plain(name, text))));
  t.ok(again.equals(await buffer(packArchive(files.slice(0, -1)))), 'the same files make the same bytes');
});

await t.test('archives of other programs are read: GNU, pax and plain tar', async (t) => {
  const folder = t.testdir({ w: { 'SOUL.md': 'soul', deep: { [`${'long'.repeat(40)}.md`]: 'far' } } });
  await symlink('/etc/passwd', path.join(folder, 'w/link'));
  for (const form of ['gnu', 'pax', 'ustar', 'posix']) {
    for (const flag of ['-czf', '-cf']) {
      const name = path.join(folder, `${form}${flag}.tar`);
      const given = form === 'ustar' ? ['SOUL.md', 'link'] : ['.'];
      t.equal(spawnSync('tar', [flag, name, `--format=${form}`, ...given], { cwd: path.join(folder, 'w') }).status, 0);
      const found: Record<string, string> = {};
      for await (const { path, kind, content } of readArchive(createReadStream(name), noLimits))
        found[path] = kind === 'file' ? (await buffer(content)).toString() : kind;
      t.match(found, { 'SOUL.md': 'soul', link: 'link' }, `${form} ${flag}`);
      if (form !== 'ustar') t.equal(found[`deep/${'long'.repeat(40)}.md`], 'far');
    }
  }
});

await t.test('an archive that lies is refused with a sentence that says how', async (t) => {
  const file = (name: string, body = 'x', more: object = {}): TarEntry => ({
    header: { name, size: Buffer.byteLength(body), type: 'file', ...more },
    body,
  });
  const of = async (...entries: TarEntry[]): Promise<Buffer> => gzipSync(await packTar(entries));
  const good = await buffer(packArchive([plain('a', 'one'), plain('b', 'two')]));
  const tar = gunzipSync(good);
  const huge = ['a', 'b', 'c', 'd', 'e'].map((name) => file(name, 'x'.repeat(3_900_000)));
  const broken = (at: number, value: number): Buffer => {
    const copy = Buffer.from(tar);
    copy[at] = value;
    return gzipSync(copy);
  };
  const cases: [string, Uint8Array, RegExp][] = [
    ['a step up', await of(file('a/../../x')), /"a\/\.\.\/\.\.\/x", a path that leaves its folder/],
    ['an absolute path', await of(file('/etc/cron.d/x')), /begins at a root/],
    ['a drive', await of(file('C:/x')), /begins at a root/],
    ['a backslash', await of(file('a\\..\\x')), /backslash/],
    ['a line break', await of(file('a\nb')), /control characters/],
    ['an empty name', await of(file('a//b')), /empty name/],
    ['a name twice', await of(file('a'), file('a')), /twice/],
    ['names equal but for case', await of(file('SOUL.md'), file('soul.MD')), /some systems take for one/],
    ['names equal but for spelling', await of(file('caf\u00E9'), file('cafe\u0301')), /some systems take for one/],
    ['a folder equal but for case', await of(file('skills/a'), file('Skills/b')), /some systems take for one/],
    ['a file that is a folder', await of(file('a'), file('a/b')), /twice/],
    ['a folder twice', await of(file('a/x'), file('b'), file('a/y')), /twice/],
    ['a path that is too deep', await of(file(`${'a/'.repeat(60)}x`)), /too long/],
    ['a name that is too long', await of(file('n'.repeat(300))), /too long/],
    ['too many entries', await of(...Array.from({ length: 51 }, (_, at) => file(`f${at}`))), /more than 50 entries/],
    ['a file too large', await of(file('a', 'x'.repeat(4_000_001))), /a file may have 4000000/],
    ['too large as it comes', gzipSync(await packTar(huge), { level: 0 }), /larger than 8000000 bytes/],
    ['a bomb', gzipSync(tarWith(Buffer.alloc(3_900_000))), /100 times its size/],
    ['a wrong checksum', broken(0, 0x62), /checksum/],
    ['the end cut off', gzipSync(tar.subarray(0, tar.length - 1024)), /ends in the middle/],
    ['a file cut off', gzipSync(tar.subarray(0, 700)), /ends in the middle/],
    ['the gzip cut off', good.subarray(0, good.length - 9), /ends in the middle/],
    ['damage', flipped(good), /damaged|checksum|ends in the middle|cannot be read/],
    ['something behind the gzip', Buffer.concat([good, Buffer.from('\0\0more')]), /behind its end/],
    ['more behind the gzip', Buffer.concat([good, Buffer.from('more')]), /damaged/],
    ['a second archive behind the end', gzipSync(Buffer.concat([tar, tar])), /behind its end/],
    ['one block of zeros and more', gzipSync(Buffer.concat([tar.subarray(0, -512), tar])), /goes on after its end/],
    ['nothing', Buffer.alloc(0), /is empty/],
    ['no archive', Buffer.from('hello '.repeat(200)), /no tar archive/],
    ['a name that is no text', gzipSync(named(Buffer.from([0x61, 0xff, 0x62]))), /not UTF-8/],
    ['a kind nobody knows', await of(file('a', 'x', { pax: { 'GNU.sparse.major': '1' } })), /holes/],
    ['an endless extended header', await of(file('a', 'x', { pax: { comment: 'x'.repeat(70_000) } })), /too long/],
  ];
  for (const [what, archive, sentence] of cases) {
    await t.rejects(contentsOf(archive, limits), { code: 'ARCHIVE_INVALID', message: sentence }, what);
  }
  const wide = { ...limits, archiveBytes: 1e9, ratio: 1e9 };
  await t.rejects(contentsOf(await of(...huge), wide), { message: /unpacks to more than 16000000 bytes/ });
  const made = await of(
    { header: { name: 'l', size: 0, type: 'symlink', linkname: '/etc' } },
    { header: { name: 'h', size: 0, type: 'link', linkname: 'l' } },
    { header: { name: 'd', size: 0, type: 'character-device' } },
  );
  t.strictSame(await contentsOf(made), { l: '<link>', h: '<link>', d: '<device>' }, 'links are named and never made');
});

await t.test('a consumer that stops closes the source, and a source that fails is told as it is', async (t) => {
  const archive = await buffer(packArchive([plain('a', 'one'), plain('b', 'two')]));
  let isClosed = false;
  const source = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces(archive, 64);
    } finally {
      isClosed = true;
    }
  };
  for await (const { path } of readArchive(source(), noLimits)) if (path === 'a') break;
  t.ok(isClosed);
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield archive.subarray(0, 20);
    throw new Error('the line broke');
  };
  await t.rejects(
    async () => {
      for await (const _ of readArchive(failing(), noLimits));
    },
    { message: 'the line broke' },
  );
  const short = packArchive([{ path: 'a', bytes: 5, content: Buffer.from('four') }]);
  await t.rejects(buffer(short), /4 bytes; 5 were announced/);
});

function tarWith(content: Buffer): Buffer {
  const whole = Buffer.alloc(Math.ceil(content.length / 512) * 512 + 1536);
  headerOf(content.length).copy(whole);
  content.copy(whole, 512);
  return whole;
}

function named(name: Buffer): Buffer {
  return Buffer.concat([headerOf(0, name), Buffer.alloc(1024)]);
}

function headerOf(bytes: number, name: Buffer = Buffer.from('a')): Buffer {
  const block = Buffer.alloc(512);
  name.copy(block);
  block.write('0000644\0', 100);
  block.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124);
  block.write('        0ustar\x0000', 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  let sum = 0;
  for (const byte of block.fill(' ', 148, 156)) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function flipped(archive: Buffer): Buffer {
  const copy = Buffer.from(archive);
  copy[30] = (copy[30] ?? 0) ^ 0x55;
  return copy;
}
