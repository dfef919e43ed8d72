import { defineAction, Fault, personasOf, z, type Bots } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import { openLane } from '../graph/rules.ts';
import { MAIN } from '../graph/graph.ts';
import { botOf, conversation } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'conversations.persona': ReturnType<typeof choosePersona>;
  }
}

export function choosePersona(store: ConversationStore, bots: Bots) {
  return defineAction({
    name: 'conversations.persona',
    summary: 'Has the bot speak as one of its personas from the next answer on; as itself when none is named.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'PUT /conversations/{conversation}/persona',
    cli: 'conversation persona <conversation> [persona]',
    examples: ['bnity conversation persona 019… poet', 'bnity conversation persona 019…'],
    input: z.strictObject({
      conversation,
      persona: z.string().min(1).optional().describe('Name of a folder in personas/ of the bot'),
    }),
    output: z.object({
      conversation: z.string(),
      persona: z.string().nullable(),
      personas: z.array(z.string()).describe('Those that the bot has'),
    }),
    async run({ conversation: id, persona = null }) {
      const { conversation } = await store.get(id);
      const bot = await bots.get(conversation.graph.bot);
      const personas = personasOf(bot);
      if (persona !== null && !personas.includes(persona)) {
        const has = personas.length > 0 ? `It has: ${personas.join(', ')}.` : 'It has none.';
        throw new Fault('PERSONA_MISSING', `${bot.slug} has no persona ${JSON.stringify(persona)}. ${has}`);
      }
      await conversation.commit((graph) => {
        openLane(graph, MAIN);
        return graph.persona === persona ? [] : [{ type: 'persona', persona }];
      }, true);
      return { conversation: id, persona, personas };
    },
  });
}
