import { definePlugin, z } from 'boternity';
import type {} from '../conversations/index.ts';
import type {} from '../memory-index/index.ts';
import type {} from '../models/index.ts';
import { memoryActions } from './actions/all.ts';
import { Learner } from './learn/learner.ts';
import { PendingFile } from './learn/pending-file.ts';
import { memoryFiles } from './memory-file.ts';
import { bringToMind } from './recall/section.ts';
import { memoryPanel } from './panel.ts';
import { Memories, type MemoryChanged } from './service.ts';

export type { FoundElsewhere, Elsewhere } from './elsewhere.ts';
export type { Memory } from './memory-file.ts';
export type { Asked, Memories } from './service.ts';
export type { BotMemory } from './store/bot-memory.ts';
export type { Kept } from './store/memory-folder.ts';

declare module 'boternity' {
  interface BotFiles {
    memory: typeof memoryFiles;
  }
  interface Services {
    memories: Memories;
  }
}

const config = z
  .strictObject({
    /** After so many minutes without a word a conversation counts as ended, and what is worth it is noted. */
    quietMinutes: z.number().positive().max(1_440).default(10),
  })
  .prefault({});

/** Keeps what bots learn in their own folders, a file per memory, and brings to mind what a turn needs. */
export default definePlugin({
  name: 'memory',
  needs: ['home', 'house', 'bots', 'actions', 'models', 'conversations', 'memoryIndexes', 'web'],
  provides: ['memories'],
  config,
  async setup(context, { quietMinutes }) {
    const { home, house, bots, actions, models, conversations, memoryIndexes: indexes, web } = context;
    bots.files('memory', memoryFiles);
    const tell = (fact: MemoryChanged): void => context.emit('memory.changed', fact);
    const memories = context.use(new Memories({ bots, home, indexes, embedder: () => models.embedder(), tell }));
    const pending = context.use(new PendingFile(home.files, home.log));
    await pending.read();
    const quietMs = quietMinutes * 60_000;
    const learner = context.use(
      new Learner({ bots, memories, models, conversations, pending, quietMs, log: home.log }),
    );
    context.provide('memories', () => memories);
    web.panel(memoryPanel);
    actions.add(...memoryActions({ memories, learner, bots, conversations }));
    const saidIn = async (id: string): Promise<{ title: string; said: string[] } | undefined> => {
      const told = await conversations.told(id);
      return told && { title: told.title, said: told.turns.map(({ said }) => said) };
    };
    bots.bring((bot, asked) => bringToMind({ memories, learner, saidIn }, bot, asked));
    if (house.isServer) learner.begin();
    context.on('turn.ended', ({ bot, conversation }) => void learner.turnEnded(bot.id, conversation));
    context.on('conversation.changed', ({ id, archived }) => {
      if (archived) learner.now(id);
    });
    context.on('conversation.removed', ({ id }) => learner.forget(id));
    // Not waited for: what is summed up stays in the journal.
    context.wrap('context.compact', (next, conversation, ...rest) => {
      learner.soon(conversation.graph.id);
      return next(conversation, ...rest);
    });
    context.on('bot.renamed', ({ bot }) => memories.renamed(bot));
    context.on('bots.listed', ({ slugs }) => memories.keepOnly(slugs));
  },
});
