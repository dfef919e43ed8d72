import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { encryptFor } from '../../plugins/notifications/encrypt.ts';
import { until, type Product } from '../support/product.ts';
import { begin, say, startTalking } from '../support/talk.ts';

t.setTimeout(120_000);

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');

await t.test('RFC 8291, appendix A: the same keys and salt give the same message', (t) => {
  const sender = createECDH('prime256v1');
  sender.setPrivateKey(bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'));
  const receiver = {
    p256dh: bytes('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'),
    auth: bytes('BTBZMqHH6r4Tts7J_aSIgg'),
  };
  const sealed = encryptFor(receiver, Buffer.from('When I grow up, I want to be a watermelon'), {
    sender,
    salt: bytes('DGv6ra1nlYgDCS1FRnbzlw'),
  });
  t.equal(
    sealed.toString('base64url'),
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  );
  t.end();
});

/** A browser and its push service: takes messages and opens them with the browser's private key, as RFC 8291 says. */
async function startPhone() {
  const pair = createECDH('prime256v1');
  const keys = { p256dh: pair.generateKeys().toString('base64url'), auth: randomBytes(16).toString('base64url') };
  const heard: { headers: IncomingHttpHeaders; told: Record<string, unknown> }[] = [];
  let status = 201;
  const open = (body: Buffer): Record<string, unknown> => {
    const [salt, sender, sealed] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)];
    const about = Buffer.concat([Buffer.from('WebPush: info\0'), pair.getPublicKey(), sender]);
    const secret = hkdfSync('sha256', pair.computeSecret(sender), bytes(keys.auth), about, 32);
    const derive = (what: string, length: number): Buffer =>
      Buffer.from(hkdfSync('sha256', Buffer.from(secret), salt, `Content-Encoding: ${what}\0`, length));
    const opened = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
    opened.setAuthTag(sealed.subarray(-16));
    const text = Buffer.concat([opened.update(sealed.subarray(0, -16)), opened.final()]);
    t.equal(text.at(-1), 2, 'the last record');
    return JSON.parse(text.subarray(0, -1).toString()) as Record<string, unknown>;
  };
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      heard.push({ headers: request.headers, told: open(body) });
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    subscription: { endpoint: `${origin}/push/phone`, ...keys },
    heard,
    answerWith: (next: number) => void (status = next),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

await t.test(
  'a phone is told of an answer that nobody looks at and of a call that waits; words go only when wanted',
  async (t) => {
    await using phone = await startPhone();
    await using talking = await startTalking({
      files: {
        'settings.yaml': `plugins:\n  notifications:\n    contact: mailto:ada@example.org\n    services: ["${phone.origin}"]\n`,
      },
    });
    const { product, mock } = talking;
    const { client } = product;
    const { key } = await client.call('notifications.key', {});
    const made = await client.call('notifications.subscribe', { ...phone.subscription, device: 'Phone' });
    const file = path.join(product.home, '.boternity/notifications.json');
    t.equal((await stat(file)).mode & 0o777, 0o600, 'only who runs the server reads where devices are reached');

    const conversation = await begin(product);
    const next = async (count: number) => {
      await until(`message ${count}`, () => phone.heard.length >= count);
      t.equal(phone.heard.length, count);
      return phone.heard[count - 1] ?? { headers: {}, told: {} };
    };
    await client.call('messages.send', { conversation, text: 'what is behind the door?' });
    const { headers, told } = await next(1);
    t.strictSame(told, {
      v: 1,
      title: 'Assistant',
      body: 'has answered.',
      path: `conversations/${conversation}`,
      tag: `conversations/${conversation}`,
    });
    t.match(headers, { 'content-encoding': 'aes128gcm', ttl: '86400', urgency: 'normal' });
    assertVapid(headers.authorization ?? '', phone.origin, key);

    await say(product, conversation, 'looked at');
    t.equal(phone.heard.length, 1, 'somebody looked at that one');

    await product.cliJson(['notification', 'configure', made.id, '--words']);
    await client.call('messages.send', { conversation, text: 'a lamp' });
    t.match((await next(2)).told, { body: 'Mock: a lamp' });

    await product.files.write('bots/assistant/bot.yaml', 'tools:\n  ask: [time_now]\n');
    mock.script({ calls: [{ name: 'time_now', arguments: '{}' }] });
    await until('the edit is live', async () =>
      JSON.stringify(await client.call('bots.show', { bot: 'assistant' })).includes('time_now'),
    );
    phone.answerWith(503);
    await client.call('messages.send', { conversation, text: 'what time is it?' });
    const asked = await next(3);
    t.match(asked.told, { body: /^asks for approval: time/ });
    t.equal(asked.headers.urgency, 'high');
    t.match(await product.cli(['notification', 'test', made.id]), { code: 1, stderr: /PUSH_LATER/ });
    phone.answerWith(201);
    t.strictSame((await next(5)).told, asked.told, 'a service that was away gets it a little later');

    await product.kill9();
    await product.start();
    t.equal((await product.client.call('notifications.key', {})).key, key, 'the server is the same one after a start');
    t.equal((await product.cli(['notification', 'test', made.id])).code, 0);
    t.match((await next(6)).told, { body: /arrive on this device/ });
    phone.answerWith(410);
    t.match(await product.cli(['notification', 'test', made.id]), { code: 1, stderr: /knows the device no more/ });
    t.strictSame(await product.cliJson(['notification', 'list']), { devices: [] }, 'one that is gone is removed');
    t.notMatch(await product.files.read('.boternity/vault.json'), key);
  },
);

