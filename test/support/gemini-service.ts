import { RETRY_AFTER_SECONDS, type ServiceAnswer } from '../../core/testing.ts';
import { geminiModel } from '../../plugins/gemini/model.ts';
import { accessTo, type AccessOptions } from './access.ts';
import type { Refusals, Reply, StagedService } from './model-service.ts';

export const NEW = 'gemini-3.1-pro-preview';
export const KEY = 'AIza-test-key';

/** A model of Gemini at an address. */
export function modelAt(address: string, id = NEW, options: AccessOptions = {}) {
  return geminiModel(accessTo(`${address}/v1beta`, { name: 'gemini', key: KEY, ...options }), { id });
}

/** The contract's words in the protocol of Gemini, as the recordings have it. */
function framesOf({ text = [], thinking = [], calls = [], stop = 'end', usage }: ServiceAnswer) {
  const parts = [
    ...thinking.map((piece) => ({ text: piece, thought: true })),
    ...text.map((piece) => ({ text: piece })),
    ...calls.map(({ name, arguments: args }) => ({ functionCall: { name, args } })),
  ];
  const finishReason = { end: 'STOP', tools: 'STOP', length: 'MAX_TOKENS', refused: 'SAFETY' }[stop];
  const usageMetadata = usage && {
    promptTokenCount: usage.input,
    candidatesTokenCount: usage.output,
    cachedContentTokenCount: usage.cacheRead,
  };
  return {
    spoken: parts.map((part) => chunk([part])),
    last: [chunk([], { finishReason }, { usageMetadata })],
  };
}

export function chunk(parts: readonly object[], candidate: object = {}, rest: object = {}): string {
  return event({ candidates: [{ content: { role: 'model', parts }, index: 0, ...candidate }], ...rest });
}

export function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\r\n\r\n`;
}

export function refuse(code: number, status: string, message: string, rest: object = {}): Reply {
  return { status: code, json: [{ error: { code, message, status, ...rest } }] };
}

const retryInfo = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${RETRY_AFTER_SECONDS}s` };
const keyInfo = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' };
const refusals: Refusals = {
  key: refuse(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', { details: [keyInfo] }),
  rate: refuse(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', { details: [retryInfo] }),
  failure: refuse(500, 'INTERNAL', 'An internal error has occurred.'),
  invalid: refuse(400, 'INVALID_ARGUMENT', 'Unable to submit request.'),
  overload: refuse(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
  context: refuse(
    400,
    'INVALID_ARGUMENT',
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  ),
};

export const staged: StagedService = {
  modelAt: (url, patience) => modelAt(url, NEW, patience),
  frames: framesOf,
  error: event({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }),
  refusals,
};
