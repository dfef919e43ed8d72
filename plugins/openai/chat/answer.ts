import { fieldsOf, listOf, ServiceError, textOf, ToolCalls, type AnswerReader, type Fields } from 'boternity';
import type { Part, StopReason, ToolCall, Usage } from 'boternity';
import type { ChatDialect } from './dialect.ts';
import { ReasoningDetails } from './reasoning-details.ts';
import { ThinkTag } from './think-tag.ts';
import { usageIn } from './usage.ts';

/** Names under which services send what the model thinks; they want it back under the same name. */
export type ThinkingField = 'reasoning_content' | 'reasoning';

/** Gathers the chunks of one answer. Whatever it does not know, it ignores. */
export class Answer implements AnswerReader {
  usage: Usage | undefined;
  /** Whether anything came that looks like a chunk. */
  isBegun = false;
  thinking = '';
  thinkingField: ThinkingField | undefined;
  readonly #calls = new ToolCalls();
  readonly #details = new ReasoningDetails();
  readonly #tag = new ThinkTag();
  readonly #parts: Part[] = [];
  readonly #dialect: ChatDialect;
  #finish = '';
  #hasRefused = false;

  constructor(dialect: ChatDialect) {
    this.#dialect = dialect;
  }

  /** What a chunk adds to the answer. The list is used again for the next chunk. */
  take(chunk: unknown): readonly Part[] {
    this.#parts.length = 0;
    const fields = fieldsOf(chunk);
    const choice = fieldsOf(listOf(fields.choices)[0]);
    const error = choice.error ?? (fields.object === 'error' ? fields : undefined);
    if (typeof error === 'object' && error !== null) throw new ServiceError(undefined, error);
    this.isBegun ||= 'choices' in fields;
    this.usage = usageIn(fields, choice, this.#dialect.tellsCost === true) ?? this.usage;
    this.#finish = textOf(choice.finish_reason) || this.#finish;
    this.#read(fieldsOf(choice.delta ?? choice.message));
    return this.#parts;
  }

  /** Whether the service said that it is done. */
  get isFinished(): boolean {
    return this.#finish !== '';
  }

  rest(): readonly Part[] {
    return this.#tag.end();
  }

  calls(isTaken: (id: string) => boolean): ToolCall[] {
    return this.#calls.finish(isTaken);
  }

  /** What was thought before calls, which the service wants back together with them; signed thoughts it always wants back. */
  extra(calls: readonly ToolCall[]): Fields | undefined {
    if (!this.#details.isEmpty) return { reasoning_details: this.#details.all };
    return calls.length > 0 && this.thinkingField ? { [this.thinkingField]: this.thinking } : undefined;
  }

  get stop(): StopReason {
    if (this.#hasRefused) return 'refused';
    return this.#calls.stop(stopReasons[this.#finish] ?? 'end');
  }

  #read(delta: Fields): void {
    let detailed = '';
    for (const detail of listOf(delta.reasoning_details)) detailed += this.#details.add(detail);
    const thought = textOf(delta.reasoning_content) || textOf(delta.reasoning);
    if (thought !== '') this.#think(thought, textOf(delta.reasoning_content) ? 'reasoning_content' : 'reasoning');
    else this.#think(detailed);
    if (typeof delta.content === 'string') this.#say(delta.content);
    else for (const piece of listOf(delta.content)) this.#readPiece(fieldsOf(piece));
    const refusal = textOf(delta.refusal);
    if (refusal !== '') this.#hasRefused = true;
    this.#say(refusal);
    for (const fragment of listOf(delta.tool_calls)) this.#calls.add(fragment);
    if (delta.function_call) this.#calls.add({ index: 0, function: delta.function_call });
  }

  /** Mistral's reasoning models send content as a list of pieces. */
  #readPiece(piece: Fields): void {
    if (piece.type !== 'thinking') return this.#say(textOf(piece.text));
    for (const part of listOf(piece.thinking)) this.#think(textOf(fieldsOf(part).text));
  }

  #say(text: string): void {
    if (text === '') return;
    if (this.#tag.isPassed) this.#parts.push({ type: 'text', text });
    else this.#parts.push(...this.#tag.push(text));
  }

  #think(text: string, field?: ThinkingField): void {
    if (text === '') return;
    this.#parts.push(...this.#tag.pass());
    this.thinking += text;
    this.thinkingField = field;
    this.#parts.push({ type: 'thinking', text });
  }
}

const stopReasons: Readonly<Record<string, StopReason>> = {
  tool_calls: 'tools',
  function_call: 'tools',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  model_context_window_exceeded: 'length',
  content_filter: 'refused',
  sensitive: 'refused',
  refusal: 'refused',
  error: 'error',
  network_error: 'error',
};
