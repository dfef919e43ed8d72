import { fieldsOf, listOf, numberOf, usageOf, type Fields, type Usage } from 'boternity';

const NAMES = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'] as const;
type Counts = Record<(typeof NAMES)[number], number | undefined>;

/** Adds up what the events of an answer tell. Each tells the sums so far; what it leaves out stays as it was. */
export class UsageCount {
  readonly #top: Partial<Counts> = {};
  #summings: readonly Fields[] = [];

  add(told: unknown): void {
    const fields = fieldsOf(told);
    for (const name of NAMES) {
      const value = numberOf(fields[name]);
      // Sums do not shrink to nothing: some services only tell zeros at the end.
      if (value !== undefined && (value > 0 || !this.#top[name])) this.#top[name] = value;
    }
    // When the service sums up an overlong conversation itself, that work is not part of the other figures.
    const summings = listOf(fields.iterations)
      .map(fieldsOf)
      .filter(({ type }) => type === 'compaction');
    if (summings.length > 0) this.#summings = summings;
  }

  get total(): Usage | undefined {
    const [input, output, cacheRead, cacheWrite] = NAMES.map((name) => this.#sumOf(name));
    return usageOf(input, output, cacheRead, cacheWrite);
  }

  #sumOf(name: (typeof NAMES)[number]): number | undefined {
    const { [name]: top } = this.#top;
    if (top === undefined) return undefined;
    return this.#summings.reduce((sum, fields) => sum + (numberOf(fields[name]) ?? 0), top);
  }
}
