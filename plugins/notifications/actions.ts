import { defineAction, Fault, z, type Action, type Caller } from 'boternity';
import type { Notifier } from './notifier.ts';
import { checkEndpoint } from './push.ts';
import { subscriptionInput, type Subscription, type Subscriptions } from './subscriptions.ts';
import type { Identity } from './vapid.ts';

declare module 'boternity' {
  interface ActionTypes {
    'notifications.key': ReturnType<typeof showKey>;
    'notifications.list': ReturnType<typeof listDevices>;
    'notifications.subscribe': ReturnType<typeof subscribe>;
    'notifications.configure': ReturnType<typeof configure>;
    'notifications.remove': ReturnType<typeof removeDevice>;
    'notifications.test': ReturnType<typeof test>;
  }
}

export interface NotificationParts {
  readonly subscriptions: Subscriptions;
  readonly notifier: Notifier;
  readonly identity: () => Promise<Identity>;
  readonly services: readonly string[];
}

const deviceView = z.object({
  id: z.string(),
  device: z.string(),
  service: z.string().describe('Host of its push service'),
  words: z.boolean().describe('Whether what bots say goes along'),
  language: z.string(),
  createdAt: z.string(),
});
const device = z.string().min(1).describe('Id of a device');

export function notificationActions(parts: NotificationParts): Action[] {
  return [showKey(parts), listDevices(parts), subscribe(parts), configure(parts), removeDevice(parts), test(parts)];
}

function showKey({ identity }: NotificationParts) {
  return defineAction({
    name: 'notifications.key',
    summary: 'Shows the public key by which push services know this server.',
    permission: 'notifications:read',
    http: 'GET /notifications/key',
    cli: 'notification key',
    examples: ['bnity notification key'],
    input: z.strictObject({}),
    output: z.object({ key: z.string().describe('applicationServerKey, base64url') }),
    run: async () => ({ key: (await identity()).publicKey }),
  });
}

function listDevices({ subscriptions }: NotificationParts) {
  return defineAction({
    name: 'notifications.list',
    summary: 'Lists your devices that are told when a bot has answered or asks.',
    permission: 'notifications:read',
    http: 'GET /notifications',
    cli: 'notification list',
    examples: ['bnity notification list'],
    columns: ['id', 'device', 'service', 'words'],
    input: z.strictObject({}),
    output: z.object({ devices: z.array(deviceView) }),
    run: async (_input, { caller }) => ({ devices: (await subscriptions.of(accountOf(caller))).map(viewOf) }),
  });
}

function subscribe({ subscriptions, services }: NotificationParts) {
  return defineAction({
    name: 'notifications.subscribe',
    summary: 'Has a device told when a bot has answered or asks; the one with the same address is replaced.',
    permission: 'notifications:write',
    http: 'POST /notifications',
    cli: 'notification add <endpoint>',
    examples: [
      'bnity notification add https://push.example.com/x --p256dh BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4 --auth AAAAAAAAAAAAAAAAAAAAAA --device Phone',
    ],
    status: 201,
    input: z.strictObject({
      ...subscriptionInput,
      device: z.string().trim().min(1).max(100).describe('What it is called'),
      language: z.string().min(2).max(35).default('en').describe('Of what it is told'),
      words: z.boolean().default(false).describe('Whether what bots say goes along'),
    }),
    output: deviceView,
    async run({ endpoint, p256dh, auth, ...rest }, { caller }) {
      const account = accountOf(caller);
      checkEndpoint(endpoint, services);
      return viewOf(await subscriptions.add({ account, endpoint, keys: { p256dh, auth }, ...rest }));
    },
  });
}

function configure({ subscriptions }: NotificationParts) {
  return defineAction({
    name: 'notifications.configure',
    summary: 'Says whether what bots say goes to a device.',
    permission: 'notifications:write',
    http: 'PATCH /notifications/{device}',
    cli: 'notification configure <device>',
    examples: ['bnity notification configure 019… --words'],
    input: z.strictObject({ device, words: z.boolean() }),
    output: deviceView,
    async run({ device: id, words }, { caller }) {
      const found = await subscriptions.find(id, accountOf(caller));
      await subscriptions.setWords(id, words);
      return viewOf({ ...found, words });
    },
  });
}

function removeDevice({ subscriptions }: NotificationParts) {
  return defineAction({
    name: 'notifications.remove',
    summary: 'Has a device told nothing more.',
    permission: 'notifications:write',
    http: 'DELETE /notifications/{device}',
    cli: 'notification remove <device>',
    examples: ['bnity notification remove 019…'],
    input: z.strictObject({ device }),
    output: z.object({ id: z.string(), removed: z.literal(true) }),
    async run({ device: id }, { caller }) {
      await subscriptions.find(id, accountOf(caller));
      await subscriptions.remove(id);
      return { id, removed: true as const };
    },
  });
}

function test({ subscriptions, notifier }: NotificationParts) {
  return defineAction({
    name: 'notifications.test',
    summary: 'Sends a notification to a device, to see that it arrives.',
    permission: 'notifications:write',
    http: 'POST /notifications/{device}/test',
    cli: 'notification test <device>',
    examples: ['bnity notification test 019…'],
    input: z.strictObject({ device }),
    output: z.object({ sent: z.literal(true) }),
    async run({ device: id }, { caller }) {
      const found = await subscriptions.find(id, accountOf(caller));
      const path = 'settings/notifications';
      await notifier.send(found, { title: 'Boternity', say: (words) => words.test, path, isUrgent: true });
      return { sent: true as const };
    },
  });
}

/** Whose devices they are: a home has one account, for which its tokens act too. A bot or a program has none. */
function accountOf({ kind }: Caller): string {
  if (kind === 'person' || kind === 'token') return 'owner';
  throw new Fault('CALLER_DENIED', 'Only a person has devices.');
}

function viewOf({ id, device: name, endpoint, words, language, createdAt }: Subscription): z.output<typeof deviceView> {
  return { id, device: name, service: new URL(endpoint).host, words, language, createdAt };
}
