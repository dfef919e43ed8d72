import type { Part, StopReason, ToolCall, Usage } from 'boternity';
import { ToolCalls } from './tool-calls.ts';
import { fieldsOf, listOf, textOf, type Fields } from './unknown.ts';
import { usageIn } from './usage.ts';

/** Names under which services send what the model thinks; they want it back under the same name. */
export type ThinkingField = 'reasoning_content' | 'reasoning';

/** Gathers the chunks of one answer. Whatever it does not know, it ignores. */
export class Answer {
  usage: Usage | undefined;
  /** Whether anything came that looks like a chunk. */
  isBegun = false;
  thinking = '';
  thinkingField: ThinkingField | undefined;
  readonly #calls = new ToolCalls();
  readonly #parts: Part[] = [];
  #finish = '';
  #hasRefused = false;

  /** What a chunk adds to the answer. The list is used again for the next chunk. */
  take(chunk: unknown): readonly Part[] {
    this.#parts.length = 0;
    const fields = fieldsOf(chunk);
    const choice = fieldsOf(listOf(fields.choices)[0]);
    this.isBegun ||= 'choices' in fields;
    this.usage = usageIn(fields, choice) ?? this.usage;
    this.#finish = textOf(choice.finish_reason) || this.#finish;
    this.#read(fieldsOf(choice.delta ?? choice.message));
    return this.#parts;
  }

  /** Whether the service said that it is done. */
  get isFinished(): boolean {
    return this.#finish !== '';
  }

  calls(isTaken: (id: string) => boolean): ToolCall[] {
    return this.#calls.finish(isTaken);
  }

  /** Many services say `stop` where they call tools, and some say `tool_calls` where they call none. */
  get stop(): StopReason {
    if (this.#hasRefused) return 'refused';
    const stop = stopReasons[this.#finish] ?? 'end';
    if (stop === 'end' && !this.#calls.isEmpty) return 'tools';
    return stop === 'tools' && this.#calls.isEmpty ? 'end' : stop;
  }

  #read(delta: Fields): void {
    const thought = textOf(delta.reasoning_content) || textOf(delta.reasoning);
    if (thought !== '') this.#think(thought, textOf(delta.reasoning_content) ? 'reasoning_content' : 'reasoning');
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
    if (text !== '') this.#parts.push({ type: 'text', text });
  }

  #think(text: string, field?: ThinkingField): void {
    if (text === '') return;
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
