import { definePlugin, z } from 'boternity';
import type {} from '../memory-index/index.ts';
import type {} from '../memory/index.ts';
import { sharedMemoryActions } from './actions/all.ts';
import { SHARED_INDEX } from './entry.ts';
import { Ledger } from './ledger.ts';
import { bringShared } from './section.ts';
import { SharedMemories } from './shared-memories.ts';
import { Sharing } from './sharing.ts';

const config = z
  .strictObject({
    most: z.number().int().min(0).default(500).describe('Memories that one bot may share'),
    longest: z.number().int().min(1).max(10_000).default(2_000).describe('Characters of a memory that is shared'),
    perHour: z.number().int().min(1).default(60).describe('Memories that one bot may share within an hour'),
  })
  .prefault({});

/** Lets bots share what they remember: screened when it is shared, checked whenever it is read, always with the name of who wrote it. */
export default definePlugin({
  name: 'shared-memory',
  needs: ['home', 'bots', 'actions', 'memories', 'memoryIndexes'],
  config,
  setup(context, limits) {
    const { home, bots, actions, memories, memoryIndexes: indexes } = context;
    const { log } = home;
    const ledger = context.use(new Ledger(home));
    const hasMemory = async (slug: string): Promise<boolean> =>
      (await home.files.list(`bots/${slug}/memory`)).some(
        ({ name, kind }) => kind === 'folder' && /^\d{4}-/.test(name),
      );
    const shared = context.use(
      new SharedMemories({ bots, memories, index: indexes.of(SHARED_INDEX), ledger, log, hasMemory }),
    );
    const sharing = new Sharing({ memories, indexes, shared, ledger, limits, log });
    context.defer(memories.follow(shared));
    context.defer(memories.lookInto(shared));
    context.on('bots.listed', ({ slugs }) => shared.keepOnly(slugs));
    bots.bring((bot, asked) => bringShared(shared, bot, asked));
    actions.add(...sharedMemoryActions({ bots, memories, shared, sharing, ledger }));
  },
});
