import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, type Log } from 'boternity';
import { MOST_BYTES } from './encrypt.ts';
import { push, type PushOptions } from './push.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';
import { sentencesIn, type Sentences } from './words.ts';

/** Characters of an answer that go along where the person wants them. */
const MOST_WORDS = 200;
/** With these a push service says that it knows a device no more (RFC 8030, 7.3). */
const GONE = new Set([404, 410]);
/** After how long a service that is busy or away is asked again, each time, in milliseconds. */
const AGAIN_MS = [5_000, 60_000];

/** What a device is told of. */
export interface News {
  /** Who has something to say. */
  readonly title: string;
  readonly say: (sentences: Sentences) => string;
  /** What the bot said, for devices that want it. */
  readonly words?: () => Promise<string>;
  /** Where a click leads, from the root of the application and without a slash before it. */
  readonly path: string;
  readonly isUrgent: boolean;
}

/** Sends news to devices, and forgets those that are gone. */
export class Notifier {
  readonly #subscriptions: Subscriptions;
  readonly #options: () => Promise<PushOptions>;
  readonly #log: Log;

  constructor(subscriptions: Subscriptions, options: () => Promise<PushOptions>, log: Log) {
    this.#subscriptions = subscriptions;
    this.#options = options;
    this.#log = log;
  }

  /** Tells all devices. Nobody waits for it; what goes wrong is logged. */
  async tell(news: News): Promise<void> {
    const devices = await this.#subscriptions.all();
    await Promise.all(
      devices.map((device) =>
        this.#sendInTime(device, news).catch((error: unknown) =>
          this.#log.warn('A device could not be notified', { device: device.id, error: Fault.from(error) }),
        ),
      ),
    );
  }

  /** A service that is busy or away may take it a little later. */
  async #sendInTime(device: Subscription, news: News): Promise<void> {
    const { signal } = await this.#options();
    for (const wait of AGAIN_MS) {
      try {
        return await this.send(device, news);
      } catch (error) {
        if (!(Fault.is(error) && error.code === 'PUSH_LATER')) throw error;
      }
      await sleep(wait, undefined, { signal, ref: false });
    }
    return this.send(device, news);
  }

  /** Throws PUSH_REFUSED when the push service does not take it, and PUSH_LATER when it is busy or away. */
  async send(device: Subscription, { title, say, words, path, isUrgent }: News): Promise<void> {
    const said = say(sentencesIn(device.language));
    const extra = device.words ? ((await words?.())?.trim() ?? '') : '';
    const body = extra === '' ? said : shortened(extra);
    const status = await this.#push(device, { title: title.slice(0, 100), body, path, tag: path }, isUrgent);
    if (status >= 200 && status < 300) return;
    if (GONE.has(status)) await this.#subscriptions.remove(device.id);
    const gone = GONE.has(status) ? ' and knows the device no more: it was removed' : '';
    const isBusy = status === 429 || status >= 500;
    const message = `The push service of ${device.device} answered ${status}${gone}.`;
    throw new Fault(isBusy ? 'PUSH_LATER' : 'PUSH_REFUSED', message);
  }

  async #push(device: Subscription, payload: Payload, isUrgent: boolean): Promise<number> {
    const { endpoint, keys } = device;
    const text = JSON.stringify({ v: 1, ...payload });
    if (Buffer.byteLength(text) > MOST_BYTES) return this.#push(device, { ...payload, body: '' }, isUrgent);
    const receiver = { p256dh: Buffer.from(keys.p256dh, 'base64url'), auth: Buffer.from(keys.auth, 'base64url') };
    const topic = createHash('sha256').update(payload.tag).digest('base64url').slice(0, 32);
    try {
      return await push({ endpoint, receiver, text, topic, isUrgent }, await this.#options());
    } catch (error) {
      if (Fault.is(error)) throw error;
      throw new Fault('PUSH_LATER', `The push service of ${device.device} cannot be reached.`, { cause: error });
    }
  }
}

interface Payload {
  readonly title: string;
  readonly body: string;
  readonly path: string;
  readonly tag: string;
}

/** The beginning of a text, never half a character. */
function shortened(text: string): string {
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, MOST_WORDS * 4))) {
    if (kept.length + segment.length > MOST_WORDS) return `${kept}…`;
    kept += segment;
  }
  return kept;
}
