import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { certify } from '../support/certificate.ts';
import { find, planOf, type Plan } from '../support/doctor-patient.ts';
import { startProduct, temporaryFolder, until } from '../support/product.ts';
import { freePort } from '../support/reverse-proxy.ts';

t.setTimeout(180_000);

/** A proxy with TLS whose owner has made a mistake. */
interface Mistake {
  readonly headers: (visitor: IncomingHttpHeaders) => Record<string, string | undefined>;
  readonly pathOf: (path: string) => string;
  readonly isBuffering: boolean;
}

const right: Mistake = {
  headers: ({ host }) => ({ host, 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' }),
  pathOf: (path) => path,
  isBuffering: false,
};

async function startProxy(port: number, names: readonly string[]) {
  let mistake = right;
  const server = createServer(certify(...names), (asked, answer) => {
    const { url = '/', headers, method } = asked;
    const path = mistake.pathOf(url);
    const behind = request({ port, path, method, headers: mistake.headers(headers) }, (told) => {
      answer.writeHead(told.statusCode ?? 502, told.headers);
      if (!mistake.isBuffering) told.pipe(answer);
      else void told.toArray().then((pieces: Buffer[]) => answer.end(Buffer.concat(pieces)));
    });
    behind.on('error', () => broken(answer)).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `https://localhost:${own}`,
    make: (changes: Partial<Mistake>) => void (mistake = { ...right, ...changes }),
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

function broken(answer: ServerResponse): void {
  answer.writeHead(502).end();
}

await t.test('each usual mistake of a public address is found, with what to do about it', async (t) => {
  const port = await freePort();
  await using proxy = await startProxy(port, ['localhost']);
  const settings = (publicUrl: string, more = 'trustedProxies: [127.0.0.1]'): string =>
    `publicUrl: ${publicUrl}\n${more}\n`;
  await using product = await startProduct({
    files: { 'settings.yaml': settings(proxy.url) },
    args: ['--port', String(port)],
  });
  const ids = ({ findings }: Plan): string[] =>
    findings
      .map(({ id }) => id)
      .filter((id) => /^(?:PUBLIC|BASE|PROXY|STREAM|CERTIFICATE)_/.test(id))
      .toSorted();
  const plan = async (): Promise<Plan> => product.client.call('doctor.plan', {});
  const change = async (text: string, publicUrl: string): Promise<void> => {
    await product.files.write('settings.yaml', text);
    const counts = async (): Promise<boolean> =>
      (await product.client.call('server.status', {})).publicUrl === publicUrl;
    await until('the settings count', () => counts().catch(() => false), 20_000);
  };
  const certificate = ['CERTIFICATE_ENDING', 'CERTIFICATE_NAME'];

  const well = await plan();
  t.strictSame(ids(well), certificate, 'of the tests: two days, signed by itself');
  t.match(find(well, 'CERTIFICATE_ENDING'), { level: 'warning', message: /ends on \d{4}/, advice: /Renew/ });
  t.match(find(well, 'CERTIFICATE_NAME'), { level: 'error', message: /cannot be verified/ });

  proxy.make({ isBuffering: true });
  t.match(find(await plan(), 'STREAM_BUFFERED'), { level: 'warning', advice: /proxy_buffering off/ });
  proxy.make({ headers: () => ({ host: `127.0.0.1:${port}` }) });
  t.match(find(await plan(), 'PROXY_HEADERS_MISSING'), {
    message: /does not tell the host localhost:\d+ .*nor that people come over TLS, nor the address of who asks/,
  });
  proxy.make({ headers: () => ({ host: 'upstream' }) });
  t.match(find(await plan(), 'PUBLIC_URL_WRONG'), { message: /host that this server refuses/ });
  proxy.make({ pathOf: () => '/healthz' });
  t.match(find(await plan(), 'PUBLIC_URL_WRONG'), { message: /Somebody else answers/, advice: /publicUrl/ });

  proxy.make({ pathOf: (path) => (path.startsWith('/bots/') ? '/healthz' : path) });
  await change(settings(`${proxy.url}/bots`), `${proxy.url}/bots`);
  const path = await plan();
  t.match(find(path, 'BASE_PATH_WRONG'), { fix: { does: `Sets publicUrl to ${proxy.url}.` } });
  t.strictSame(ids(path), ['BASE_PATH_WRONG', ...certificate]);

  proxy.make({});
  await change(settings(proxy.url, ''), proxy.url);
  t.match(find(await plan(), 'PROXY_UNTRUSTED'), { message: /at 127\.0\.0\.1/, fix: { does: /Adds 127\.0\.0\.1/ } });
  await product.client.call('doctor.apply', { ids: ['PROXY_UNTRUSTED'] });
  await until(
    'the fix counts',
    () =>
      plan().then(
        (now) => !find(now, 'PROXY_UNTRUSTED'),
        () => false,
      ),
    20_000,
  );
  t.match(await product.files.read('settings.yaml'), /trustedProxies:\s+(?:- |\[ ?)127\.0\.0\.1/);

  const nowhere = `https://localhost:${await freePort()}`;
  await change(settings(nowhere), nowhere);
  t.match(find(await plan(), 'PUBLIC_URL_UNREACHABLE'), { level: 'error', message: /ECONNREFUSED|Nobody answers/ });
});

await t.test('a certificate for another name', async (t) => {
  const port = await freePort();
  await using proxy = await startProxy(port, ['other.example']);
  await using home = await temporaryFolder({
    'settings.yaml': `publicUrl: ${proxy.url}\ntrustedProxies: [127.0.0.1]\n`,
  });
  await using product = await startProduct({ home: home.path, args: ['--port', String(port)] });
  t.match(find(await product.client.call('doctor.plan', {}), 'CERTIFICATE_NAME'), {
    message: /not for localhost/,
  });
  await product.stop();
  t.notOk(find(await planOf(home.path), 'PUBLIC_URL_UNREACHABLE'), 'without a server nothing is asked');
});
