import type { Client } from 'boternity/ui';

/** Whether this browser can be notified: `blocked` where the person said no, `never` where it cannot. */
export type Ability = 'can' | 'blocked' | 'never';

export function ability(): Ability {
  const isAble =
    'serviceWorker' in navigator && typeof PushManager === 'function' && typeof Notification === 'function';
  if (!isAble) return 'never';
  return Notification.permission === 'denied' ? 'blocked' : 'can';
}

/** Has this browser notified: asks the person, subscribes at its push service, and tells the server. Throws when the person says no. */
export async function turnOn(client: Client, device: string, language: string): Promise<string | undefined> {
  if ((await Notification.requestPermission()) !== 'granted') return undefined;
  const { key } = await client.call('notifications.key', {});
  const { pushManager } = await navigator.serviceWorker.ready;
  const before = await pushManager.getSubscription();
  // One for another key, of another server at this address, is of no use.
  if (before && !isFor(before, key)) await before.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint = '', keys = {} } = subscription.toJSON();
  const { p256dh = '', auth = '' } = keys;
  const made = await client.call('notifications.subscribe', { endpoint, p256dh, auth, device, language });
  return made.id;
}

/** Has the push service forget this browser. */
export async function turnOff(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

/** What this browser is called until the person says better. */
export function deviceName(): string {
  const { userAgent } = navigator;
  const browser = /(Firefox|Chrome|Safari)\//.exec(userAgent)?.[1];
  const system = /(Android|iPhone|iPad|Mac OS X|Windows|Linux)/.exec(userAgent)?.[1];
  return [browser, system].filter(Boolean).join(', ') || location.host;
}

function isFor({ options }: PushSubscription, key: string): boolean {
  const own = options.applicationServerKey;
  if (!own) return false;
  const text = btoa(String.fromCharCode(...new Uint8Array(own)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') === key;
}
