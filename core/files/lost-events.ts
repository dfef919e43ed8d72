import { readFileSync } from 'node:fs';

/** What the clocks of file systems may lag behind, in milliseconds. */
const LAG_MS = 2_000;

type Listener = (sinceMs: number) => void;

const listeners = new Set<Listener>();
let events = 0;
let isCounting = false;
let emptySince = Date.now();

/**
 * Calls back when the system may have thrown events of watches away, with the time since when that can be. The system keeps a
 * bounded queue for all watches of a process, and Node does not tell when it overflows. But it always empties the whole queue in
 * one turn of the event loop, so a queue that was full shows by the number of events in that turn.
 */
export function onLostEvents(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** To be called for every event of a watch. */
export function countEvent(): void {
  events += 1;
  if (isCounting) return;
  isCounting = true;
  setImmediate(() => {
    const since = emptySince - LAG_MS;
    const mayBeLost = events >= queueLength() / 2;
    events = 0;
    isCounting = false;
    emptySince = Date.now();
    if (mayBeLost) for (const listener of listeners) listener(since);
  });
}

let known: number | undefined;

/** How many events Linux keeps (inotify(7)); other systems keep no such queue that Node would empty so. */
function queueLength(): number {
  if (known !== undefined) return known;
  try {
    known = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || Infinity;
  } catch {
    known = Infinity;
  }
  return known;
}
