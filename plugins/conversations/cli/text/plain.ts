/** Whole sequences of ECMA-48: with parameters, with a text up to its end, with one letter. Finding control characters is what this is for. */
const SEQUENCES =
  // oxlint-disable-next-line no-control-regex
  /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[PX^_][^\u001b]*\u001b\\|[\u001b\u009b]\[?[0-?]*[ -/]*[@-Z\\^-~]/g;
/** One that goes on in what comes next. */
// oxlint-disable-next-line no-control-regex
const OPEN = /(?:[\u001b\u009b]\[?[0-?]*[ -/]*|\u001b\][^\u0007\u001b]*\u001b?|\u001b[PX^_][^\u001b]*\u001b?)$/;
/** What could move the cursor, recolour the screen or turn text around; tabs and line breaks are none of it. */
const CONTROLS = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;
/** Longest sequence that is waited for across two pieces of a stream. */
const LONGEST_SEQUENCE = 256;

/** Words of a model or another stranger, without anything that a terminal obeys. */
export function plain(text: string): string {
  return text
    .replaceAll(SEQUENCES, '')
    .replaceAll('\r\n', '\n')
    .replaceAll(CONTROLS, (control) => (control === '\n' || control === '\t' ? control : ''));
}

/** The same in one line. */
export function plainLine(text: string): string {
  return plain(text).replaceAll(/\s+/g, ' ').trim();
}

/** Makes a text plain that comes in pieces: what is cut between two of them is found all the same. */
export class PlainStream {
  #held = '';

  push(piece: string): string {
    const text = this.#held + piece;
    const whole = text.slice(0, lengthOfWhole(text));
    this.#held = text.slice(whole.length);
    return plain(whole);
  }

  end(): string {
    const rest = plain(this.#held);
    this.#held = '';
    return rest;
  }
}

function lengthOfWhole(text: string): number {
  const from = Math.max(0, text.length - LONGEST_SEQUENCE);
  const open = OPEN.exec(text.slice(from));
  if (open) return from + open.index;
  const last = text.charCodeAt(text.length - 1);
  const isHalf = last === 13 || (last >= 0xd800 && last <= 0xdbff);
  return text.length - (isHalf ? 1 : 0);
}
