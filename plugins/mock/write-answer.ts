import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { countTokens, type ChatRequest, type MockAnswer, type MockCall, type MockError } from './answer.ts';

const CHUNK_SIZE = 18;

/** One answer on its way. */
export interface Delivery {
  readonly response: ServerResponse;
  readonly chat: ChatRequest;
  readonly answer: MockAnswer;
  /** Number of the request; makes ids. */
  readonly number: number;
  readonly delayMs: number;
}

/** Sends an answer as the request wants it: whole, as a stream, or as an error. Settles when nothing more will be sent. */
export async function writeAnswer(delivery: Delivery): Promise<void> {
  const { response, answer, chat } = delivery;
  const leaving = new AbortController();
  response.once('close', () => leaving.abort());
  if (answer.hangMs) await sleep(answer.hangMs, undefined, { signal: leaving.signal }).catch(() => undefined);
  if (response.destroyed) return;
  if (answer.error) return writeError(response, answer.error);
  if (!chat.stream) return writeJson(response, 200, completion(delivery));
  await writeStream(delivery, leaving.signal);
}

export function writeJson(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

/** Informational statuses cannot end an exchange; they become 500. */
export function writeError(response: ServerResponse, error: MockError): void {
  const { status, message = `mock error ${status}`, code = null, headers = {} } = error;
  const body = { error: { message, type: errorType(status), param: null, code } };
  writeJson(response, status < 200 ? 500 : status, body, headers);
}

function errorType(status: number): string {
  if (status === 429) return 'rate_limit_error';
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  return status >= 400 && status < 500 ? 'invalid_request_error' : 'server_error';
}

async function writeStream(delivery: Delivery, leaving: AbortSignal): Promise<void> {
  const { response, answer, delayMs } = delivery;
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  let sent = 0;
  for (const payload of answer.raw ?? payloads(delivery)) {
    if (answer.dropAfter === sent) return cut(response);
    if (answer.hangAfter === sent) return;
    if (delayMs > 0) await sleep(delayMs, undefined, { signal: leaving }).catch(() => undefined);
    if (response.destroyed) return;
    await write(delivery, `data: ${payload}\n\n`);
    sent += 1;
  }
  if (answer.finish !== null) await write(delivery, 'data: [DONE]\n\n');
  response.end();
}

/** Ends the connection in the middle of the answer, after what was written so far has left. */
function cut(response: ServerResponse): void {
  response.flushHeaders();
  response.write('', () => response.destroy());
}

/** The chunks: first the role alone, at last the reason and the usage. */
function* payloads(delivery: Delivery): Generator<string> {
  const { answer, chat } = delivery;
  const size = answer.chunkSize ?? CHUNK_SIZE;
  yield chunk(delivery, { role: 'assistant', content: '' });
  if (answer.badJson) yield '{"choices":[{"delta":{"content": oops';
  for (const piece of pieces(answer.thinking ?? '', size)) yield chunk(delivery, { reasoning_content: piece });
  for (const piece of pieces(answer.text ?? '', size)) yield chunk(delivery, { content: piece });
  for (const [index, call] of callsOf(delivery).entries()) {
    const { id, type } = call;
    yield chunk(delivery, { tool_calls: [{ index, id, type, function: { name: call.function.name, arguments: '' } }] });
    for (const piece of pieces(call.function.arguments, size)) {
      yield chunk(delivery, { tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
  if (answer.finish === null) return;
  yield chunk(delivery, {}, { finish: finishOf(answer), ...(chat.wantsUsage && { usage: usageOf(delivery) }) });
}

function chunk(delivery: Delivery, delta: object, last: { finish?: string; usage?: object } = {}): string {
  const { number, chat } = delivery;
  return JSON.stringify({
    id: `chatcmpl-mock-${number}`,
    object: 'chat.completion.chunk',
    created: seconds(),
    model: chat.model,
    choices: [{ index: 0, delta, finish_reason: last.finish ?? null }],
    ...(last.usage && { usage: last.usage }),
  });
}

function completion(delivery: Delivery): object {
  const { number, chat, answer } = delivery;
  const calls = callsOf(delivery);
  const message = {
    role: 'assistant',
    content: calls.length > 0 ? (answer.text ?? null) : (answer.text ?? ''),
    ...(answer.thinking && { reasoning_content: answer.thinking }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return {
    id: `chatcmpl-mock-${number}`,
    object: 'chat.completion',
    created: seconds(),
    model: chat.model,
    choices: [{ index: 0, message, finish_reason: finishOf(answer) }],
    usage: usageOf(delivery),
  };
}

interface WireCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

function callsOf({ answer, number }: Delivery): WireCall[] {
  return (answer.calls ?? []).map((call, index) => ({
    id: call.id ?? `call_mock_${number}_${index}`,
    type: 'function',
    function: { name: call.name, arguments: argumentsOf(call) },
  }));
}

function argumentsOf(call: MockCall): string {
  return typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments ?? {});
}

function finishOf(answer: MockAnswer): string {
  return answer.finish ?? ((answer.calls ?? []).length > 0 ? 'tool_calls' : 'stop');
}

function usageOf({ answer, chat }: Delivery): object {
  const spoken = (answer.text ?? '') + (answer.thinking ?? '') + (answer.calls ?? []).map(argumentsOf).join('');
  const input = answer.usage?.input ?? countTokens(chat.messages.map((message) => message.text).join(''));
  const output = answer.usage?.output ?? countTokens(spoken);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(answer.usage?.cached !== undefined && { prompt_tokens_details: { cached_tokens: answer.usage.cached } }),
  };
}

/** Pieces of so many characters, none of them cut in two. */
function pieces(text: string, size: number): readonly string[] {
  return text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? [];
}

/** Writes at the pace of the reader; in the smallest network pieces that the answer asks for. */
async function write({ response, answer }: Delivery, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  const step = answer.writeBytes ?? bytes.length;
  for (let at = 0; at < bytes.length; at += step) {
    if (response.destroyed) return;
    const isRoomy = response.write(bytes.subarray(at, at + step));
    if (!isRoomy) await roomIn(response);
    else if (answer.writeBytes) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Until more can be written, or nobody reads any more. */
async function roomIn(response: ServerResponse): Promise<void> {
  const enough = new AbortController();
  const either = ['drain', 'close'].map((event) => once(response, event, { signal: enough.signal }));
  await Promise.race(either);
  enough.abort();
  await Promise.allSettled(either);
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
