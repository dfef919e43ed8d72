import { fieldsOf, keptOf, numberOf, ServiceError, textOf, ToolCalls } from 'boternity';
import type { AnswerReader, Fields, Part, Piece, StopReason, ToolCall, Usage } from 'boternity';
import { UsageCount } from './usage.ts';

interface Block {
  readonly type: string;
  readonly index: number;
  /** Number of its call among the calls, for blocks that are one. */
  readonly call: number;
  text: string;
  signature: string;
  input: string;
}

/** Gathers the events of one answer. Blocks of the service's own tools (search, code, summaries) and whatever it does not know, it ignores. */
export class Answer implements AnswerReader {
  isBegun = false;
  #blocks: Block[] = [];
  readonly #calls = new ToolCalls();
  readonly #usage = new UsageCount();
  #callCount = 0;
  #stop = '';
  #isDone = false;

  take(event: unknown): readonly Part[] {
    const fields = fieldsOf(event);
    const { type } = fields;
    if (type === 'error') throw new ServiceError(undefined, fields.error ?? fields);
    this.isBegun ||= typeof type === 'string' && /^(message|content_block)_/.test(type);
    this.#usage.add(fields.usage ?? fieldsOf(fields.message).usage);
    this.#stop = textOf(fieldsOf(fields.delta).stop_reason) || this.#stop;
    this.#isDone ||= type === 'message_stop';
    const index = numberOf(fields.index) ?? 0;
    if (type === 'content_block_start') return this.#begin(index, fieldsOf(fields.content_block));
    return type === 'content_block_delta' ? this.#goOn(index, fieldsOf(fields.delta)) : [];
  }

  get usage(): Usage | undefined {
    return this.#usage.total;
  }

  get isFinished(): boolean {
    return this.#stop !== '' || this.#isDone;
  }

  get stop(): StopReason {
    return this.#calls.stop(stopReasons[this.#stop] ?? 'end');
  }

  calls(isTaken: (id: string) => boolean): ToolCall[] {
    for (const { type, call, input } of this.#blocks)
      if (type === 'tool_use') this.#calls.add({ index: call, function: { arguments: input } });
    return this.#calls.finish(isTaken);
  }

  /** Thoughts with what proves that they are the model's own, which it wants back where they stood. */
  extra(): unknown {
    return keptOf(this.#blocks.flatMap(pieceOf));
  }

  #begin(index: number, start: Fields): Part[] {
    const type = textOf(start.type);
    const block = this.#open(index, type);
    block.signature = textOf(start.signature) || textOf(start.data);
    if (type === 'tool_use') {
      this.#calls.add({ index: block.call, id: start.id, function: { name: start.name } });
      // Services that do not write calls piece by piece send them whole.
      if (Object.keys(fieldsOf(start.input)).length > 0) block.input = JSON.stringify(start.input);
    }
    return this.#say(block, type === 'thinking' ? textOf(start.thinking) : textOf(start.text));
  }

  #goOn(index: number, delta: Fields): Part[] {
    const open = this.#blocks.findLast((block) => block.index === index);
    if (delta.type === 'text_delta') return this.#say(open ?? this.#open(index, 'text'), textOf(delta.text));
    if (delta.type === 'thinking_delta')
      return this.#say(open ?? this.#open(index, 'thinking'), textOf(delta.thinking));
    if (delta.type === 'signature_delta' && open) open.signature += textOf(delta.signature);
    if (delta.type === 'input_json_delta' && open) open.input += textOf(delta.partial_json);
    return [];
  }

  #open(index: number, type: string): Block {
    const call = type === 'tool_use' ? this.#callCount++ : -1;
    const block = { type, index, call, text: '', signature: '', input: '' };
    this.#blocks.push(block);
    return block;
  }

  #say(block: Block, text: string): Part[] {
    if (text === '' || (block.type !== 'text' && block.type !== 'thinking')) return [];
    block.text += text;
    return [{ type: block.type, text }];
  }
}

function pieceOf({ type, text, signature }: Block): Piece[] {
  if (type === 'thinking') return signature === '' ? [] : [{ type, thinking: text, signature }];
  if (type === 'redacted_thinking') return [{ type, data: signature }];
  if (type === 'text') return text === '' ? [] : [{ type, length: text.length }];
  return type === 'tool_use' ? [{ type }] : [];
}

const stopReasons: Readonly<Record<string, StopReason>> = {
  tool_use: 'tools',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refused',
};
