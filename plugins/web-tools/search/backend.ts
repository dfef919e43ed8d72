/** One result of a search, as far as the engine tells it. Texts are plain, without marks. */
export interface SearchHit {
  readonly title: string;
  readonly url: string;
  readonly snippet: string;
  /** When the page is from, in the engine's own words; null when it does not say. */
  readonly age: string | null;
}

export interface SearchQuery {
  readonly query: string;
  /** 1 to 20. */
  readonly count: number;
  /** Slug or id of the bot that asks, so that a key kept for it counts. */
  readonly bot: string | undefined;
  readonly signal: AbortSignal;
}

/** A service that searches the web. */
export interface SearchBackend {
  /** As people know it. */
  readonly title: string;
  /** The secret that holds its key; it is tried when somebody sets it. */
  readonly secret?: string;
  /** What to do before it can be used, as the end of a sentence; undefined when it can be. */
  missing(bot: string | undefined): Promise<string | undefined>;
  /** The results, best first. Throws a Fault that tells what is wrong. */
  search(query: SearchQuery): Promise<readonly SearchHit[]>;
}

/** The service `webSearch`, one view per consumer. */
export interface WebSearch {
  /** Offers a back end under a key until the consumer ends. */
  add(key: string, backend: SearchBackend): void;
}
