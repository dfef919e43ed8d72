import { refusal } from '../refusal.ts';

const MOST_DEPTH = 64;
const MOST_NODES = 100_000;

/** Checks that a text is JSON of a bearable shape. Depth and nodes are counted before anything is made of it. */
export function checkJson(text: string): void {
  let depth = 0;
  let nodes = 1;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (char === '{' || char === '[' || char === ',') nodes += 1;
    if (depth > MOST_DEPTH) throw refusal('response_too_large', `The JSON is nested more than ${MOST_DEPTH} deep.`);
    if (nodes > MOST_NODES) throw refusal('response_too_large', `The JSON has more than ${MOST_NODES} values.`);
  }
  try {
    JSON.parse(text);
  } catch (cause) {
    throw refusal('decode_error', 'The answer says that it is JSON and is not.', { cause });
  }
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
