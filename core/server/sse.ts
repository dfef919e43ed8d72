import type { ServerResponse } from 'node:http';
import { redactor } from '../base/redact.ts';

/** Begins a stream of server-sent events (WHATWG HTML, 9.2). Proxies are told not to buffer. */
export function beginEvents(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...headers,
  });
  response.flushHeaders();
}

/** One event, ready to write, without secrets. `data` is a JSON value, so it has no line breaks. */
export function encodeEvent(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${redactor.json(data)}\n\n`;
}
