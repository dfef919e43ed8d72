import {
  ahead,
  costOf,
  eachPart,
  Fault,
  text,
  unknownUsage,
  type Embedder,
  type Embedding,
  type EmbedPurpose,
} from 'boternity';
import type { Model, ModelRequest, Part, Usage } from 'boternity';
import type { Entry, Ledger } from './ledger.ts';
import type { Purse, Reserved } from './limit.ts';

type Call = (model: Model, request: ModelRequest, signal: AbortSignal) => AsyncIterable<Part>;
type Embed = (
  embedder: Embedder,
  texts: readonly string[],
  signal: AbortSignal,
  about?: EmbedPurpose,
) => Promise<Embedding>;

/** What has a price. */
type Asked = Pick<Model, 'provider' | 'id' | 'price'>;

export interface Books {
  readonly ledger: Ledger;
  readonly purse: Purse;
  /** The id of a bot that is named by slug or id. */
  readonly idOf: (bot: string) => string;
}

/** Lets a call in when the limit of the day does, and writes down what it used, however it ends. */
export function accounted(
  call: Call,
  books: Books,
  model: Model,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncIterable<Part> {
  const calls: string[] = [];
  let reserved: Reserved | undefined;
  let beganMs = 0;
  let firstTokenMs: number | null = null;
  let usage: Usage = unknownUsage;
  let outcome = 'aborted';
  const begin = (): AsyncIterable<Part> => {
    const admitted = books.purse.admit(model, request);
    if ('kind' in admitted) return ahead([{ type: 'end', stop: 'error', failure: admitted }]);
    reserved = admitted;
    beganMs = performance.now();
    const parts = call(model, admitted.request, signal);
    const { notice } = admitted;
    return notice ? ahead([{ type: 'notice', notice }], parts[Symbol.asyncIterator]()) : parts;
  };
  const see = (part: Part): Part => {
    if (part.type === 'usage') usage = part.usage;
    else if (part.type === 'end') outcome = part.failure?.kind ?? part.stop;
    else if (part.type !== 'notice') firstTokenMs ??= rounded(performance.now() - beganMs);
    if (part.type === 'call') calls.push(part.call.name);
    return part;
  };
  return eachPart(begin, see, () => {
    if (!reserved) return;
    const durationMs = rounded(performance.now() - beganMs);
    const about = whatFor(books, model, request);
    settle(books, reserved, { ...about, outcome, ...counted(usage), firstTokenMs, durationMs, calls });
  });
}

/** The same for an embedder: what it makes is no answer, and what it reads is all it uses. */
export async function embedded(
  call: Embed,
  books: Books,
  embedder: Embedder,
  texts: readonly string[],
  signal: AbortSignal,
  about: EmbedPurpose = {},
): Promise<Embedding> {
  const messages = texts.map((each) => ({ role: 'user' as const, content: [text(each)] }));
  const request: ModelRequest = {
    system: '',
    tools: [],
    messages,
    tail: '',
    maxTokens: 0,
    ...(about.bot !== undefined && { bot: about.bot }),
    about: { purpose: 'embedding', ...(about.conversation !== undefined && { conversation: about.conversation }) },
  };
  const admitted = books.purse.admit(embedder, request);
  if ('kind' in admitted) throw new Fault('LIMIT_REACHED', admitted.message);
  const beganMs = performance.now();
  let usage = unknownUsage;
  let outcome = signal.aborted ? 'aborted' : 'server';
  try {
    const embedding = await call(embedder, texts, signal, about);
    const read = { input: embedding.tokens, output: 0, cacheRead: null, cacheWrite: null };
    usage = { ...read, cost: costOf(embedder.price, read) };
    outcome = 'end';
    return embedding;
  } finally {
    const durationMs = rounded(performance.now() - beganMs);
    const nothing = { firstTokenMs: null, durationMs, calls: [] };
    settle(books, admitted, { ...whatFor(books, embedder, request), outcome, ...counted(usage), ...nothing });
  }
}

function settle({ ledger, purse }: Books, reserved: Reserved, entry: Entry): void {
  purse.settle(reserved, entry);
  ledger.add(entry);
}

type Purpose = Omit<Entry, 'outcome' | keyof ReturnType<typeof counted> | 'firstTokenMs' | 'durationMs' | 'calls'>;

function whatFor({ idOf }: Books, { provider, id, price }: Asked, { bot, about }: ModelRequest): Purpose {
  return {
    at: new Date().toISOString(),
    purpose: about?.purpose ?? 'chat',
    bot: bot === undefined ? null : idOf(bot),
    conversation: about?.conversation ?? null,
    turn: about?.turn ?? null,
    run: about?.run ?? null,
    provider,
    model: id,
    price: price?.source ?? null,
    tools: [...(about?.tools ?? [])],
    compaction: about?.compaction ?? null,
    recalled: about?.recalled ?? 0,
  };
}

function counted({
  input,
  output,
  cacheRead,
  cacheWrite,
  cost = null,
}: Usage): Pick<Entry, 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'cost'> {
  return { input, output, cacheRead, cacheWrite, cost };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
