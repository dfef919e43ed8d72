import { DailyJournal, dayOf, type Log } from 'boternity';
import { rootOf, type Span } from './span.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Spans, a line each, in `.boternity/traces/`. */
export class TraceStore implements AsyncDisposable {
  readonly #lines: DailyJournal;

  constructor(home: string, log: Log, keepDays: number) {
    this.#lines = new DailyJournal(home, '.boternity/traces', log, keepDays);
  }

  add(span: Span): void {
    this.#lines.add(span, new Date(span.endMs));
  }

  /** The spans of the turn that a run or a turn is, in the order in which they began; none where there is no trace of it. */
  async of(id: string): Promise<Span[]> {
    await this.#lines.settle();
    const first = dayOf(new Date(beginOf(id)));
    const spans: Span[] = [];
    let trace: string | undefined;
    // A turn ends on the day it begins, or later; its id tells the day.
    for (const day of (await this.#lines.days()).filter((each) => each >= first)) {
      trace ??= (await this.#read(day, id)).at(0)?.trace;
      if (trace !== undefined) spans.push(...(await this.#read(day, trace)));
      if (spans.some((span) => span.id === rootOf(span.trace))) break;
    }
    return spans.toSorted((a, b) => a.startMs - b.startMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lines[Symbol.asyncDispose]();
  }

  async #read(day: string, text: string): Promise<Span[]> {
    const spans: Span[] = [];
    for await (const value of this.#lines.of(day, (line) => line.includes(text))) spans.push(value as Span);
    return spans;
  }
}

/** The instant that an id was made at: the first 48 bits of a UUIDv7. The beginning of time for what is none. */
function beginOf(id: string): number {
  const ms = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  return Number.isFinite(ms) && ms < Date.now() + DAY_MS ? ms : 0;
}
