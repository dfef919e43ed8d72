import { say } from './say.ts';

/** One thing that is wrong in an input. */
export interface CallDetail {
  readonly path: string;
  readonly message: string;
}

export interface CallFailure {
  /** `NOUN_WHAT`, permanent; SERVER_UNREACHABLE when no answer came at all. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** HTTP status; 0 when no answer came. */
  readonly status?: number | undefined;
  readonly details?: readonly CallDetail[] | undefined;
  readonly requestId?: string | undefined;
}

/** Why a call failed: the server's own words where it answered, else what kept it from answering. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: string;
  readonly status: number;
  readonly hint: string;
  readonly details: readonly CallDetail[];
  /** Finds the request in the server's log. */
  readonly requestId: string | undefined;

  constructor(failure: CallFailure, cause?: unknown) {
    super(failure.message, cause === undefined ? undefined : { cause });
    this.code = failure.code;
    this.status = failure.status ?? 0;
    this.hint = failure.hint ?? '';
    this.details = failure.details ?? [];
    this.requestId = failure.requestId;
  }

  /** Turns anything thrown into a CallError, so that every failure can be shown in the same way. */
  static from(thrown: unknown): CallError {
    if (thrown instanceof CallError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new CallError({ code: 'INTERNAL', message, hint: say`Reload the page and try again.` }, thrown);
  }
}

/** A connection that was there is gone. */
export function lostConnection(): CallError {
  const hint = say`It is tried again by itself.`;
  return new CallError({ code: 'SERVER_UNREACHABLE', message: say`The connection to the server is lost.`, hint });
}
