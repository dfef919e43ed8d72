import { randomBytes } from 'node:crypto';
import { isId } from 'boternity';

export type AttributeValue = string | number | boolean | readonly string[];

/** Something that took time: a turn of an agent, a call of a model, a call of a tool. Never a text of either. */
export interface Span {
  /** 32 hex digits: the turn. */
  readonly trace: string;
  /** 16 hex digits. */
  readonly id: string;
  readonly parent: string | null;
  readonly name: string;
  /** Milliseconds since 1970, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** The trace of a turn: its id is a UUID, which has as many digits. */
export function traceOf(turn: string | undefined): string {
  return turn !== undefined && isId(turn) ? turn.replaceAll('-', '') : randomBytes(16).toString('hex');
}

/** The span of the whole turn, known to all its parts before it is written. */
export function rootOf(trace: string): string {
  return trace.slice(-16);
}

export function newSpan(): string {
  return randomBytes(8).toString('hex');
}

/** Now, in milliseconds since 1970, finer than the clock of the day tells. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Attributes without those that nobody knows. */
export function known(
  attributes: Readonly<Record<string, AttributeValue | null | undefined>>,
): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).filter(
      (entry): entry is [string, AttributeValue] => entry[1] !== null && entry[1] !== undefined,
    ),
  );
}
