import { Fault, z, type Home, type Problem } from 'boternity';

/** Where a bot came from, as it was when it came. */
export const origin = z.object({
  kind: z.enum(['template', 'git', 'import', 'clone', 'push']),
  /** The template, the address without credentials, the format, the slug it was copied from, the one who pushed. */
  from: z.string(),
  at: z.string().describe('When, ISO 8601'),
});
export type Origin = z.infer<typeof origin>;

/** The service `origins`: where bots came from. Kept beside the folders, because a copy of a folder came from elsewhere. */
export interface Origins {
  of(bot: string): Promise<Origin | undefined>;
  /** Keeps it under the bot's id. */
  record(bot: string, origin: Omit<Origin, 'at'>): Promise<void>;
  forget(bot: string): Promise<void>;
  /** What cannot be read of the notes of these bots. */
  check(bots: readonly string[]): Promise<Problem[]>;
}

declare module 'boternity' {
  interface Services {
    origins: Origins;
  }
}

export function createOrigins({ files, log }: Home): Origins {
  const place = (bot: string): string => `.boternity/origins/${bot}.json`;
  return {
    async of(bot) {
      try {
        const content = await files.read(place(bot));
        return content && origin.parse(JSON.parse(content.toString()));
      } catch (error) {
        log.warn(`Where a bot came from cannot be read: ${place(bot)}`, { bot, error: Fault.from(error) });
        return undefined;
      }
    },
    record: (bot, { kind, from }) =>
      files.write(place(bot), `${JSON.stringify({ kind, from, at: new Date().toISOString() })}\n`),
    forget: (bot) => files.remove(place(bot)),
    async check(bots) {
      const found: Problem[] = [];
      for (const bot of bots) {
        try {
          const content = await files.read(place(bot));
          if (content) origin.parse(JSON.parse(content.toString()));
        } catch {
          const message = 'it cannot be read, so nobody knows where the bot came from; delete it to be rid of this';
          found.push({ file: place(bot), line: 1, column: 1, level: 'warning', message });
        }
      }
      return found;
    },
  };
}
