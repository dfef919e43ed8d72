import { once } from 'node:events';
import { request } from 'node:https';
import { networkInterfaces } from 'node:os';
import type { TLSSocket } from 'node:tls';
import t from 'tap';
import { WebSocket as SocketClient } from 'ws';
import { certify } from '../support/certificate.ts';
import { setUpOwner } from '../support/owner.ts';
import { startProduct, until } from '../support/product.ts';

t.setTimeout(120_000);

const NAME = 'bots.example.com';

/** An address of this machine that is not loopback. */
const elsewhere = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cookie: string;
  /** Of the certificate. */
  readonly fingerprint: string;
}

async function overTls(url: string, place: string, body?: object): Promise<Answer> {
  const { port } = new URL(url);
  const asked = request({
    host: '127.0.0.1',
    port,
    path: place,
    servername: NAME,
    rejectUnauthorized: false,
    agent: false,
    method: body ? 'POST' : 'GET',
    headers: { host: `${NAME}:${port}`, origin: `https://${NAME}:${port}`, 'content-type': 'application/json' },
  });
  asked.end(body && JSON.stringify(body));
  const [answer] = (await once(asked, 'response')) as [
    AsyncIterable<Buffer> & { statusCode: number; headers: Record<string, unknown> },
  ];
  const { fingerprint256: fingerprint } = (asked.socket as TLSSocket).getPeerCertificate();
  let text = '';
  for await (const chunk of answer) text += chunk.toString();
  return { status: answer.statusCode, text, cookie: String(answer.headers['set-cookie']), fingerprint };
}

await t.test(
  'TLS by files: one port, a certificate that is renewed and one that is broken, plain HTTP for this machine alone',
  async (t) => {
    const first = certify(NAME);
    const files = { 'certs/cert.pem': first.cert, 'certs/key.pem': first.key };
    await using product = await startProduct({
      files: { ...files, 'settings.yaml': 'tls: { cert: certs/cert.pem, key: certs/key.pem }\n' },
    });
    await setUpOwner(product);
    await product.stop();
    t.match(product.heard.stdout, /page {3}https:\/\/127\.0\.0\.1:\d+\n/);
    await product.files.write('settings.yaml', 'host: 0.0.0.0\ntls: { cert: certs/cert.pem, key: certs/key.pem }\n');
    await product.start();
    await product.files.write(
      'settings.yaml',
      `host: 0.0.0.0\nport: ${new URL(product.url).port}\npublicUrl: https://${NAME}:${new URL(product.url).port}\ntls: { cert: certs/cert.pem, key: certs/key.pem }\n`,
    );
    const url = product.url.replace('0.0.0.0', '127.0.0.1');
    const port = Number(new URL(url).port);
    await product.stop();
    await using again = await startProduct({ home: product.home, args: [] });

    const page = await overTls(url, '/');
    t.match([page.status, page.text], [200, '<bn-shell>']);
    const entered = await overTls(url, '/api/v1/sign-in', {
      email: 'ada@example.com',
      password: 'correct horse battery',
    });
    t.match([entered.status, entered.cookie], [200, /; Secure$/]);
    t.match(await again.cli(['list']), { code: 0 }, 'commands of this machine');
    const credentials = await again.credentials();
    const socket = new SocketClient(`wss://127.0.0.1:${port}/api/v1/live`, {
      rejectUnauthorized: false,
      headers: { ...credentials, host: `${NAME}:${port}` },
    });
    await once(socket, 'open');

    if (elsewhere !== undefined) {
      const led = await fetch(`http://${elsewhere}:${port}/agents?new`, { redirect: 'manual' });
      t.match([led.status, led.headers.get('location')], [308, `https://${elsewhere}:${port}/agents?new`]);
      const told = await fetch(`http://${elsewhere}:${port}/api/v1/sign-in`, { method: 'POST', body: '{}' });
      t.match([told.status, await told.text()], [426, 'This port speaks TLS.']);
      const plain = new SocketClient(`ws://${elsewhere}:${port}/api/v1/live`, { headers: credentials });
      await t.rejects(once(plain, 'open'), 'nor a WebSocket');
    }

    const second = certify(NAME);
    await again.files.write('certs/key.pem', second.key);
    const problems = async (): Promise<unknown> => (await again.client.call('bots.check', {})).problems;
    const wrong = await until(
      'the problem',
      async () => JSON.stringify(await problems()).includes('certs/cert.pem') && problems(),
    );
    t.match(wrong, [
      { file: 'certs/cert.pem', message: /key is not that of the certificate.*The one before it stays/ },
    ]);
    t.equal((await overTls(url, '/healthz')).fingerprint, page.fingerprint, 'the last good one stays');
    await again.files.write('certs/cert.pem', second.cert);
    await until('the new certificate', async () => (await overTls(url, '/healthz')).fingerprint !== page.fingerprint);
    t.strictSame(await problems(), []);
    t.equal(socket.readyState, SocketClient.OPEN, 'open connections stay');
    socket.close();

    await again.stop();
    await again.files.write('certs/cert.pem', 'nothing');
    await again.start();
    t.match(await problems(), [{ message: /holds none in PEM.*Nobody is answered over TLS/ }]);
    await t.rejects(overTls(url, '/healthz'));
    t.match(await again.cli(['list']), { code: 0 });
  },
);