function assertVapid(authorization: string, origin: string, key: string): void {
  const [, head = '', body = '', signature = '', shown] =
    /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(authorization) ?? [];
  t.equal(shown, key);
  const claims = JSON.parse(bytes(body).toString()) as { aud: string; exp: number; sub: string };
  t.match(claims, { aud: origin, sub: 'mailto:ada@example.org' });
  const left = claims.exp - Date.now() / 1_000;
  t.ok(left > 0 && left <= 24 * 60 * 60, 'for a day at most');
  const point = bytes(key);
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const publicKey = createPublicKey({ format: 'jwk', key: jwk });
  const signed = { key: publicKey, dsaEncoding: 'ieee-p1363' as const };
  t.ok(verify('sha256', Buffer.from(`${head}.${body}`), signed, bytes(signature)));
}

await t.test('only push services on the public web are taken, and only for people', async (t) => {
  await using talking = await startTalking();
  const { product } = talking;
  const pair = createECDH('prime256v1');
  const keys = { p256dh: pair.generateKeys().toString('base64url'), auth: randomBytes(16).toString('base64url') };
  const refusal = async (endpoint: string, given = keys): Promise<unknown> =>
    product.client.call('notifications.subscribe', { endpoint, ...given, device: 'x' }).then(
      () => 'taken',
      (error: { code: string }) => error.code,
    );
  for (const endpoint of [
    'http://push.example.com/x',
    'https://127.0.0.1/x',
    'https://[::1]/x',
    'https://localhost/x',
    'https://printer.local/x',
    'https://push.example.com:8443/x',
    'https://2130706433/x',
    'file:///etc/passwd',
    'no address',
  ])
    t.equal(await refusal(endpoint), 'INPUT_INVALID', endpoint);
  t.equal(await refusal('https://push.example.com/x', { ...keys, auth: 'short' }), 'INPUT_INVALID');
  t.equal(await refusal('https://push.example.com/x'), 'taken');
  const made = (await product.cliJson(['token', 'create', 'robot', '--scopes', 'bots:use'])) as { token: string };
  const headers = { authorization: `Bearer ${made.token}` };
  const answer = await fetch(new URL('/api/v1/notifications', product.url), { headers });
  t.equal(answer.status, 403, 'a token needs the grant');
  await overLimit(product, keys);
});

async function overLimit({ client }: Product, keys: { p256dh: string; auth: string }): Promise<void> {
  const add = (at: number): Promise<unknown> =>
    client.call('notifications.subscribe', { endpoint: `https://push.example.com/${at}`, ...keys, device: 'x' });
  for (let at = 0; at < 19; at += 1) await add(at);
  await t.rejects(add(20), { code: 'INPUT_INVALID' }, 'twenty devices are enough');
}
