import { addOfUser, asItCame, fieldsOf, inputOf, inTurns, listOf, tidyId, toldOf } from 'boternity';
import type { Content, Message, Service, ToolCall, Turn } from 'boternity';
import type Anthropic from '@anthropic-ai/sdk';
import { blocks } from './thoughts.ts';

type Block = Anthropic.ContentBlockParam;
type ResultBlock = Anthropic.TextBlockParam | Anthropic.ImageBlockParam;
type AssistantMessage = Extract<Message, { role: 'assistant' }>;

/** Marks where a cache may end. */
export const MARK = { cache_control: { type: 'ephemeral' } } as const;

/** Messages of the user whose ends are marked: this one is written to the cache, and the one before is read from it. */
const MARKED_MESSAGES = 2;

const IMAGES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;

/** The history as the service takes it. The tail is the last block, behind all marks. */
export function historyFor(
  service: Service,
  messages: readonly Message[],
  tail: string,
  withThoughts: boolean,
): Turn<Block>[] {
  const turns = inTurns(messages, (message) => blocksFor(service, message, withThoughts), said('…'));
  mark(turns);
  if (tail.trim() !== '') addOfUser(turns, said(tail));
  return turns;
}

function blocksFor(service: Service, message: Message, withThoughts: boolean): Block[] {
  if (message.role === 'user') return contentFor(message.content);
  if (message.role === 'assistant') return assistantFor(service, message, withThoughts);
  const { callId, content, isError } = message;
  return [
    {
      type: 'tool_result',
      tool_use_id: tidyId(callId),
      // Images in the result of a tool that failed are refused.
      content: isError ? textOnly(toldOf(content)) : contentFor(content),
      ...(isError && { is_error: true }),
    },
  ];
}

/** What the model thought goes back only to the provider that sent it, unchanged and where it stood. */
function assistantFor(service: Service, message: AssistantMessage, withThoughts: boolean): Block[] {
  const calls = (message.calls ?? []).map(callFor);
  const kept = withThoughts ? listOf(fieldsOf(message.extra?.[service.provider]).content) : [];
  return asItCame<Block>(kept, { text: message.text, calls }, blocks) ?? [...textOnly(message.text), ...calls];
}

function callFor({ id, name, arguments: input }: ToolCall): Anthropic.ToolUseBlockParam {
  return { type: 'tool_use', id: tidyId(id), name, input: inputOf(input) };
}

function contentFor(content: readonly Content[]): ResultBlock[] {
  return content.flatMap((part): ResultBlock[] => {
    if (part.type === 'text') return textOnly(part.text);
    const mediaType = IMAGES.find((type) => type === part.mediaType);
    if (mediaType === undefined) return textOnly(toldOf([part]));
    return [{ type: 'image', source: { type: 'base64', media_type: mediaType, data: part.base64 } }];
  });
}

/** The service refuses text of nothing but spaces. */
function textOnly(text: string): Anthropic.TextBlockParam[] {
  return text.trim() === '' ? [] : [said(text)];
}

function said(text: string): Anthropic.TextBlockParam {
  return { type: 'text', text };
}

function mark(turns: Turn<Block>[]): void {
  const own = turns.filter(({ role }) => role === 'user').slice(-MARKED_MESSAGES);
  for (const { content } of own) {
    const last = content.at(-1);
    if (last) content[content.length - 1] = { ...last, ...MARK };
  }
}
