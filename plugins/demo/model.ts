import { setTimeout as sleep } from 'node:timers/promises';
import { plainText, type Model, type ModelRequest, type Part, type StopReason, type Usage } from 'boternity';
import { composeAnswer } from './answer.ts';
import { fingerprint } from './fingerprint.ts';
import { notesFor, wantsNotes } from './notes.ts';
import { titleFor, wantsTitle } from './title.ts';
import { readWish } from './tool-wish.ts';

export interface DemoOptions {
  /** Pause between two pieces, in milliseconds. */
  readonly delayMs: number;
}

/** Most characters of a piece; a piece ends at a word. */
const PIECE_LENGTH = 12;
const CHARACTERS_PER_TOKEN = 4;

/**
 * The model that needs no key and no network. What it says follows from the request alone: the bot's files, the history, the last
 * message and the results of the tools it called.
 */
export function createDemoModel({ delayMs }: DemoOptions): Model {
  return {
    id: 'demo',
    provider: 'demo',
    abilities: { tools: true, images: false },
    price: { input: 0, output: 0, source: 'built in' },
    stream: (request, signal) => speak(request, delayMs, signal),
  };
}

async function* speak(request: ModelRequest, delayMs: number, signal: AbortSignal): AsyncGenerator<Part> {
  const answer = answerTo(request);
  let isFirst = true;
  for (const piece of pieces(answer.text)) {
    if (!isFirst && delayMs > 0) await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    isFirst = false;
    yield { type: 'text', text: piece };
  }
  if (signal.aborted) {
    yield { type: 'end', stop: 'aborted' };
    return;
  }
  const id = fingerprint(JSON.stringify(request.messages));
  for (const [index, call] of answer.calls.entries())
    yield { type: 'call', call: { id: `demo_${id}_${index}`, ...call } };
  yield { type: 'usage', usage: usageFor(request, answer) };
  yield { type: 'end', stop: answer.stop };
}

interface DemoAnswer {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly stop: StopReason;
}

/** Tools are called once per message: their results are reported, not followed by further calls. */
function answerTo(request: ModelRequest): DemoAnswer {
  if (wantsTitle(request)) return { text: titleFor(request), calls: [], stop: 'end' };
  if (wantsNotes(request)) return { text: notesFor(request), calls: [], stop: 'end' };
  const last = request.messages.at(-1);
  const said = last?.role === 'user' ? plainText(last.content) : '';
  const { calls, hint } = readWish(said, request.tools);
  if (calls.length > 0) return { text: '', calls, stop: 'tools' };
  const text = composeAnswer(request, hint);
  const limit = (request.maxTokens ?? Number.POSITIVE_INFINITY) * CHARACTERS_PER_TOKEN;
  return text.length <= limit ? { text, calls, stop: 'end' } : { text: text.slice(0, limit), calls, stop: 'length' };
}

function pieces(text: string): readonly string[] {
  return text.match(new RegExp(`[^]{1,${PIECE_LENGTH}}(?=\\s|$)|[^]{1,${PIECE_LENGTH}}`, 'gu')) ?? [];
}

function usageFor(request: ModelRequest, answer: DemoAnswer): Usage {
  const { system, messages, tail, tools } = request;
  const heard = messages.map((message) => (message.role === 'assistant' ? message.text : plainText(message.content)));
  const schemas = tools.length > 0 ? JSON.stringify(tools) : '';
  const calls = answer.calls.map((call) => call.arguments).join('');
  return {
    input: countTokens([system, ...heard, tail, schemas].join('')),
    output: countTokens(answer.text + calls),
    cacheRead: 0,
    cacheWrite: 0,
  };
}

function countTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
