import { definePlugin } from 'boternity';
import type {} from '../conversations/index.ts';
import type {} from '../storage/index.ts';
import { AttachedFiles } from './attached-files.ts';
import { attachmentRoutes } from './routes.ts';

/** How often files that nobody sent are looked after, in milliseconds. */
const SWEEP_MS = 10 * 60_000;

/** Lets people send files with their messages: kept beside the conversation, read by the model. */
export default definePlugin({
  name: 'attachments',
  needs: ['home', 'bots', 'web', 'conversations', 'documents'],
  setup(context) {
    const { home, bots, web, conversations, documents } = context;
    const files = new AttachedFiles({ home, bots, documents, conversations });
    context.defer(conversations.attachWith(files));
    for (const route of attachmentRoutes({ bots, conversations, documents, files })) web.route(route);
    const sweep = (): void => void files.sweep().catch(() => undefined);
    const timer = setInterval(sweep, SWEEP_MS).unref();
    context.defer(() => clearInterval(timer));
    sweep();
  },
});
