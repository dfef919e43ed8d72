import { fieldsOf, numberOf, textOf, type Fields } from 'boternity';

const GROWING = new Set(['text', 'summary', 'data']);

/** What a model thought, in pieces that its maker signed or encrypted: OpenRouter's `reasoning_details`, put together from chunks. */
export class ReasoningDetails {
  readonly #details: Record<string, unknown>[] = [];

  get isEmpty(): boolean {
    return this.#details.length === 0;
  }

  /** The details, to be sent back as they are. */
  get all(): readonly Fields[] {
    return this.#details;
  }

  /** What a piece adds to the thinking. */
  add(piece: unknown): string {
    const fields = fieldsOf(piece);
    const same = this.#details.findLast((each) => isSame(each, fields));
    if (same) grow(same, fields);
    else this.#details.push({ ...fields });
    return textOf(fields.text) || textOf(fields.summary);
  }
}

function isSame(one: Fields, other: Fields): boolean {
  if (one.type !== other.type || numberOf(one.index) !== numberOf(other.index)) return false;
  return typeof one.id !== 'string' || typeof other.id !== 'string' || one.id === other.id;
}

/** Words grow, everything else is what came last. */
function grow(detail: Record<string, unknown>, piece: Fields): void {
  for (const [name, value] of Object.entries(piece)) {
    if (value === null || value === undefined) continue;
    detail[name] = GROWING.has(name) && typeof value === 'string' ? textOf(detail[name]) + value : value;
  }
}
