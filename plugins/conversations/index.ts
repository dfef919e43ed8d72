import { definePlugin, type ToolResult } from 'boternity';
import type {} from '../models/index.ts';
import { conversationActions } from './actions/all.ts';
import { config } from './config.ts';
import { tellThrough } from './facts.ts';
import { conversationStream } from './stream.ts';
import { AttachmentSlot } from './engine/attached.ts';
import { compact } from './engine/compact.ts';
import type { Compact, EngineParts, ToolPlace } from './engine/job.ts';
import { ConversationStore } from './engine/store.ts';
import { conversationsFor, type Conversations } from './service.ts';
import { Throttle } from './throttle.ts';
import { whyWait } from './tools/belt.ts';
export { conversationSearch } from './search-plugin.ts';
export type { Attachment, AttachmentKeeper, Conversations, RunRecord, Told } from './service.ts';

declare module 'boternity' {
  interface Services {
    conversations: Conversations;
  }
  interface Operations {
    'context.compact': Compact;
    'tool.call': (at: ToolPlace, run: () => Promise<ToolResult>) => Promise<ToolResult>;
  }
}

/** Conversations with bots: journals on disk, answers as live events, one reply at a time. */
export default definePlugin({
  name: 'conversations',
  needs: ['home', 'house', 'bots', 'actions', 'models', 'web'],
  provides: ['conversations'],
  config,
  setup(context, { leaseSeconds, ...rates }) {
    const { home, house, bots, actions, models, web } = context;
    const wishes: EngineParts['wishes'] = new Map();
    const store = new ConversationStore(home, {
      bots,
      models,
      actions,
      log: home.log,
      wishes,
      attached: new AttachmentSlot(),
      leaseMs: leaseSeconds * 1_000,
      callTool: context.open('tool.call', (_at, run) => run()),
      compact: context.open('context.compact', (conversation, { model }, compaction, signal) =>
        compact(conversation, model, compaction, signal),
      ),
      tell: tellThrough(context),
    });
    house.tellProblems(
      () => [],
      () => store.check(),
    );
    const throttle = new Throttle(rates);
    context.wrap('action.run', async (next, run) => {
      throttle.countRun(run);
      return store.during(() => next(run));
    });
    context.wrap('server.drain', async (next, signal) => {
      await Promise.all([store.drain(signal), next(signal)]);
    });
    context.defer(() => store.close());
    if (house.isServer) store.begin();
    context.provide('conversations', () => conversationsFor({ store, bots, actions, wishes, throttle }));
    actions.add(...conversationActions(store, bots));
    web.stream(conversationStream(store));
    web.panel({
      path: 'conversations',
      title: 'Conversations',
      icon: 'chat',
      element: 'bn-conversation-panel',
      module: new URL('ui/conversation-panel.ts', import.meta.url),
      order: 10,
    });
    bots.waitWhen((bot) => whyWait(bot, actions));
    context.on('bot.renamed', ({ from, to }) => store.renamed(from, to));
    context.on('bots.listed', ({ slugs }) => store.keepOnly(slugs));
  },
});
