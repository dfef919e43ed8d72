import type { TextKind } from '../types.ts';

/** A passage of a document, small enough to be cited. */
export interface Part {
  readonly text: string;
  /** Headings above it, the outermost first: `Handbook › Holidays`. */
  readonly heading?: string;
  /** From 1. */
  readonly page?: number;
  /** First and last line in the file, from 1. */
  readonly lines?: readonly [number, number];
  /** Where in a JSON document it stands: `orders[2].customer`. */
  readonly path?: string;
}

/** What was found in a document. partial: there is more than is kept. */
export interface Reading {
  readonly state: 'ready' | 'partial' | 'failed';
  readonly parts: readonly Part[];
  /** Why there is nothing or not all, in a sentence. */
  readonly problem?: string;
}

/** Something of a document that stands together: a paragraph, a row, a heading. */
export interface Block extends Omit<Part, 'heading'> {
  /** A heading of this level, 1 the outermost. */
  readonly level?: number;
  /** It stands at the head of every part that rows of it are in, and is no passage itself. */
  readonly isHeader?: boolean;
}

/** What the process that reads documents is asked. The bytes follow on its standard input. */
export interface Ask {
  readonly id: number;
  readonly kind: TextKind;
  readonly bytes: number;
}

export interface Answer {
  readonly id: number;
  readonly reading: Reading;
}

/** Raised whenever the same document would be read differently: what was read before is read again. */
export const READER = 1;

/** Says why a document cannot be read, in a sentence for people. */
export class Unreadable extends Error {}
