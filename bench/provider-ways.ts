import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { Model, ModelFacts, ModelRequest, Part, ProviderAccess } from 'boternity';
import { redactor } from '../core/base/redact.ts';
import { redactModel } from '../core/agent/redact-model.ts';
import { chainOf } from '../plugins/models/chain.ts';
import { Circuits } from '../plugins/models/circuits.ts';
import { observed } from '../plugins/models/observed.ts';
import { messagesModel } from '../plugins/anthropic/messages.ts';
import { geminiModel } from '../plugins/gemini/model.ts';
import { chatModel } from '../plugins/openai/chat/chat.ts';
import { responsesModel } from '../plugins/openai/responses/responses.ts';
import { tracedModel } from '../plugins/traces/record.ts';
import { accounted, type Books } from '../plugins/usage/account.ts';

/** A protocol, spoken by the house and by the official SDK alone. */
export interface Way {
  readonly modelAt: (access: ProviderAccess, facts: ModelFacts) => Model;
  /** The raw chunks of the SDK with what it has of itself, and what in them is a first token. Undefined where we use none. */
  readonly direct?: (url: string) => (model: string) => Promise<AsyncIterable<unknown>>;
  readonly isToken?: (chunk: never) => boolean;
  /** Path of its address, and of its calls. */
  readonly base: string;
  readonly path: string;
}

const KEY = 'sk-a-key-of-the-benchmark';
const ASKED = [{ role: 'user' as const, content: 'Say hello' }];
const calm = { apiKey: KEY, maxRetries: 0, logLevel: 'off' as const };

export const ways: Readonly<Record<string, Way>> = {
  'openai chat': {
    modelAt: chatModel,
    direct(url) {
      const client = new OpenAI({ ...calm, baseURL: `${url}/v1` });
      return (model) => client.chat.completions.create({ model, stream: true, messages: ASKED });
    },
    isToken: (chunk: { choices?: { delta?: { content?: string } }[] }) => Boolean(chunk.choices?.[0]?.delta?.content),
    base: '/v1',
    path: '/v1/chat/completions',
  },
  'openai responses': {
    modelAt: responsesModel,
    direct(url) {
      const client = new OpenAI({ ...calm, baseURL: `${url}/v1` });
      return (model) => client.responses.create({ model, stream: true, store: false, input: ASKED });
    },
    isToken: (chunk: { type?: string }) => chunk.type === 'response.output_text.delta',
    base: '/v1',
    path: '/v1/responses',
  },
  anthropic: {
    modelAt: messagesModel,
    direct(url) {
      const client = new Anthropic({ ...calm, baseURL: url });
      return (model) => client.messages.create({ model, max_tokens: 1000, stream: true, messages: ASKED });
    },
    isToken: (chunk: { type?: string }) => chunk.type === 'content_block_delta',
    base: '',
    path: '/v1/messages',
  },
  gemini: { modelAt: geminiModel, base: '/v1beta', path: '/v1beta/models/long:streamGenerateContent?alt=sse' },
};

export const question: ModelRequest = {
  system: '',
  tools: [],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Say hello' }] }],
  tail: '',
};

/** A model as its provider's plugin makes it. */
export function bareModel({ modelAt, base }: Way, url: string, id: string): Model {
  const access: ProviderAccess = {
    name: 'bench',
    address: url + base,
    headers: {},
    options: {},
    limits: { firstMs: 60_000, idleMs: 60_000 },
    key: async () => KEY,
    secret: async () => undefined,
  };
  return modelAt(access, { id });
}

/** The same model as a turn calls it: secrets are kept from it, calls are counted, traced and watched, others stand in for it. */
export function wholeModel(way: Way, url: string, id: string): Model {
  redactor.add('BENCH', KEY);
  const books = {
    ledger: { add: () => undefined },
    purse: { admit: (_: Model, request: ModelRequest) => ({ request, notice: undefined }), settle: () => undefined },
    idOf: (bot: string) => bot,
  } as unknown as Books;
  const circuits = new Circuits(() => undefined);
  const call = (model: Model, request: ModelRequest, signal: AbortSignal): AsyncIterable<Part> =>
    tracedModel(
      accounted((...asked) => asked[0].stream(asked[1], asked[2]), books, model, request, signal),
      model,
      request,
      () => undefined,
    );
  return chainOf([observed(redactModel(bareModel(way, url, id)), call, circuits)], circuits);
}
