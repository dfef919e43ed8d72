/** East Asian wide and fullwidth characters, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]|\p{Extended_Pictographic}\ufe0f/u;
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const ASCII = /^[\u0020-\u007e]*$/;
/** Made when the first text needs it: it takes as long as hundreds of modules do. */
let segmenter: Intl.Segmenter | undefined;

/** The characters of a text as people see them: a letter with its accents, a flag, a family. */
export function charactersOf(text: string): Iterable<string> {
  if (ASCII.test(text)) return text;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns that a text takes in a terminal. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of charactersOf(text)) width += widthOfCharacter(character);
  return width;
}

function widthOfCharacter(character: string): number {
  if (WIDE.test(character)) return 2;
  return NOTHING.test(character) ? 0 : 1;
}

/** The beginning of a text that fits, whole characters; one at least. */
export function fitting(text: string, width: number): string {
  let end = 0;
  let taken = 0;
  for (const character of charactersOf(text)) {
    taken += widthOf(character);
    if (taken > width && end > 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** A text cut to a width, with an ellipsis where something is missing. */
export function shortened(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${fitting(text, Math.max(1, width - 1))}…`;
}
