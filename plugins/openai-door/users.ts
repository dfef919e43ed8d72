import { createHash } from 'node:crypto';
import { Fault, z, type Caller, type Home } from 'boternity';

const FILE = '.boternity/openai-door.json';

/** Users whose conversation is known; the one not heard of for longest is forgotten first. */
const MOST = 1_000;

const schema = z.array(z.tuple([z.string(), z.string()]));

export interface Wanted {
  readonly bot: string;
  readonly caller: Pick<Caller, 'kind' | 'id'>;
  readonly user: string;
}

/** Which conversation a `user` of a request goes on with, for each bot and caller. Their names are kept as digests. */
export interface Users {
  of(wanted: Wanted): Promise<string | undefined>;
  keep(wanted: Wanted, conversation: string): Promise<void>;
}

export function openUsers({ files, log }: Pick<Home, 'files' | 'log'>): Users {
  let reading: Promise<Map<string, string>> | undefined;
  let writing: Promise<void> = Promise.resolve();
  const read = async (): Promise<Map<string, string>> => {
    try {
      const content = await files.read(FILE);
      return new Map(content && schema.parse(JSON.parse(content.toString())));
    } catch (error) {
      log.warn(`${FILE} cannot be read; users of the API begin anew`, { error: Fault.from(error) });
      return new Map();
    }
  };
  const all = (): Promise<Map<string, string>> => (reading ??= read());
  return {
    of: async (wanted) => (await all()).get(keyOf(wanted)),
    async keep(wanted, conversation) {
      const known = await all();
      const key = keyOf(wanted);
      known.delete(key);
      known.set(key, conversation);
      for (const oldest of known.keys()) if (known.size > MOST) known.delete(oldest);
      const written = writing.then(() => files.write(FILE, `${JSON.stringify([...known])}\n`));
      writing = written.catch(() => undefined);
      await written;
    },
  };
}

function keyOf({ bot, caller, user }: Wanted): string {
  return createHash('sha256')
    .update(JSON.stringify([bot, caller.kind, caller.id, user]))
    .digest('hex');
}
