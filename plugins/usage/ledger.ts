import { DailyJournal, z, type Log } from 'boternity';

const count = z.number().nullable();

/** One call of a model. Never a text of it. */
export const entrySchema = z.object({
  at: z.string().describe('When it ended'),
  purpose: z.string().describe('chat, or what was done beside: title, summary, repair, translation, embedding …'),
  bot: z.string().nullable().describe('Slug or id'),
  conversation: z.string().nullable(),
  turn: z.string().nullable(),
  run: z.string().nullable().describe('Id of the answer'),
  provider: z.string(),
  model: z.string(),
  outcome: z.string().describe('end, tools, length, refused, aborted; or the kind of the failure'),
  input: count.describe('Tokens, cached ones included; null where the provider is silent'),
  output: count,
  cacheRead: count,
  cacheWrite: count,
  cost: count.describe('US dollars; null where the price or the tokens are unknown'),
  price: z.string().nullable().describe('Who says what it costs'),
  firstTokenMs: count,
  durationMs: z.number(),
  calls: z.array(z.string()).describe('Tools that the model asked for'),
  tools: z
    .array(z.object({ name: z.string(), outcome: z.string(), durationMs: count }))
    .describe('Tools whose results it was given for the first time'),
  compaction: z
    .object({ before: z.number(), after: z.number() })
    .nullable()
    .describe('Estimated tokens of the prompt before and after it was made to fit'),
  recalled: z.number().describe('Memories in the prompt that were found for it'),
});
export type Entry = z.infer<typeof entrySchema>;

/** What was used, a line a call, in `.boternity/usage/`. */
export class Ledger implements AsyncDisposable {
  readonly #lines: DailyJournal;

  constructor(home: string, log: Log, keepDays: number) {
    this.#lines = new DailyJournal(home, '.boternity/usage', log, keepDays);
  }

  add(entry: Entry): void {
    this.#lines.add(entry, new Date(entry.at));
  }

  /** Waits until everything that was added is on disk. */
  settle(): Promise<void> {
    return this.#lines.settle();
  }

  /** Days that there is anything of, oldest first. */
  days(): Promise<string[]> {
    return this.#lines.days();
  }

  /** What was used on a day. */
  async of(day: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    for await (const value of this.#lines.of(day)) {
      const { data } = entrySchema.safeParse(value);
      if (data) entries.push(data);
    }
    return entries;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lines[Symbol.asyncDispose]();
  }
}
