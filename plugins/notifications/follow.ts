import type { Actions, Caller, Context } from 'boternity';
import type {} from '../conversations/index.ts';
import type { News } from './notifier.ts';

export interface FollowOptions {
  /** Whether anybody wants to be told, and nobody looks at the conversation. */
  readonly isWanted: (conversation: string) => Promise<boolean>;
  /** What people call a bot. */
  readonly nameOf: (slug: string) => Promise<string>;
  readonly tell: (news: News) => Promise<void>;
}

/** Who reads an answer for the devices that want its words. */
const reader: Caller = { kind: 'program', id: 'notifications', name: 'notifications', grants: ['bots:use'] };

/** Makes news of turns that end and of calls that wait for a person. What a person stopped is none. */
export function follow(
  context: Pick<Context, 'on' | 'signal'> & { readonly actions: Actions },
  options: FollowOptions,
): void {
  const { isWanted, nameOf, tell } = options;
  const { actions, signal } = context;
  const about = async (slug: string, conversation: string): Promise<Pick<News, 'title' | 'path'> | undefined> =>
    (await isWanted(conversation)) && !signal.aborted
      ? { title: await nameOf(slug), path: `conversations/${conversation}` }
      : undefined;

  context.on('turn.ended', async ({ bot: { slug }, conversation, runs, state }) => {
    if (state !== 'succeeded' && state !== 'failed') return;
    const found = await about(slug, conversation);
    if (!found) return;
    const words = async (): Promise<string> => {
      const input = { conversation };
      const shown = (await actions.run('conversations.show', {
        door: 'http',
        caller: reader,
        input,
        signal,
        progress: () => undefined,
      })) as { nodes: readonly { id: string; text: string }[] };
      return shown.nodes.findLast(({ id, text }) => runs.includes(id) && text !== '')?.text ?? '';
    };
    if (state === 'failed') return tell({ ...found, say: ({ failed }) => failed, isUrgent: false });
    await tell({ ...found, say: ({ answered }) => answered, words, isUrgent: false });
  });
  context.on('approval.asked', async ({ bot: { slug }, conversation, tool }) => {
    const found = await about(slug, conversation);
    if (found) await tell({ ...found, say: ({ asks }) => asks(tool), isUrgent: true });
  });
}
