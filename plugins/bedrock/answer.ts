import { fieldsOf, keptOf, numberOf, textOf, ToolCalls, usageOf } from 'boternity';
import type { AnswerReader, Fields, ModelRequest, Part, Piece, StopReason, ToolCall, Usage } from 'boternity';
import type { StreamEvent } from './frames.ts';
import { JSON_TOOL } from './request.ts';

/** Pieces of one answer by the number of their block. */
interface Block {
  readonly index: number;
  /** Number of its call among the calls, for blocks that are one. */
  call: number;
  type: 'text' | 'thinking' | 'tool' | 'json' | '';
  text: string;
  signature: string;
  redacted: string;
}

/** Gathers the events of one answer. Whatever it does not know, it ignores. */
export class Answer implements AnswerReader {
  isBegun = false;
  usage: Usage | undefined;
  readonly #asked: ModelRequest;
  readonly #blocks: Block[] = [];
  readonly #calls = new ToolCalls();
  #callCount = 0;
  #stop: string | undefined;

  constructor(asked: ModelRequest) {
    this.#asked = asked;
  }

  take(event: unknown): readonly Part[] {
    const { type, value } = event as StreamEvent;
    const index = numberOf(value.contentBlockIndex) ?? 0;
    this.isBegun ||= /^(message|contentBlock|metadata)/.test(type);
    if (type === 'contentBlockStart') return this.#begin(index, fieldsOf(fieldsOf(value.start).toolUse));
    if (type === 'contentBlockDelta') return this.#goOn(index, fieldsOf(value.delta));
    if (type === 'messageStop') this.#stop = textOf(value.stopReason);
    if (type === 'metadata') this.usage = usageIn(value.usage) ?? this.usage;
    return [];
  }

  get isFinished(): boolean {
    return this.#stop !== undefined;
  }

  get stop(): StopReason {
    return this.#calls.stop(stopReasons[this.#stop ?? ''] ?? 'end');
  }

  calls(isTaken: (id: string) => boolean): ToolCall[] {
    return this.#calls.finish(isTaken);
  }

  /** Thoughts with what proves that they are the model's own, which it wants back where they stood. */
  extra(): unknown {
    return keptOf(this.#blocks.flatMap(piecesOf));
  }

  #begin(index: number, tool: Fields): Part[] {
    const block = this.#open(index);
    if (tool.name === undefined) return [];
    block.type = tool.name === JSON_TOOL && this.#asked.schema !== undefined ? 'json' : 'tool';
    if (block.type !== 'tool') return [];
    block.call = this.#callCount++;
    this.#calls.add({ index: block.call, id: tool.toolUseId, function: { name: tool.name } });
    return [];
  }

  #goOn(index: number, { text, toolUse, reasoningContent }: Fields): Part[] {
    const block = this.#blocks.findLast((each) => each.index === index) ?? this.#open(index);
    if (toolUse !== undefined) return this.#write(block, textOf(fieldsOf(toolUse).input));
    if (reasoningContent === undefined) return this.#say(block, 'text', textOf(text));
    const thought = fieldsOf(reasoningContent);
    block.signature += textOf(thought.signature);
    block.redacted += textOf(thought.redactedContent) || textOf(thought.data);
    return this.#say(block, 'thinking', textOf(thought.text));
  }

  /** Input of a call, or of the tool that stands in for an answer in JSON. */
  #write(block: Block, input: string): Part[] {
    if (block.type === 'json') return input === '' ? [] : [{ type: 'text', text: input }];
    if (block.type === 'tool') this.#calls.add({ index: block.call, function: { arguments: input } });
    return [];
  }

  #say(block: Block, type: 'text' | 'thinking', text: string): Part[] {
    if (block.type === '') block.type = type;
    if (text === '') return [];
    block.text += text;
    return [{ type, text }];
  }

  #open(index: number): Block {
    const block: Block = { index, call: -1, type: '', text: '', signature: '', redacted: '' };
    this.#blocks.push(block);
    return block;
  }
}

function piecesOf({ type, text, signature, redacted }: Block): Piece[] {
  if (redacted !== '') return [{ type: 'redacted_thinking', data: redacted }];
  if (type === 'thinking') return signature === '' ? [] : [{ type, thinking: text, signature }];
  if (type === 'text') return text === '' ? [] : [{ type, length: text.length }];
  return type === 'tool' ? [{ type: 'tool_use' }] : [];
}

/** `inputTokens` leaves out what was read from a cache or written to one. Source: Amazon Bedrock User Guide, prompt caching. */
function usageIn(told: unknown): Usage | undefined {
  const fields = fieldsOf(told);
  return usageOf(
    numberOf(fields.inputTokens),
    numberOf(fields.outputTokens),
    numberOf(fields.cacheReadInputTokens),
    numberOf(fields.cacheWriteInputTokens),
  );
}

const stopReasons: Readonly<Record<string, StopReason>> = {
  tool_use: 'tools',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  guardrail_intervened: 'refused',
  content_filtered: 'refused',
  malformed_model_output: 'error',
  malformed_tool_use: 'error',
};
