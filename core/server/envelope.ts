import type { Fault } from '../base/fault.ts';

/** The form of every answer below /api/v1. */
export interface Envelope {
  readonly data: unknown;
  readonly meta: { readonly request_id: string; readonly timestamp: string; readonly response_time_ms: number };
  readonly errors: readonly {
    readonly code: string;
    readonly title: string;
    readonly message: string;
    readonly hint: string;
    readonly details?: readonly { path: string; message: string }[];
  }[];
  readonly _links: Readonly<Record<string, string>>;
}

export interface Request {
  readonly id: string;
  readonly startedMs: number;
  readonly path: string;
}

export function success(request: Request, data: unknown): Envelope {
  return { data: data ?? null, meta: metaOf(request), errors: [], _links: { self: request.path } };
}

export function failure(request: Request, fault: Fault): Envelope {
  const { code, message, hint, details } = fault;
  const error = { code, title: fault.row.title, message, hint, ...(details.length > 0 && { details }) };
  return { data: null, meta: metaOf(request), errors: [error], _links: { self: request.path } };
}

function metaOf(request: Request): Envelope['meta'] {
  return {
    request_id: request.id,
    timestamp: new Date().toISOString(),
    response_time_ms: Math.round((performance.now() - request.startedMs) * 10) / 10,
  };
}
