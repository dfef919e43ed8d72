import { defineAction, Fault, settingsOf, z, type Bots } from 'boternity';
import type { Memories } from '../service.ts';
import { isMeant } from './look.ts';
import { withoutPrivate } from './private.ts';
import { bot, filter, viewOf } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'memories.export': ReturnType<typeof exportMemories>;
  }
}

/** Memories that are read together. */
const AT_ONCE = 200;

export function exportMemories(memories: Memories, bots: Bots) {
  return defineAction({
    name: 'memories.export',
    summary:
      'Gives what a bot remembers as one text, without secrets and, unless it is wanted, without what tells of a person.',
    permission: 'memories:read',
    http: 'GET /export/memories',
    cli: 'memory export <bot>',
    examples: [
      'bnity memory export assistant --opt-in',
      'bnity memory export assistant --opt-in --category preference --format json',
    ],
    input: z.strictObject({
      bot,
      ...filter,
      since: z.iso.datetime().optional().describe('Only what was remembered from then on'),
      until: z.iso.datetime().optional().describe('Only what was remembered before'),
      format: z.enum(['jsonl', 'json']).default('jsonl').describe('jsonl: a line each. json: one list'),
      personal: z
        .boolean()
        .default(false)
        .describe(
          'Also addresses of mail, numbers of telephones, cards and accounts, home folders; secrets are never given',
        ),
      opt_in: z.boolean().default(false).describe('This is wanted, although bot.yaml does not say memory.export: on'),
    }),
    output: z.object({
      name: z.string().describe('A name for the file'),
      count: z.number(),
      redacted: z.number().describe('Memories of which something was taken out'),
      text: z.string(),
    }),
    async run({ bot, since, until, format, personal, opt_in, ...wanted }, { signal }) {
      const found = await bots.get(bot);
      if (!opt_in && settingsOf(found).memory.export === 'off')
        throw new Fault('EXPORT_REFUSED', `bot.yaml of ${found.slug} does not allow to export what it remembers.`);
      const memory = await memories.of(found.id);
      await memory.synced();
      const [from, to] = [since ? Date.parse(since) : -Infinity, until ? Date.parse(until) : Infinity];
      const values: unknown[] = [];
      let redacted = 0;
      for await (const entries of memory.index.entries()) {
        const ids = entries
          .filter((entry) => entry.at >= from && entry.at < to && isMeant(entry, wanted))
          .map(({ id }) => id);
        for (let at = 0; at < ids.length; at += AT_ONCE)
          for (const kept of await memory.several(ids.slice(at, at + AT_ONCE))) {
            signal.throwIfAborted();
            const whole = viewOf(memory, kept);
            const text = await withoutPrivate(whole.text, personal);
            const triggers = await Promise.all((whole.triggers ?? []).map((each) => withoutPrivate(each, personal)));
            const value = { ...whole, text, ...(whole.triggers && { triggers }) };
            if (JSON.stringify(value) !== JSON.stringify(whole)) redacted += 1;
            values.push(value);
          }
      }
      const day = new Date().toISOString().slice(0, 10);
      const text =
        format === 'json'
          ? `${JSON.stringify(values, null, 2)}\n`
          : values.map((value) => `${JSON.stringify(value)}\n`).join('');
      return { name: `${found.slug}-memories-${day}.${format}`, count: values.length, redacted, text };
    },
  });
}
