import { CallError } from './call-error.ts';
import type { Client } from '../client.ts';

/** How soon after a change something is done about it, and how long that rests afterwards, in milliseconds. */
const SOON_MS = 50;
const RESTED_MS = 500;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 3_000;

/** Runs something soon after it is asked for, and never more often than that. */
export function createHurry(run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ranAt = 0;
  return () => {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        ranAt = Date.now();
        run();
      },
      Math.max(SOON_MS, ranAt + RESTED_MS - Date.now()),
    );
  };
}

export interface News {
  /** Whether changes are told now. */
  readonly live?: (isLive: boolean) => void;
  /** Events of the feed, as its stream declares them. */
  readonly news: (events: readonly unknown[]) => void;
}

/** Follows the server's feed for as long as it has one, again after every break. */
export async function followNews(client: Client, signal: AbortSignal, { live, news }: News): Promise<void> {
  let cursor: string | undefined;
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const onLive = (): void => {
        failures = 0;
        live?.(true);
      };
      for await (const batch of client.follow('/fleet/events', { cursor, signal, onLive })) {
        cursor = batch.cursor;
        news(batch.events);
      }
    } catch (error) {
      live?.(false);
      const { status } = CallError.from(error);
      if (status === 401 || status === 404) return;
    }
    if (!signal.aborted)
      await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures)));
  }
}
