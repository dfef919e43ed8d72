import { createId, defineAction, settingsOf, usable, z, type Bots } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import { greet as greeting } from '../graph/greet.ts';
import { assertTalks, botOf, conversation } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'conversations.greet': ReturnType<typeof greet>;
  }
}

export function greet(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'conversations.greet',
    summary: 'Has the bot say the first words, where nothing was said yet and bot.yaml does not forbid it.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/greet',
    cli: 'conversation greet <conversation>',
    examples: ['bnity conversation greet 019…'],
    status: 202,
    input: z.strictObject({ conversation }),
    output: z.object({
      turn: z
        .string()
        .nullable()
        .describe('Null when nothing comes: something was said already, or it is switched off'),
      message: z.string().nullable().describe('Id of the node that will hold the greeting'),
    }),
    async run(input) {
      const { conversation: open, scheduler } = await store.get(input.conversation);
      const bot = await bots.get(open.graph.bot);
      assertTalks(bot);
      const made: { turn: string | null; message: string | null } = { turn: null, message: null };
      if (settingsOf(bot).conversation.greeting === 'off') return made;
      const words = usable(bot.files.identity)?.front.greeting;
      await open.commit((graph) => {
        const done = greeting(graph, words, createId);
        if (!done) return [];
        Object.assign(made, { turn: done.turn, message: done.message });
        return done.changes;
      });
      scheduler.kick();
      return made;
    },
  });
}
