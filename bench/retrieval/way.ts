/** One text that can be found: a turn of a conversation, a memory of a bot, a document. */
export interface Entry {
  readonly id: string;
  readonly text: string;
  /** When it was said or stored, in milliseconds since 1970; 0 when nothing is known. */
  readonly at: number;
  /** Conversation it stands in: entries of a group come in the order in which they were said. */
  readonly group?: string;
  readonly speaker?: 'user' | 'assistant';
  /** Of memories: as in their files. */
  readonly category?: string;
  readonly importance?: number;
  readonly supersedes?: readonly string[];
}

/** What was said before a question, oldest first. */
export interface Said {
  readonly speaker: 'user' | 'assistant';
  readonly text: string;
}

export interface Ranked {
  readonly id: string;
  readonly score: number;
}

/** Something that finds entries. What it needs to answer is ready when it is there. */
export interface Asker extends AsyncDisposable {
  /** Best first, ten or more where there are as many. `askedAt` is in milliseconds since 1970. */
  ask(question: string, askedAt: number, before?: readonly Said[]): Promise<readonly Ranked[]>;
  /** US dollars that were spent on services so far; absent: nothing leaves the machine. */
  cost?(): number;
}

/** A way to find things, to be compared with others. */
export interface Way {
  readonly name: string;
  /** Score from which a hit is brought up unasked. What is below counts where only the order matters. */
  readonly cut: number;
  open(entries: readonly Entry[]): Promise<Asker>;
}
