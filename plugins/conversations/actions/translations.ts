import { defineAction, z } from 'boternity';
import type { ConversationStore } from '../engine/store.ts';
import { nodeOf } from '../graph/rules.ts';
import { untranslated } from '../graph/translations.ts';
import { viewOf } from '../present.ts';
import { nodeView } from '../views.ts';
import { botOf, conversation, message } from './shared.ts';

declare module 'boternity' {
  interface ActionTypes {
    'messages.translate': ReturnType<typeof translateMessage>;
    'messages.untranslate': ReturnType<typeof untranslateMessage>;
  }
}

const language = z
  .string()
  .trim()
  .min(2)
  .max(40)
  .regex(/^[\p{L}\p{N} ()-]+$/u, 'Name a language, such as German, de or pt-BR.')
  .describe('Name or tag of a language: German, de, pt-BR');

const shown = z.object({ message: nodeView });

export function translateMessage(store: ConversationStore) {
  return defineAction({
    name: 'messages.translate',
    summary: 'Has the model of the bot translate a message or an answer; the translation stands beside the text.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'POST /conversations/{conversation}/messages/{message}/translations',
    cli: 'message translate <conversation> <message> <language>',
    examples: ['bnity message translate 019… 019… German'],
    input: z.strictObject({ conversation, message, language }),
    output: shown,
    async run(input, { signal }) {
      const open = await store.get(input.conversation);
      await open.scheduler.translate(input, signal);
      return { message: viewOf(open.conversation.graph, nodeOf(open.conversation.graph, input.message)) };
    },
  });
}

export function untranslateMessage(store: ConversationStore) {
  return defineAction({
    name: 'messages.untranslate',
    summary: 'Takes the translations of a message away, all or the one into a language.',
    permission: 'bots:use',
    bot: botOf(store),
    http: 'DELETE /conversations/{conversation}/messages/{message}/translations',
    cli: 'message untranslate <conversation> <message> [language]',
    examples: ['bnity message untranslate 019… 019…', 'bnity message untranslate 019… 019… German'],
    input: z.strictObject({ conversation, message, language: language.optional() }),
    output: shown,
    async run(input) {
      const { conversation } = await store.get(input.conversation);
      await conversation.commit((graph) => untranslated(graph, input.message, input.language));
      return { message: viewOf(conversation.graph, nodeOf(conversation.graph, input.message)) };
    },
  });
}
