import { setImmediate as yieldToOthers } from 'node:timers/promises';

const STEPS_BETWEEN_YIELDS = 5000;
const BATCHES_BETWEEN_YIELDS = 50;

/** Does something with every item; others get a turn in between, however many there are. */
export async function eachInTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let done = 0;
  for (const item of items) {
    work(item);
    done += 1;
    if (done % STEPS_BETWEEN_YIELDS === 0) await yieldToOthers();
  }
}

/** Results for all items, in order, a few at once; others get a turn in between even where nothing is waited for. `pause` is waited for between those. */
export async function allInTurns<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
  pause?: () => Promise<void>,
): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0, batches = 1; at < items.length; at += atOnce, batches += 1) {
    for (const result of await Promise.all(items.slice(at, at + atOnce).map(work))) results.push(result);
    if (pause) await pause();
    else if (batches % BATCHES_BETWEEN_YIELDS === 0) await yieldToOthers();
  }
  return results;
}
