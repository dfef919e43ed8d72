import { createECDH, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DoorCase } from './door-cases.ts';
import { listOf } from './answers.ts';
import type { Product } from './product.ts';

/** A push service that takes whatever comes. */
export interface PushService extends AsyncDisposable {
  readonly origin: string;
}

export async function startPushService(): Promise<PushService> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(201).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The settings of the plugin that let the server reach it, as JSON. */
export const pushSettings = ({ origin }: PushService): string => JSON.stringify({ services: [origin] });

const nonsense = { nonsense: 'x' };

/** How the actions of plugins/notifications are tried at every door. */
export function notificationCases({ origin }: PushService): Readonly<Record<string, DoorCase>> {
  let number = 0;
  const device = () => ({
    endpoint: `${origin}/${(number += 1)}`,
    p256dh: createECDH('prime256v1').generateKeys().toString('base64url'),
    auth: randomBytes(16).toString('base64url'),
    device: 'Phone',
  });
  const added = async ({ client }: Product): Promise<{ device: string }> => ({
    device: (await client.call('notifications.subscribe', device())).id,
  });
  const listed = async ({ client }: Product): Promise<readonly string[]> =>
    (await client.call('notifications.list', {})).devices.map(({ id }) => id);
  return {
    'notifications.key': {
      wrong: nonsense,
      right: {},
      check: ({ t, output }) => t.equal(Buffer.from(String(output.key), 'base64url').length, 65),
    },
    'notifications.list': {
      wrong: nonsense,
      right: {},
      prepare: async (product) => {
        await added(product);
        return {};
      },
      check: ({ t, output }) => t.match(listOf(output.devices)[0], { device: 'Phone' }),
    },
    'notifications.subscribe': {
      wrong: { ...device(), endpoint: 'https://127.0.0.1/x', p256dh: 'short' },
      right: device(),
      prepare: async () => device(),
      check: async ({ t, product, output }) => t.ok((await listed(product)).includes(String(output.id))),
    },
    'notifications.configure': {
      wrong: { device: 'x', words: true, ...nonsense },
      right: { device: 'x', words: true },
      prepare: async (product) => ({ ...(await added(product)), words: true }),
      check: ({ t, output }) => t.equal(output.words, true),
    },
    'notifications.remove': {
      wrong: { device: 'x', ...nonsense },
      right: { device: 'x' },
      prepare: added,
      check: async ({ t, product, input }) => t.notOk((await listed(product)).includes(String(input.device))),
    },
    'notifications.test': {
      wrong: { device: 'x', ...nonsense },
      right: { device: 'x' },
      prepare: added,
      check: ({ t, output }) => t.strictSame(output, { sent: true }),
    },
  };
}
