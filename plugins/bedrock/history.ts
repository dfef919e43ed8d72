import { addOfUser, asItCame, fieldsOf, inputOf, inTurns, listOf, textOf, tidyId, toldOf } from 'boternity';
import type { Blocks, Content, Message, Service, Turn } from 'boternity';

/** A block is named by its only field. Source: Amazon Bedrock API Reference, ContentBlock. */
export type Block = Readonly<Record<string, unknown>>;

/** Ends what may be cached. */
export const CACHE_POINT: Block = { cachePoint: { type: 'default' } };

/** Messages of the user behind which a cache may end: this one is written, and the one before is read. */
const MARKED_MESSAGES = 2;

const formats: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
};

export interface HistoryOptions {
  readonly tail: string;
  readonly withThoughts: boolean;
  readonly withCache: boolean;
}

/** The history as the service takes it. The tail is the last block, behind all points of the cache. */
export function historyFor(
  service: Service,
  messages: readonly Message[],
  { tail, withThoughts, withCache }: HistoryOptions,
): Turn<Block>[] {
  const turns = inTurns(messages, (message) => blocksFor(service, message, withThoughts), { text: '…' });
  const own = turns.filter(({ role }) => role === 'user').slice(-MARKED_MESSAGES);
  if (withCache) for (const { content } of own) content.push(CACHE_POINT);
  if (tail.trim() !== '') addOfUser(turns, { text: tail });
  return turns;
}

function blocksFor(service: Service, message: Message, withThoughts: boolean): readonly Block[] {
  if (message.role === 'user') return contentFor(message.content);
  if (message.role === 'tool') {
    const { callId, content, isError } = message;
    const told = isError ? said(toldOf(content)) : contentFor(content);
    const result = told.length > 0 ? told : [{ text: '(nothing)' }];
    return [{ toolResult: { toolUseId: tidyId(callId), content: result, status: isError ? 'error' : 'success' } }];
  }
  const calls = (message.calls ?? []).map(({ id, name, arguments: input }) => ({
    toolUse: { toolUseId: tidyId(id), name, input: inputOf(input) },
  }));
  const kept = withThoughts ? listOf(fieldsOf(message.extra?.[service.provider]).content) : [];
  return asItCame<Block>(kept, { text: message.text, calls }, blocks) ?? [...said(message.text), ...calls];
}

/** Thoughts go back with what proves that they are the model's own. */
const blocks: Blocks<Block> = {
  thought({ type, thinking, signature, data }) {
    if (type === 'redacted_thinking') return [{ reasoningContent: { redactedContent: data } }];
    if (type !== 'thinking' || textOf(signature) === '') return [];
    return [{ reasoningContent: { reasoningText: { text: textOf(thinking), signature } } }];
  },
  said,
};

function contentFor(content: readonly Content[]): Block[] {
  return content.flatMap((part) => {
    if (part.type === 'text') return said(part.text);
    const { [part.mediaType]: format } = formats;
    return format === undefined ? said(toldOf([part])) : [{ image: { format, source: { bytes: part.base64 } } }];
  });
}

/** The service refuses text of nothing but spaces. */
function said(text: string): Block[] {
  return text.trim() === '' ? [] : [{ text }];
}
