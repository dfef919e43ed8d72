import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * A service in a process of its own that speaks Chat Completions, Responses and Messages on loopback. The model of a request says how:
 * `long` in thousands of pieces, `slow` with a first piece and no end, `refuse…` with status 503, any other with a few words. Prints its
 * address; `GET /size/v1/…` tells
 * the bytes of a long answer, `GET /gaps` the milliseconds from the end of each refusal to the request behind it, on one clock.
 */
const LONG_PIECES = 40_000;
const WORDS = [' the', ' quick', ' brown', ' fox', ' jumps', ' over', ' lazy', ' dogs', '.\n', ' "again"'];

type Protocol = (pieces: number) => string[];

const protocols: Readonly<Record<string, Protocol>> = {
  '/v1/chat/completions': chat,
  '/v1/responses': responses,
  '/v1/messages': messages,
  '/v1beta/models/long:streamGenerateContent?alt=sse': gemini,
};

const longBodies = new Map<string, Buffer>();
const gaps: number[] = [];
let refusedAt: number | undefined;

const server = createServer((request, response) => {
  const { url = '' } = request;
  if (url === '/gaps') response.end(JSON.stringify(gaps.splice(0)));
  else if (url.startsWith('/size')) response.end(String(longBody(url.slice('/size'.length)).length));
  else void respond(url, request, response);
  if (protocols[url] && refusedAt !== undefined) gaps.push(performance.now() - refusedAt);
  if (protocols[url]) refusedAt = undefined;
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));

async function respond(url: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model = 'long' } = JSON.parse(await text(request)) as { model?: string };
  const events = protocols[url];
  if (!events) return void response.writeHead(404).end('{}');
  if (model.startsWith('refuse')) return refuse(response);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (model === 'long') return void response.end(longBody(url));
  const [first = '', second = '', ...others] = events(10);
  response.write(first + second + (model === 'slow' ? (others[0] ?? '') : ''));
  if (model !== 'slow') response.end(others.join(''));
}

function refuse(response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ error: { message: 'The engine is overloaded' } }),
    () => (refusedAt = performance.now()),
  );
}

function longBody(url: string): Buffer {
  const known = longBodies.get(url) ?? Buffer.from(protocols[url]?.(LONG_PIECES).join('') ?? '');
  longBodies.set(url, known);
  return known;
}

function words(count: number): string[] {
  return Array.from({ length: count }, (_, index) => WORDS[index % WORDS.length] ?? '');
}

function event(value: object, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(value)}\n\n`;
}

function chat(pieces: number): string[] {
  const id = 'chatcmpl-C9kYx0mGkq3Zb8VYzN2d1sW7';
  const head = { id, object: 'chat.completion.chunk', created: 1_758_000_000, model: 'm', service_tier: 'default' };
  const chunk = (delta: object, finish: string | null = null): string =>
    event({
      ...head,
      system_fingerprint: 'fp_1',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    });
  const usage = { prompt_tokens: 10, completion_tokens: pieces, total_tokens: pieces + 10 };
  return [
    chunk({ role: 'assistant', content: '', refusal: null }),
    ...words(pieces).map((content) => chunk({ content })),
    chunk({}, 'stop'),
    event({ ...head, choices: [], usage }),
    'data: [DONE]\n\n',
  ];
}

function responses(pieces: number): string[] {
  const item = { id: 'msg_68c9', type: 'message', status: 'in_progress', role: 'assistant', content: [] };
  const place = { item_id: item.id, output_index: 0, content_index: 0 };
  const usage = { input_tokens: 10, output_tokens: pieces, total_tokens: pieces + 10 };
  const response = { id: 'resp_68c9', object: 'response', status: 'in_progress', model: 'm', output: [] };
  const typed = (type: string, value: object, index = 0): string =>
    event({ type, sequence_number: index, ...value }, type);
  return [
    typed('response.created', { response }),
    typed('response.output_item.added', { output_index: 0, item }),
    ...words(pieces).map((delta, index) =>
      typed('response.output_text.delta', { ...place, delta, logprobs: [], obfuscation: 'a1B2c3D4e5F6' }, index),
    ),
    typed('response.completed', { response: { ...response, status: 'completed', usage } }),
  ];
}

function gemini(pieces: number): string[] {
  const about = { modelVersion: 'gemini-3-pro-preview', responseId: 'bH6LaZW8Fp_3nsEPqtaSwQ4' };
  const usageMetadata = { promptTokenCount: 9, candidatesTokenCount: pieces, totalTokenCount: pieces + 9 };
  const chunk = (value: string, rest = {}): string => {
    const content = { parts: [{ text: value }], role: 'model' };
    return event({ candidates: [{ content, index: 0, ...rest }], usageMetadata, ...about });
  };
  return [...words(pieces).map((word) => chunk(word)), chunk('', { finishReason: 'STOP' })];
}

function messages(pieces: number): string[] {
  const typed = (value: { readonly type: string; readonly [field: string]: unknown }): string =>
    event(value, value.type);
  const delta = (value: string): string =>
    typed({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: value } });
  const message = { id: 'msg_01', type: 'message', role: 'assistant', model: 'm', content: [] };
  const begin = { ...message, stop_reason: null, usage: { input_tokens: 10, output_tokens: 1 } };
  const start = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
  const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: pieces } };
  return [
    typed({ type: 'message_start', message: begin }),
    typed(start),
    ...words(pieces).map((word) => delta(word)),
    typed({ type: 'content_block_stop', index: 0 }),
    typed(end),
    typed({ type: 'message_stop' }),
  ];
}
