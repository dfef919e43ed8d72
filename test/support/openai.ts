import { OpenAI } from 'openai';
import t, { type Test } from 'tap';
import { changesIn, journalOf, startTalking, type Talking } from './talk.ts';

/** The header that names the conversation of a request. */
export const HEADER = 'x-boternity-conversation';
export const model = 'boternity/assistant';

type Message = OpenAI.ChatCompletionMessageParam;

/** The server with the official client, unchanged, at its door. */
export interface Door {
  readonly talking: Talking;
  /** May use all bots. */
  readonly token: string;
  readonly clientWith: (token: string) => OpenAI;
  readonly pageOf: (conversation: string | null) => ReturnType<typeof pageIn>;
  /** All that the bot said, as the journal has it. */
  readonly journalText: (conversation: string | null) => Promise<string>;
  /** Fails unless the audit finds nothing. */
  readonly sound: (test: Test, conversation: string | null) => Promise<void>;
}

/** `more` is YAML of further settings of plugins; `files` go into the home. */
export async function startDoor({
  more = '',
  files = {},
}: { more?: string; files?: Record<string, string> } = {}): Promise<Door & AsyncDisposable> {
  const talking = await startTalking({
    files: {
      ...files,
      'settings.yaml': `plugins:\n  openai-door: { beatSeconds: 0.1, approvalSeconds: 0.3 }\n${more}`,
    },
  });
  const { product, mock } = talking;
  const { token } = await product.client.call('tokens.create', { name: 'api', scopes: ['bots:use'] });
  t.beforeEach(() => mock.clear());
  return {
    talking,
    token,
    clientWith: (apiKey) => new OpenAI({ baseURL: `${product.url}/v1`, apiKey }),
    pageOf: (conversation) => pageIn(talking, conversation),
    async journalText(conversation) {
      const outputs = changesIn(await journalOf(product, conversation ?? ''), 'output');
      return outputs.map(({ text }) => String(text)).join('');
    },
    async sound(test, conversation) {
      const { findings } = await product.client.call('conversations.audit', { conversation: conversation ?? '' });
      test.strictSame(findings, [], 'the conversation is sound');
    },
    [Symbol.asyncDispose]: () => talking[Symbol.asyncDispose](),
  };
}

function pageIn({ product }: Talking, conversation: string | null) {
  return product.client.call('conversations.show', { conversation: conversation ?? '' });
}

/** Says one thing. */
export function ask(
  client: OpenAI,
  content: string,
  more: object = {},
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<OpenAI.ChatCompletion> {
  const messages: Message[] = [{ role: 'user', content }];
  return client.chat.completions.create({ model, messages, ...more }, { headers, ...(signal && { signal }) });
}

/** Says one thing, and gives the conversation in which it was answered. */
export async function where(client: OpenAI, content: string, more: object): Promise<string> {
  const messages: Message[] = [{ role: 'user', content }];
  const { response } = await client.chat.completions.create({ model, messages, ...more }).withResponse();
  return response.headers.get(HEADER) ?? '';
}

export async function gathered<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export function textOf(chunks: readonly OpenAI.ChatCompletionChunk[]): string {
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}

/** Fails unless a request is refused with an error that has these fields. */
export async function refuses(test: Test, request: Promise<unknown>, error: Record<string, unknown>): Promise<void> {
  const refusal: unknown = await request.then(
    () => 'was answered',
    (thrown: unknown) => thrown,
  );
  test.match(refusal, error);
}
