import { once } from 'node:events';
import { mkdir, readdir, readFile, readlink, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { Fault } from '../../../core/base/fault.ts';
import type { Repository } from '../../../core/files/git/repository.ts';
import { expectWhole, git, makeBench } from '../../support/git.ts';
import { temporaryFolder } from '../../support/product.ts';

t.setTimeout(120_000);
const { signal } = new AbortController();

await t.test('a real git client clones and fetches what upload answers, in both protocols', async (t) => {
  await using bench = await makeBench();
  await using place = await temporaryFolder();
  await using server = await serve(bench.repository);
  const first = await bench.save({ 'SOUL.md': '# Ada\n', 'prompts/a.md': 'a\n' });
  for (const version of ['0', '2']) {
    const folder = path.join(place.path, `v${version}`);
    await git(place.path, '-c', `protocol.version=${version}`, 'clone', '-q', server.url, folder);
    t.equal(await git(folder, 'rev-parse', 'HEAD'), first);
    t.equal(await git(folder, 'branch', '--show-current'), 'main');
    t.equal(await expectWhole(folder), '');
  }
  const second = await bench.save({ 'SOUL.md': '# Ada, later\n' });
  const folder = path.join(place.path, 'v2');
  await git(folder, 'pull', '-q');
  t.equal(await git(folder, 'rev-parse', 'HEAD'), second);
  t.equal(await readFile(path.join(folder, 'SOUL.md'), 'utf8'), '# Ada, later\n');
});

await t.test('a repository is cloned from a folder and over http, whole and without its configuration', async (t) => {
  await using bench = await makeBench();
  await using place = await temporaryFolder();
  await using server = await serve(bench.repository);
  await symlink('.gitattributes', path.join(bench.folder, 'link'));
  await bench.save({
    'SOUL.md': '# Ada\n',
    'tools/run': '#!/bin/sh\n',
    '.gitattributes': '* text eol=crlf filter=x\n',
  });
  await git(bench.folder, 'update-index', '--chmod=+x', 'tools/run');
  await git(bench.folder, 'add', 'link');
  await git(bench.folder, 'commit', '-q', '-m', 'by hand');
  await git(bench.folder, 'config', 'core.autocrlf', 'true');
  const head = await git(bench.folder, 'rev-parse', 'HEAD');
  for (const [number, from] of [bench.folder, `file://${bench.folder}`, server.url].entries()) {
    const folder = path.join(place.path, `clone-${number}`);
    t.equal(await bench.repositories.clone(from, folder, signal), head, from);
    t.equal(await readFile(path.join(folder, 'SOUL.md'), 'utf8'), '# Ada\n', 'byte by byte');
    t.equal(await readlink(path.join(folder, 'link')), '.gitattributes');
    t.equal(await expectWhole(folder), '');
    t.notMatch(await readFile(path.join(folder, '.git/config'), 'utf8'), /autocrlf|remote/);
  }
  const left = await readdir(path.join(bench.home.path, '.boternity/cache/git'));
  t.strictSame(left.toSorted(), ['.empty', 'ada'], 'what was needed meanwhile is gone');
});

await t.test('what must not be fetched is refused, and nothing stays of it', async (t) => {
  await using bench = await makeBench();
  await using place = await temporaryFolder();
  const target = path.join(place.path, 'bot');
  const cases: [string, RegExp][] = [
    [`ext::sh -c "touch ${place.path}/ran"`, /only https/],
    ['ftp://127.0.0.1/x', /only https/],
    ['--upload-pack=touch', /no address/],
    ['../relative', /whole path/],
    [place.path, /no git repository/],
    ['https://ada:secret@127.0.0.1:1/x.git', /could not fetch/],
  ];
  for (const [from, why] of cases) {
    const fault = await faultOf(bench.repositories.clone(from, target, signal));
    t.match(fault.message, why, from);
    t.match(fault.code, /^CLONE_/);
    t.notMatch(fault.message, /secret/, 'no password in a message');
    t.strictSame(await exists(target), false);
  }
  t.strictSame(await exists(path.join(place.path, 'ran')), false);
  const source = path.join(place.path, 'source');
  await mkdir(source);
  await git(source, 'init', '-q', '-b', 'main');
  const wrong: [string, () => Promise<unknown>][] = [
    ['kept by the server', () => place.write('source/memory/a.json', '{}')],
    ['leaves the bot', () => symlink('../../etc/passwd', path.join(source, 'out'))],
    ['absolute path', () => symlink('/etc/passwd', path.join(source, 'absolute'))],
    ['is the same name as', () => Promise.all(['A.md', 'a.md'].map((name) => place.write(`source/${name}`, name)))],
    [
      'is the same name as',
      () => Promise.all(['\u00e9', 'e\u0301'].map((name) => place.write(`source/${name}`, name))),
    ],
    ['not every system', () => place.write('source/aux.md', 'x')],
    [
      'through another link',
      async () => {
        await place.write('source/kept/x', 'x');
        await symlink('kept', path.join(source, 'one'));
        await symlink('one/x', path.join(source, 'two'));
      },
    ],
    [
      'submodule',
      async () => {
        await git(source, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sub`);
      },
    ],
  ];
  for (const [words, plant] of wrong) {
    await plant();
    if (words !== 'submodule') await git(source, 'add', '-A');
    await git(source, 'commit', '-q', '-m', words);
    const fault = await faultOf(bench.repositories.clone(source, target, signal));
    t.equal(fault.code, 'CLONE_REFUSED', words);
    t.match(fault.message, words);
    t.strictSame(await exists(target), false);
    await git(source, 'rm', '-r', '-q', '--cached', '.');
    await git(source, 'clean', '-q', '-f', '-d', '-x');
  }
});

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (error) {
    return Fault.from(error);
  }
  throw new Error('Nothing was refused.');
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

/** Serves one repository by smart HTTP, as little of it as a clone needs. */
async function serve(repository: Repository): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    void (async () => {
      const header = request.headers['git-protocol'];
      const protocol = typeof header === 'string' ? { protocol: header } : {};
      if (request.method === 'GET') {
        response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
        response.write('001e# service=git-upload-pack\n0000');
        (await repository.upload({ advertise: true, signal, ...protocol })).pipe(response);
        return;
      }
      response.setHeader('content-type', 'application/x-git-upload-pack-result');
      (await repository.upload({ advertise: false, body: request, signal, ...protocol })).pipe(response);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/bot.git`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
