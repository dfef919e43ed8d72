import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeView } from '../../plugins/conversations/views.ts';
import type { ConversationPage, LiveConversation } from '../../core/ui/client.ts';
import { startMockModel, type MockModel } from './mock-model.ts';
import { startProduct, type Product, type ProductOptions } from './product.ts';

/** A chat request as the model got it. */
export interface ChatBody {
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly content: string | null;
    readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string } }[];
  }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

/** The server with the mock as its only provider beside the demo. */
export interface Talking extends AsyncDisposable {
  readonly product: Product;
  readonly mock: MockModel;
  /** The requests so far, oldest first. */
  bodies(): ChatBody[];
}

/** What else the entry of the mock in providers.yaml says. */
export interface MockEntry {
  /** Tokens that its model takes. */
  readonly window?: number;
  /** Seconds until its first word, and between two pieces. */
  readonly timeout?: number;
  readonly idle?: number;
}

/** providers.yaml with one provider, `mock`, that has the model `mock-model`. */
export function providersFile(address: string, entry: MockEntry = {}): string {
  const lines = Object.entries(entry).map(([key, value]) => `    ${key}: ${value}\n`);
  return `providers:\n  mock:\n    type: openai-compatible\n    address: ${address}\n    models: [mock-model]\n${lines.join('')}`;
}

export async function startTalking({
  window,
  timeout,
  idle,
  providers = '',
  ...options
}: ProductOptions &
  MockEntry & { /** More entries of providers.yaml. */ readonly providers?: string } = {}): Promise<Talking> {
  await using undo = new AsyncDisposableStack();
  const mock = undo.use(await startMockModel());
  const files = {
    'providers.yaml':
      providersFile(mock.url, {
        ...(window !== undefined && { window }),
        ...(timeout !== undefined && { timeout }),
        ...(idle !== undefined && { idle }),
      }) + providers,
    ...options.files,
  };
  const product = undo.use(await startProduct({ ...options, files }));
  const stack = undo.move();
  return {
    product,
    mock,
    bodies: () => mock.requests().map(({ body }) => JSON.parse(body) as ChatBody),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What a turn came to. */
export interface Said {
  readonly page: ConversationPage;
  /** The nodes of the turn behind the message. */
  readonly nodes: readonly NodeView[];
  /** The last of them. */
  readonly answer: NodeView;
}

/** Begins a conversation and gives its id. */
export async function begin(product: Product, bot = 'assistant'): Promise<string> {
  const { id } = await product.client.call('conversations.create', { bot });
  return id;
}

/** Sends a message and waits for the end of the answer. */
export async function say(product: Product, conversation: string, text: string, patienceMs = 10_000): Promise<Said> {
  using live = product.client.conversation(conversation);
  const { turn, reply } = await live.send(text);
  const page = await sees(
    live,
    ({ state, nodes }) => state === 'idle' && nodes.some(({ id }) => id === reply),
    patienceMs,
  );
  return turnOf(page, turn);
}

/** Every answer of a conversation as it is stored, in order. */
export async function storedText(product: Product, conversation: string): Promise<string> {
  const page = await product.client.call('conversations.show', { conversation });
  return page.nodes
    .filter(({ kind }) => kind === 'agent')
    .map(({ text }) => text)
    .join('|');
}

/** Waits for a page that fulfils the condition; throws with the page when it does not come in time. */
export async function sees(
  live: LiveConversation<ConversationPage>,
  condition: (page: ConversationPage) => boolean,
  patienceMs = 10_000,
): Promise<ConversationPage> {
  const late = sleep(patienceMs, undefined, { ref: false }).then(() => {
    throw new Error(`Not in ${patienceMs} ms; the page is ${JSON.stringify(live.page)}`);
  });
  return Promise.race([live.until(condition), late]);
}

export function turnOf(page: ConversationPage, turn: string): Said {
  const nodes = page.nodes.filter((node) => node.turn === turn && node.kind !== 'user');
  const answer = nodes.at(-1);
  if (!answer) throw new Error('The turn has no answer.');
  return { page, nodes, answer };
}

/** The lines of a conversation's journal. Throws when one of them is no JSON. */
export async function journalOf(product: Product, conversation: string, bot = 'assistant'): Promise<JournalLine[]> {
  const text = (await product.files.read(`data/${bot}/conversations/${conversation}/journal.jsonl`)) ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalLine);
}

export interface JournalLine {
  readonly v: number;
  readonly seq: number;
  readonly changes: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[];
}

/** The changes of one type in a journal, in order. */
export function changesIn(lines: readonly JournalLine[], type: string): JournalLine['changes'] {
  return lines.flatMap((line) => line.changes).filter((change) => change.type === type);
}
