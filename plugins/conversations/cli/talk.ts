import type { Client, Terminal } from 'boternity';
import type { Live } from './follow.ts';
import type { Lines } from './lines.ts';

/** The model that is expected to answer. */
export interface Expected {
  readonly model: string;
  readonly provider: string;
}

/** A person at the terminal and a bot. */
export interface Talk {
  readonly bot: string;
  readonly live: Live;
  readonly client: Client;
  readonly terminal: Terminal;
  readonly lines: Lines;
  /** Turns that were shown here. */
  readonly seen: Set<string>;
  /** Conversations as they were last listed, by their numbers. */
  readonly listed: string[];
  expected: Expected | undefined;
  readonly say: (text: string) => undefined;
}

/** Where a person goes next: out, into another conversation, or into another branch. */
export type Going = 'leave' | 'new' | { readonly id: string; readonly lane?: string };

/** Columns for a text: one less than there are, so that the terminal breaks no line by itself. */
export function roomIn({ stdout }: Terminal): number {
  return (stdout.columns || 80) - 1;
}

/** What went wrong, as a person reads it. */
export function complaintOf(error: unknown): string {
  const { message, hint } = error as { message: string; hint?: string };
  return `${message}${hint ? `\n  → ${hint}` : ''}`;
}
