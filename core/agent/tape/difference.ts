/** Longest piece of a value that is shown. */
const SHOWN = 120;

/** Where two values of JSON first differ, as a sentence: the place, and what stands there in each. Undefined where they are the same. */
export function differenceOf(recorded: unknown, asked: unknown, place = 'body'): string | undefined {
  if (Object.is(recorded, asked)) return undefined;
  if (!isHolder(recorded) || !isHolder(asked) || Array.isArray(recorded) !== Array.isArray(asked))
    return `${place}: the tape has ${shown(recorded, asked)}, asked was ${shown(asked, recorded)}`;
  const keys = new Set([...Object.keys(recorded), ...Object.keys(asked)]);
  for (const key of keys) {
    const here = Array.isArray(recorded) ? `${place}[${key}]` : `${place}.${key}`;
    const found = differenceOf(recorded[key], asked[key], here);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Long texts from a little before the place where they differ. */
function shown(value: unknown, other: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  if (text.length <= SHOWN) return text;
  const against = JSON.stringify(other) ?? '';
  let same = 0;
  while (same < text.length && text[same] === against[same]) same += 1;
  const from = Math.max(0, Math.min(same - 20, text.length - SHOWN));
  return `${from > 0 ? '…' : ''}${text.slice(from, from + SHOWN)}${from + SHOWN < text.length ? '…' : ''}`;
}
