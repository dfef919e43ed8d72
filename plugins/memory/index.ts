import { definePlugin } from 'boternity';
import { createMemory } from './actions.ts';
import { Memories } from './memories.ts';
import { memoryFiles } from './memory-file.ts';

declare module 'boternity' {
  interface BotFiles {
    memory: typeof memoryFiles;
  }
}

/** Keeps what bots learn, in their own folders: a file per memory, a repository per bot. */
export default definePlugin({
  name: 'memory',
  needs: ['home', 'bots', 'actions'],
  setup(context) {
    const { home, bots, actions } = context;
    bots.files('memory', memoryFiles);
    const open = new Map<string, Memories>();
    const memoriesOf = (bot: string): Memories => {
      const known = open.get(bot) ?? new Memories(bots, home, bot);
      open.set(bot, known);
      return known;
    };
    actions.add(createMemory(bots, memoriesOf));
    context.defer(async () => {
      await Promise.all(Array.from(open.values(), (memories) => memories.commit()));
    });
  },
});
