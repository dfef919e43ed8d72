import { createId, ServiceError } from 'boternity';
import type { AnswerReader, Part, StopReason, ToolCall, Usage } from 'boternity';
import type { Chunk } from './messages.ts';

/** Gathers what the process of a model says. */
export class Answer implements AnswerReader {
  usage: Usage | undefined;
  isBegun = false;
  #end: Extract<Chunk, { type: 'end' }> | undefined;

  take(given: unknown): readonly Part[] {
    const chunk = given as Chunk;
    if (chunk.type === 'error')
      throw new ServiceError(chunk.kind === 'context' ? 413 : undefined, { message: chunk.message });
    this.isBegun ||= chunk.type !== 'beat';
    if (chunk.type === 'text') return [{ type: 'text', text: chunk.text }];
    if (chunk.type === 'thought') return [{ type: 'thinking', text: chunk.text }];
    if (chunk.type === 'end') {
      this.#end = chunk;
      this.usage = { ...chunk.usage, cacheWrite: null };
    }
    return [];
  }

  get isFinished(): boolean {
    return this.#end !== undefined;
  }

  get stop(): StopReason {
    if (this.#end?.stop === 'length') return 'length';
    return (this.#end?.calls.length ?? 0) > 0 ? 'tools' : 'end';
  }

  calls(): ToolCall[] {
    return (this.#end?.calls ?? []).map((call) => ({
      id: `call_${createId()}`,
      name: call.name,
      arguments: call.arguments,
    }));
  }
}
