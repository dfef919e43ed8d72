import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { init, parse } from 'es-module-lexer';
import t, { type Test } from 'tap';
import { digestOf, type BuildManifest } from '../../../core/server/pages/build.ts';
import { createPages, type OwnedPanel, type Pages } from '../../../core/server/pages/pages.ts';
import type * as EventSourceModule from '../../../core/ui/live/event-source.ts';
import { buildUi, sizeOf } from '../../../tools/build-ui.ts';
import { lazyPackages } from '../../support/house-rooms.ts';

// It builds the whole page twice.
t.setTimeout(240_000);

const clone = path.resolve(import.meta.dirname, '../../..');
const asDocument = { 'sec-fetch-dest': 'document' };

await t.test('the page allows its two inline scripts by hash and no other inline script or style', async (t) => {
  const { pages } = await house(t);
  for (const address of ['/', '/conversations', '/conversations/01a', '/wea%20ther/today']) {
    const page = await pages.handle(address, {});
    t.equal(page?.status, 200, address);
  }
  const page = await pages.handle('/', {});
  const policy = page?.headers['content-security-policy'] ?? '';
  const document = String(page?.body);
  const inside = Array.from(
    document.matchAll(/<script(?: type="importmap")?>(.*?)<\/script>/gs),
    ([, text = '']) => text,
  );
  const hashes = inside.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  t.equal(hashes.length, 2);
  t.ok(policy.includes(`script-src 'self' ${hashes.join(' ')};`));
  t.match(
    policy,
    /^default-src 'none';.*style-src 'self';.*base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
  );
  t.notMatch(policy, /unsafe/);
  const inline = document.match(/<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=|\sstyle=/g);
  t.strictSame(inline, ['<script>', '<script type="importmap">']);
  t.match(page?.headers, { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  const empty = createPages({ packageRoot: pathToFileURL(`${clone}/`), panels: () => [], basePath: '' });
  t.equal((await empty.handle('/', {}))?.status, 200, 'without any panel too');
  t.equal((await pages.handle('/nothing', asDocument))?.status, 404, 'a person sees the application say so');
  t.equal(await pages.handle('/nothing', {}), undefined);
  t.match(await pages.handle('/manifest.webmanifest', {}), { status: 200, headers: { 'cache-control': 'no-cache' } });
});

await t.test('without a build the sources run: every module the shell and the panels import is there', async (t) => {
  const { pages, panels } = await house(t);
  const loaded = await crawl(
    pages,
    panels.map((panel) => pages.addressOf(panel)),
  );
  t.ok(loaded.size > 40, `${loaded.size} modules`);
  const names = [...loaded.keys()];
  t.equal(names.filter((name) => name.endsWith('/reactive-element.js')).length, 1, 'one lit');
  t.equal(names.filter((name) => name.endsWith('/core/index.ts')).length, 1, 'one boternity/ui');
  t.ok(names.includes('/ui/plugins/conversations/markdown-blocks.ts'), 'lazy modules too');
  t.ok(names.includes('/ui/core/elements/tree.ts'), 'elements that are loaded by name');
  t.ok(
    names.some((name) => name.startsWith('/ui/npm/@awesome.me/webawesome/dist/chunks/')),
    'with what they stand on',
  );
  const source = loaded.get('/ui/core/live/event-source.ts') ?? '';
  const module = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as typeof EventSourceModule;
  const events = module.createEventParser()(new TextEncoder().encode('id: 1\ndata: runs\n\n'));
  t.strictSame(events, [{ id: '1', type: 'message', data: 'runs' }]);
});

await t.test('a panel of somebody else needs no bundler, and a broken one says what is wrong', async (t) => {
  const { pages, panels, home } = await house(t);
  const panel = panels.find(({ plugin }) => plugin === 'wea ther');
  t.ok(panel);
  const address = panel ? pages.addressOf(panel) : '';
  const answer = await pages.handle(address, {});
  t.match(answer, { status: 200, headers: { 'content-type': /^text\/javascript/ } });
  t.notMatch(String(answer?.body), /: string/);
  await writeFile(path.join(home, 'plugins/weather/ui/weather-panel.ts'), 'enum Wrong { A }');
  const broken = await pages.handle(address, {});
  t.match(String(broken?.body), /^throw new SyntaxError\("weather-panel\.ts cannot be read: .*enum/);
  t.not(broken?.headers['etag'], answer?.headers['etag'], 'an edit is seen');
});

await t.test('nothing else of the tree can be read', async (t) => {
  const { pages, home, root } = await house(t);
  const outside = path.join(home, 'secret.ts');
  await symlink(outside, path.join(home, 'plugins/weather/ui/link.ts'));
  await symlink(home, path.join(home, 'plugins/weather/ui/folder'));
  await writeFile(path.join(home, 'plugins/weather/ui/.hidden.ts'), 'export {}');
  await writeFile(path.join(home, 'plugins/weather/ui/notes.yaml'), 'a: 1');
  await writeFile(path.join(root, 'public/page.html'), 'x');
  const refused = [
    '/ui/core/../server/app.ts',
    '/ui/core/%2e%2e/server/app.ts',
    '/ui/core/..%2fserver/app.ts',
    '/ui/core/..%5cserver%5capp.ts',
    '/ui/core//index.ts',
    '/ui/core/index.ts%00',
    '/ui/core/%',
    '/ui/npm/lit/package.json',
    '/ui/npm/lit/../koa/lib/application.js',
    '/ui/npm/koa/lib/application.js',
    '/ui/plugins/wea%20ther/../index.ts',
    '/ui/plugins/wea%20ther/%2e%2e/index.ts',
    '/ui/plugins/wea%20ther/link.ts',
    '/ui/plugins/wea%20ther/folder/secret.ts',
    '/ui/plugins/wea%20ther/.hidden.ts',
    '/ui/plugins/wea%20ther/notes.yaml',
    '/ui/plugins/%/weather-panel.ts',
    '/ui/plugins/nobody/weather-panel.ts',
    '/ui/build/manifest.json',
    '/page.html',
    '/index.html',
    '/package.json',
    '/build/manifest.json',
    '//etc/passwd',
  ];
  for (const address of refused) t.equal(await pages.handle(address, {}), undefined, address);
  t.equal(
    (await pages.handle('/ui/plugins/wea%20ther/weather-panel.ts', {}))?.status,
    200,
    'the panel itself is there',
  );
});

await t.test(
  'a build is small and served when it fits the sources, for ever and compressed, and given up after an edit',
  async (t) => {
    const { pages, panels, root } = await house(t);
    const [own] = panels;
    t.ok(own);
    t.match(String((await pages.handle('/', {}))?.body), '/ui/core/shell/shell.ts');
    const target = pathToFileURL(`${root}/public/build/`);
    const manifest: BuildManifest = await buildUi(target);
    const first = await sizeOf([manifest.shell, ...manifest.preload], target);
    t.ok(first <= 120_000, `what a first visit loads has ${first} bytes`);
    const source = await readFile(path.join(clone, 'core/ui/shell/shell.ts'));
    t.equal(manifest.sources['core/ui/shell/shell.ts'], digestOf(source));
    const document = String((await pages.handle('/', {}))?.body);
    const [, shell = ''] = /src="(\/ui\/build\/shell-[\w-]+\.js)"/.exec(document) ?? [];
    t.not(shell, '');
    const answer = await pages.handle(shell, { 'accept-encoding': 'gzip, br' });
    t.match(answer, {
      status: 200,
      headers: { 'content-encoding': 'br', vary: 'accept-encoding', 'cache-control': /immutable/ },
    });
    const plain = await pages.handle(shell, { 'accept-encoding': 'br;q=0, identity' });
    t.equal(plain?.headers['content-encoding'], undefined);
    t.strictSame(brotliDecompressSync(answer?.body as Buffer), plain?.body);
    t.equal((await pages.handle(shell, { 'if-none-match': plain?.headers['etag'] }))?.status, 304);
    t.match(own && pages.addressOf(own), /^\/ui\/build\/conversation-panel-/);
    const loaded = await crawl(
      pages,
      panels.map((panel) => pages.addressOf(panel)),
    );
    const classes = [...loaded.values()].filter((code) => code.includes('litElementVersions'));
    t.equal(classes.length, 1, 'one lit, for the panel of somebody else too');

    const file = path.join(root, 'core/ui/shell/shell.ts');
    await writeFile(file, `${await readFile(file, 'utf8')}// edited\n`);
    t.match(String((await pages.handle('/', {}))?.body), '/ui/core/shell/shell.ts', 'a stale build is not served');
  },
);

/** A copy of the package without a build, and a home with a panel of its own. */
async function house(t: Test): Promise<{ pages: Pages; panels: OwnedPanel[]; root: string; home: string }> {
  const folder = t.testdir({
    home: {
      'secret.ts': 'export const secret = 1;',
      plugins: {
        weather: {
          'index.ts': 'export {}',
          ui: {
            'weather-panel.ts': `import { BnElement, html } from 'boternity/ui';
import { LitElement } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
export const title: string = 'Weather';
customElements.define('weather-panel', class extends BnElement { render(): unknown { return html\`\${repeat([], String)}\${LitElement.name}\`; } });`,
          },
        },
      },
    },
  });
  const root = path.join(folder, 'package');
  const home = path.join(folder, 'home');
  for (const part of ['core/ui', 'plugins/conversations/ui', 'plugins/fleet/ui']) {
    await cp(path.join(clone, part), path.join(root, part), { recursive: true });
  }
  await mkdir(path.join(root, 'public'), { recursive: true });
  for (const file of ['index.html', 'manifest.webmanifest', 'icon.svg']) {
    await cp(path.join(clone, 'public', file), path.join(root, 'public', file));
  }
  await cp(path.join(clone, 'package.json'), path.join(root, 'package.json'));
  await symlink(path.join(clone, 'node_modules'), path.join(root, 'node_modules'));
  const panel = (plugin: string, name: string, file: string): OwnedPanel => ({
    plugin,
    path: name,
    title: name,
    icon: 'dot',
    element: `${name}-panel`,
    module: pathToFileURL(file),
  });
  const panels = [
    panel('conversations', 'conversations', `${root}/plugins/conversations/ui/conversation-panel.ts`),
    panel('fleet', 'bots', `${root}/plugins/fleet/ui/bots-panel.ts`),
    panel('wea ther', 'wea ther', `${home}/plugins/weather/ui/weather-panel.ts`),
  ];
  return {
    pages: createPages({ packageRoot: pathToFileURL(`${root}/`), panels: () => panels, basePath: '' }),
    panels,
    root,
    home,
  };
}

/** Loads the shell, the given modules and all they import, as a browser would with the page's import map. */
async function crawl(pages: Pages, addresses: readonly string[]): Promise<Map<string, string>> {
  await init();
  const document = String((await pages.handle('/', {}))?.body);
  const [, map = '{}'] = /<script type="importmap">(.*?)<\/script>/s.exec(document) ?? [];
  const { imports } = JSON.parse(map) as { imports: Record<string, string> };
  const [, shell = ''] = /<script type="module" src="([^"]+)"/.exec(document) ?? [];
  const loaded = new Map<string, string>();
  const visit = async (address: string): Promise<void> => {
    if (loaded.has(address)) return;
    const answer = await pages.handle(address, {});
    if (answer?.status !== 200) throw new Error(`${address} is not served`);
    loaded.set(address, String(answer.body));
    for (const { specifier } of parse(String(answer.body))[0]) {
      // What only a build brings loads lazily, and something plain stands in for it here.
      if (typeof specifier !== 'string' || (lazyPackages.test(packageOf(specifier)) && !imports[specifier])) continue;
      await visit(resolve(specifier, address, imports));
    }
  };
  const byName = Object.entries(imports).flatMap(([name, address]) =>
    name.startsWith('boternity/ui/') ? address : [],
  );
  for (const address of [shell, ...byName, ...addresses]) await visit(address);
  return loaded;
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function resolve(specifier: string, from: string, imports: Readonly<Record<string, string>>): string {
  if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, `http://host${from}`).pathname;
  const exact = imports[specifier];
  const prefix = Object.keys(imports).find((name) => name.endsWith('/') && specifier.startsWith(name));
  const address = exact ?? (prefix === undefined ? undefined : `${imports[prefix]}${specifier.slice(prefix.length)}`);
  if (address === undefined) throw new Error(`The import map does not know "${specifier}", which ${from} imports.`);
  return address;
}
