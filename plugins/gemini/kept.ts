import { fieldsOf, listOf, numberOf, textOf } from 'boternity';

/**
 * A part of an answer as the service gave it: how many characters of text or of thoughts it has, or which of its calls it is. The words
 * themselves stand in the message, once.
 */
export interface KeptPart {
  readonly text?: number;
  readonly thought?: number;
  readonly call?: number;
  /** What the service wants to see again, in the same part. */
  readonly signature?: string;
}

/** What travels with a message of this provider. */
export interface Kept {
  readonly parts: readonly KeptPart[];
}

/** Reads it again, from a message that may have been through anything; undefined where it is not of this form. */
export function readKept(value: unknown): KeptPart[] | undefined {
  const { parts } = fieldsOf(value);
  if (!Array.isArray(parts)) return undefined;
  return listOf(parts).map(readPart);
}

function readPart(part: unknown): KeptPart {
  const { text, thought, call, signature } = fieldsOf(part);
  return {
    ...(numberOf(text) !== undefined && { text: Number(text) }),
    ...(numberOf(thought) !== undefined && { thought: Number(thought) }),
    ...(numberOf(call) !== undefined && { call: Number(call) }),
    ...(textOf(signature) !== '' && { signature: textOf(signature) }),
  };
}
