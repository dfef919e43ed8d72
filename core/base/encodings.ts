/** Shortest form that is looked for inside of other text; anything shorter stands there by chance. */
export const SHORTEST = 8;

/**
 * The forms in which a value appears in texts: as it is, escaped in JSON (also twice), URL-encoded, as hex digits and as base64,
 * alone or somewhere inside of other bytes. Longest first, none shorter than eight characters.
 */
export function encodingsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  const base64 = [bytes.toString('base64'), ...[0, 1, 2].map((offset) => base64Inside(bytes, offset))];
  const forms = [
    value,
    jsonEscaped(value),
    jsonEscaped(jsonEscaped(value)),
    ...urlEncoded(value),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
}

function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** As addresses and forms write it, and as the stricter encoders do; a lone surrogate has no such form. */
function urlEncoded(text: string): string[] {
  if (!text.isWellFormed()) return [];
  const encoded = encodeURIComponent(text);
  const strict = encoded.replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams({ '': text }).toString().slice(1);
  return [encoded, strict, form].flatMap((each) => [each, each.replaceAll(/%../g, (code) => code.toLowerCase())]);
}

/**
 * The characters of base64 that depend on these bytes alone when so many others (modulo three) stand before them: a character
 * holds six bits, so those at both ends may be shared with a neighbour.
 */
function base64Inside(bytes: Buffer, offset: number): string {
  const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return shifted.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}
