import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { startProduct, until } from '../support/product.ts';

t.setTimeout(120_000);

interface Registry {
  readonly address: string;
  readonly asked: string[];
  /** What it answers; undefined: it takes the question and never answers. */
  latest: string | undefined;
}

async function startRegistry(t: Test, latest: string | undefined): Promise<Registry> {
  const registry = { address: '', asked: [] as string[], latest };
  const server: Server = createServer((request, response) => {
    registry.asked.push(request.url ?? '');
    if (registry.latest !== undefined) response.end(JSON.stringify({ name: 'boternity', version: registry.latest }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  registry.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/npm/`;
  return registry;
}

/** Wants to be told, whatever runs these tests. */
const wanting = { NO_UPDATE_NOTIFIER: '', DO_NOT_TRACK: '', CI: '' };

await t.test('a newer version is told once it is known, and the registry is asked once a day', async (t) => {
  const registry = await startRegistry(t, '99.1.2');
  const env = { ...wanting, npm_config_registry: registry.address };
  await using product = await startProduct({ env });
  await until('the registry was asked', () => product.files.read('.boternity/updates.json'), 20_000);
  t.strictSame(registry.asked, ['/npm/boternity/latest']);
  t.match(await product.cliJson(['status']), { update: /^Version 99\.1\.2 is out/ });
  t.match(await product.client.call('server.about', {}), { update: /99\.1\.2/ }, 'what the page About shows');

  await product.stop();
  await product.start();
  await until('the greeting is there', () => product.heard.stdout.includes('Ctrl+C'), 20_000);
  t.match(product.heard.stdout, /note {3}Version 99\.1\.2 is out/);
  t.equal(registry.asked.length, 1, 'not asked again on the same day');

  registry.latest = '99.2.0';
  const told = await product.cliJson(['update'], { env });
  t.match(told, { latest: '99.2.0', newer: true, off: null, how: /^bnity backup, then git pull && npm ci/ });
  registry.latest = undefined;
  await product.client.call('settings.set', { key: 'updates', value: false });
  const silent = await until('the setting counts', async () => {
    const status = (await product.cliJson(['status'])) as { update: string | null };
    return status.update === null && status;
  });
  t.equal(silent.update, null, 'who does not want to know is not told');
  t.match(await product.client.call('server.updates', {}), { off: 'the setting updates', latest: '99.2.0' });
});

await t.test(
  'nobody is asked where that is off, and a registry that is silent, broken or away keeps nothing waiting',
  async (t) => {
    const registry = await startRegistry(t, '99.0.0');
    const ways: Record<string, string>[] = [{ NO_UPDATE_NOTIFIER: '1' }, { DO_NOT_TRACK: '1' }, { CI: 'true' }];
    await using product = await startProduct({ env: { ...wanting, npm_config_registry: 'nowhere' } });
    t.match(await product.client.call('server.updates', {}), { off: 'no registry is set', latest: null });
    await product.stop();
    for (const way of ways) {
      const told = await product.cliJson(['update'], {
        env: { ...wanting, npm_config_registry: registry.address, ...way },
      });
      t.match(told, { off: Object.keys(way)[0], latest: null });
    }
    t.strictSame(registry.asked, []);
    registry.latest = '<html>';
    for (const address of [registry.address, 'http://127.0.0.1:1/']) {
      const told = await product.cliJson(['update'], { env: { ...wanting, npm_config_registry: address } });
      t.match(told, { latest: null, newer: false, off: null });
    }
    registry.latest = undefined;
    const env = { ...wanting, npm_config_registry: registry.address };
    await product.files.write('.boternity/updates.json', '{}');
    t.match(await product.cliJson(['status'], { env }), { update: null });
  },
);
