import { fieldsOf, listOf, numberOf, ServiceError, textOf, withOwnIds } from 'boternity';
import type { AnswerReader, Fields, Part, StopReason, ToolCall, Usage } from 'boternity';
import { GrowingCall } from './growing-call.ts';
import type { Kept, KeptPart } from './kept.ts';

interface SeenPart {
  readonly type: 'text' | 'thought' | 'call';
  length: number;
  signature: string;
  readonly call?: GrowingCall;
}

/** Gathers the chunks of one answer. Whatever it does not know, it ignores. */
export class Answer implements AnswerReader {
  usage: Usage | undefined;
  isBegun = false;
  error: ServiceError | undefined;
  readonly #seen: SeenPart[] = [];
  readonly #parts: Part[] = [];
  #finish = '';

  /** What a chunk adds to the answer. The list is used again for the next chunk. */
  take(chunk: unknown): readonly Part[] {
    this.#parts.length = 0;
    const fields = fieldsOf(chunk);
    if (fields.error !== undefined) throw new ServiceError(undefined, fields.error);
    const candidate = fieldsOf(listOf(fields.candidates)[0]);
    this.isBegun ||= ['candidates', 'promptFeedback', 'usageMetadata'].some((name) => name in fields);
    this.usage = usageIn(fieldsOf(fields.usageMetadata)) ?? this.usage;
    for (const part of listOf(fieldsOf(candidate.content).parts)) this.#read(fieldsOf(part));
    const blocked = textOf(fieldsOf(fields.promptFeedback).blockReason) === '' ? '' : 'BLOCKED';
    this.#finish = textOf(candidate.finishReason) || blocked || this.#finish;
    if (failed.test(this.#finish))
      this.error = new ServiceError(undefined, { message: wordsOn(this.#finish, candidate) });
    return this.#parts;
  }

  get isFinished(): boolean {
    return this.#finish !== '';
  }

  get stop(): StopReason {
    if (refused.test(this.#finish)) return 'refused';
    if (this.#finish === 'MAX_TOKENS') return 'length';
    return this.#calls.length > 0 ? 'tools' : 'end';
  }

  calls(isTaken: (id: string) => boolean): ToolCall[] {
    return withOwnIds(this.#calls, isTaken);
  }

  /** Where the signatures stood. They are to come back in the same parts, those without any text too. */
  extra(): Kept | undefined {
    if (this.#seen.every(({ signature }) => signature === '')) return undefined;
    let calls = 0;
    const parts = this.#seen.map(({ type, length, signature }): KeptPart => {
      const what = type === 'call' ? { call: calls++ } : { [type]: length };
      return { ...what, ...(signature !== '' && { signature }) };
    });
    return { parts };
  }

  get #calls(): GrowingCall[] {
    return this.#seen.flatMap(({ call }) => call ?? []);
  }

  #read(part: Fields): void {
    const signature = textOf(part.thoughtSignature);
    if (part.functionCall !== undefined) return this.#call(fieldsOf(part.functionCall), signature);
    const text = textOf(part.text);
    if (text === '' && signature === '') return;
    const type = part.thought === true ? 'thought' : 'text';
    this.#note(type, text.length, signature);
    if (text !== '') this.#parts.push({ type: type === 'text' ? 'text' : 'thinking', text });
  }

  /** A call without a name goes on with the one before, or ends it. */
  #call(call: Fields, signature: string): void {
    const open = this.#seen.findLast((seen) => seen.call?.isOpen);
    if (open?.call && textOf(call.name) === '') {
      open.call.add(call);
      open.signature ||= signature;
    } else if (textOf(call.name) !== '') {
      this.#seen.push({ type: 'call', length: 0, signature, call: new GrowingCall(call) });
    }
  }

  /** Pieces of a text are one part, up to one that is signed: signed and unsigned parts must not be joined. */
  #note(type: 'text' | 'thought', length: number, signature: string): void {
    const last = this.#seen.at(-1);
    if (last?.type === type && last.signature === '' && signature === '') last.length += length;
    else this.#seen.push({ type, length, signature });
  }
}

/** Reasons for which a filter of the service ended the answer. */
const refused =
  /^(BLOCKED|SAFETY|RECITATION|LANGUAGE|BLOCKLIST|PROHIBITED_CONTENT|SPII|MODEL_ARMOR|IMAGE_(SAFETY|PROHIBITED_CONTENT|RECITATION))$/;

/** Reasons that are failures: nothing that came is to be relied on. */
const failed =
  /^(OTHER|MALFORMED_FUNCTION_CALL|MALFORMED_RESPONSE|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS|MISSING_THOUGHT_SIGNATURE|IMAGE_OTHER|NO_IMAGE)$/;

function wordsOn(finish: string, { finishMessage }: Fields): string {
  const words = textOf(finishMessage);
  return words === '' ? finish : `${finish}: ${words}`;
}

/** Thoughts are output, and what the service's own tools read is input. Output is left out where there was none. */
function usageIn(given: Fields): Usage | undefined {
  const prompt = numberOf(given.promptTokenCount);
  if (prompt === undefined) return undefined;
  const input = prompt + (numberOf(given.toolUsePromptTokenCount) ?? 0);
  const [answer, thoughts] = [numberOf(given.candidatesTokenCount), numberOf(given.thoughtsTokenCount)];
  const isCounted = answer !== undefined || thoughts !== undefined;
  const isNone = numberOf(given.totalTokenCount) === input;
  return {
    input,
    output: isCounted ? (answer ?? 0) + (thoughts ?? 0) : isNone ? 0 : null,
    cacheRead: numberOf(given.cachedContentTokenCount) ?? null,
    cacheWrite: null,
  };
}
