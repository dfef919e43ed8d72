import { addOfUser, inputOf, inTurns, plainText, tidyId } from 'boternity';
import type { Content, Message, ModelRequest, Service, ToolCall } from 'boternity';
import { generationOf } from './service.ts';
import { readKept, type KeptPart } from './kept.ts';

type Part = Readonly<Record<string, unknown>>;

interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: Part[];
}

/** What the service takes in place of a signature, for calls that it did not make. Source: ai.google.dev/gemini-api/docs/thought-signatures. */
const NO_SIGNATURE = 'skip_thought_signature_validator';
/** Since then calls without a signature are refused, and results of tools may hold images. */
const FIRST_STRICT = 3;

/** The history in turns of user and model, which the service wants to alternate, with the tail at its end. */
export function contentsFor(service: Service, { messages, tail }: ModelRequest): Turn[] {
  const isStrict = (generationOf(service.model) ?? 0) >= FIRST_STRICT;
  const turns = inTurns(messages, (message) => partsOf(message, service, isStrict), { text: '…' });
  if (tail !== '' || turns.length === 0) addOfUser(turns, { text: tail === '' ? ' ' : tail });
  return turns.map(({ role, content }) => ({ role: role === 'assistant' ? 'model' : 'user', parts: content }));
}

function partsOf(message: Message, service: Service, isStrict: boolean): Part[] {
  if (message.role === 'user') return message.content.filter(isSaid).map(partFor);
  if (message.role === 'tool') return resultFor(message, isStrict);
  const kept = readKept(message.extra?.[service.provider]);
  return signed(kept ? asKept(message, kept) : asSaid(message), isStrict);
}

/** The service refuses parts without any text. */
function isSaid(part: Content): boolean {
  return part.type !== 'text' || part.text !== '';
}

function partFor(part: Content): Part {
  if (part.type === 'text') return { text: part.text };
  return { inlineData: { mimeType: part.mediaType, data: part.base64 } };
}

function resultFor({ callId, name, content, isError }: Message & { role: 'tool' }, isStrict: boolean): Part[] {
  const told = plainText(content);
  const images = content.filter((part) => part.type === 'image').map(partFor);
  const response = {
    id: tidyId(callId),
    name,
    response: isError ? { error: told } : { output: told },
    ...(isStrict && images.length > 0 && { parts: images }),
  };
  return [{ functionResponse: response }, ...(isStrict ? [] : images)];
}

/** An answer of another provider, or one of which nothing was kept. What another one thought is not sent. */
function asSaid({ text, calls = [] }: Message & { role: 'assistant' }): Part[] {
  return [...(text === '' ? [] : [{ text }]), ...calls.map(callFor)];
}

/** An answer as this service gave it: the same parts, each with its signature. */
function asKept(
  { text, thinking = '', calls = [] }: Message & { role: 'assistant' },
  kept: readonly KeptPart[],
): Part[] {
  // Where the text is not the one that was given any more, all of it stands in its first part.
  const isSame = kept.reduce((sum, part) => sum + (part.text ?? 0), 0) === text.length;
  const rest = { text, thought: thinking };
  const take = (from: 'text' | 'thought', length: number): string => {
    const taken = rest[from].slice(0, length);
    rest[from] = rest[from].slice(length);
    return taken;
  };
  const left = new Map(calls.entries());
  const parts: Part[] = [];
  for (const part of kept) {
    const signature = part.signature === undefined ? {} : { thoughtSignature: part.signature };
    if (part.call !== undefined) {
      const call = left.get(part.call);
      if (call) parts.push({ ...callFor(call), ...signature });
      left.delete(part.call);
      continue;
    }
    const words =
      part.text === undefined ? take('thought', part.thought ?? 0) : take('text', isSame ? part.text : text.length);
    if (part.signature === undefined && (words === '' || part.text === undefined)) continue;
    parts.push({ text: words, ...(part.text === undefined && { thought: true }), ...signature });
  }
  if (rest.text !== '') parts.push({ text: rest.text });
  return [...parts, ...[...left.values()].map(callFor)];
}

/** The first call of an answer has to be signed. */
function signed(parts: Part[], isStrict: boolean): Part[] {
  const first = parts.findIndex((part) => part.functionCall !== undefined);
  if (!isStrict || first < 0 || parts[first]?.thoughtSignature !== undefined) return parts;
  return parts.with(first, { ...parts[first], thoughtSignature: NO_SIGNATURE });
}

function callFor({ id, name, arguments: input }: ToolCall): Part {
  return { functionCall: { id: tidyId(id), name, args: inputOf(input) } };
}
