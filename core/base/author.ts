/** Who did something, as history names them. */
export interface Author {
  readonly kind: 'person' | 'token' | 'bot' | 'program';
  /** Stable within its kind: an account, a token's id, a bot's id, a program's name. */
  readonly id: string;
  /** For people to read: the author line of commits. */
  readonly name: string;
  /** Their address, where they gave one. */
  readonly email?: string;
}

/** Who changes something, and why in one line: author and message of a commit. */
export interface Change {
  readonly by: Author;
  readonly why: string;
  /** Whether they may change who a bot is. Nothing that runs for a bot ever may. */
  readonly mayReseal?: boolean;
}

/** The server itself, for what nobody asked for. */
export const system: Author = { kind: 'program', id: 'boternity', name: 'Boternity' };
