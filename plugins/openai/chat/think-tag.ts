import type { Part } from 'boternity';

type Spoken = Extract<Part, { type: 'text' | 'thinking' }>;

const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Splits what a model thinks from what it says where its server does not: an answer that begins with `<think>` is thinking up to
 * `</think>`. Tags may be cut between pieces; anywhere else in the answer they are text.
 */
export class ThinkTag {
  #state: 'start' | 'thinking' | 'gap' | 'text' = 'start';
  #held = '';
  #hasThought = false;

  /** Whether everything from here on is text. */
  get isPassed(): boolean {
    return this.#state === 'text';
  }

  /** The server separates thinking itself: everything else is text. */
  pass(): Spoken[] {
    const rest = this.end();
    this.#state = 'text';
    return rest;
  }

  push(piece: string): Spoken[] {
    if (this.isPassed) return spoken('text', piece);
    this.#held += piece;
    if (this.#state === 'start') return this.#start();
    return this.#state === 'thinking' ? this.#think() : this.#gap();
  }

  /** What was held back, when nothing more comes. */
  end(): Spoken[] {
    const held = this.#held;
    this.#held = '';
    if (this.#state === 'gap') return [];
    return spoken(this.#state === 'thinking' ? 'thinking' : 'text', held);
  }

  #start(): Spoken[] {
    const said = this.#held.trimStart();
    if (said.startsWith(OPEN)) {
      this.#state = 'thinking';
      this.#held = said.slice(OPEN.length);
      return this.#think();
    }
    if (OPEN.startsWith(said)) return [];
    return this.pass();
  }

  #think(): Spoken[] {
    if (!this.#hasThought) this.#held = this.#held.trimStart();
    this.#hasThought ||= this.#held !== '';
    const at = this.#held.indexOf(CLOSE);
    if (at >= 0) {
      const thought = this.#held.slice(0, at);
      this.#held = this.#held.slice(at + CLOSE.length);
      this.#state = 'gap';
      return [...spoken('thinking', thought), ...this.#gap()];
    }
    const kept = startOf(CLOSE, this.#held);
    const thought = this.#held.slice(0, this.#held.length - kept);
    this.#held = this.#held.slice(thought.length);
    return spoken('thinking', thought);
  }

  /** The blank lines between thinking and text belong to neither. */
  #gap(): Spoken[] {
    this.#held = this.#held.trimStart();
    if (this.#held === '') return [];
    this.#state = 'text';
    const text = this.#held;
    this.#held = '';
    return spoken('text', text);
  }
}

/** How many characters at the end of a text may be the beginning of a tag. */
function startOf(tag: string, text: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length -= 1)
    if (text.endsWith(tag.slice(0, length))) return length;
  return 0;
}

function spoken(type: Spoken['type'], text: string): Spoken[] {
  return text === '' ? [] : [{ type, text }];
}
