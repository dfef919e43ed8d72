import type { CDPSession, Page } from 'playwright-core';

/** What the main thread of a page did while something went on. */
export interface Traced {
  /** The longest task by the clock; others on the machine make it longer. */
  readonly longestMs: number;
  /** The longest by the processor's time that it took, and how many took more than 50 ms of it. */
  readonly longestOwnMs: number;
  readonly long: number;
  /** Script in each frame that was drawn, in milliseconds. */
  readonly scriptMs: readonly number[];
  readonly framesPerSecond: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Time of the processor. */
  readonly tdur?: number;
}

const CATEGORIES = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'];
const TASKS = new Set(['RunTask', 'ThreadControllerImpl::RunTask']);
const SCRIPTS = new Set([
  'FunctionCall',
  'EvaluateScript',
  'RunMicrotasks',
  'TimerFire',
  'FireAnimationFrame',
  'V8.GC',
]);
/** Once in each frame that is drawn. */
const FRAME = 'PrePaint';

/** Records what the main thread does while `work` runs. */
export async function trace(page: Page, work: () => Promise<void>): Promise<Traced> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => void events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES },
  });
  await work();
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  return summed(onMainThread(events));
}

/** Bytes of the page's heap after everything that can go has gone. */
export async function heapBytes(session: CDPSession): Promise<number> {
  for (let times = 0; times < 3; times += 1) await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

/** The thread on which most frames were drawn. */
function onMainThread(events: readonly TraceEvent[]): TraceEvent[] {
  const frames = new Map<string, number>();
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  for (const event of events)
    if (event.name === FRAME) frames.set(threadOf(event), (frames.get(threadOf(event)) ?? 0) + 1);
  const [main] = [...frames].toSorted(([, a], [, b]) => b - a)[0] ?? [];
  return events.filter((event) => threadOf(event) === main).toSorted((a, b) => a.ts - b.ts);
}

function summed(events: readonly TraceEvent[]): Traced {
  const tasks = events.filter(({ name }) => TASKS.has(name));
  const own = tasks.map(({ dur = 0, tdur = dur }) => tdur / 1_000);
  const frames = events.filter(({ name }) => name === FRAME).map(({ ts }) => ts);
  const scriptMs = frames.map(() => 0);
  let end = 0;
  let frame = -1;
  for (const { name, ts, dur = 0 } of events) {
    while (frame + 1 < frames.length && (frames[frame + 1] ?? 0) <= ts) frame += 1;
    if (!SCRIPTS.has(name) || frame < 0) continue;
    // What runs within another has been counted with it.
    const own = Math.max(0, ts + dur - Math.max(end, ts));
    end = Math.max(end, ts + dur);
    scriptMs[frame] = (scriptMs[frame] ?? 0) + own / 1_000;
  }
  const seconds = ((frames.at(-1) ?? 0) - (frames[0] ?? 0)) / 1e6;
  return {
    longestMs: tasks.reduce((most, { dur = 0 }) => Math.max(most, dur / 1_000), 0),
    longestOwnMs: own.reduce((most, each) => Math.max(most, each), 0),
    long: own.filter((each) => each > 50).length,
    scriptMs,
    framesPerSecond: seconds > 0 ? (frames.length - 1) / seconds : 0,
  };
}
