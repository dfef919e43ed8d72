import type { Client } from 'boternity/ui';

/** What a person can do in a conversation beside sending and stopping: an action, and its input without the conversation. */
export type Deed =
  | {
      readonly action:
        | 'messages.regenerate'
        | 'messages.exclude'
        | 'messages.include'
        | 'messages.delete'
        | 'messages.restore';
      readonly message: string;
    }
  | { readonly action: 'messages.retry'; readonly message: string; readonly model?: string }
  | { readonly action: 'messages.select'; readonly message: string; readonly version: 'previous' | 'next' }
  | { readonly action: 'messages.edit'; readonly message: string; readonly text: string }
  | {
      readonly action: 'messages.translate' | 'messages.untranslate';
      readonly message: string;
      readonly language: string;
    }
  | {
      readonly action: 'branches.create';
      readonly from: string;
      readonly kind?: 'branch' | 'thread' | 'checkpoint';
      readonly title?: string;
    }
  | { readonly action: 'branches.merge'; readonly branches: readonly string[]; readonly into: string }
  | { readonly action: 'calls.approve'; readonly call: string; readonly for: 'once' | 'conversation' }
  | { readonly action: 'calls.deny'; readonly call: string }
  | { readonly action: 'conversations.rename'; readonly lane: string; readonly title: string }
  | { readonly action: 'conversations.archive' | 'conversations.unarchive'; readonly lane: string };

/** Those after which people want to see the branch in which the result stands. */
const moving = new Set<Deed['action']>([
  'messages.retry',
  'messages.regenerate',
  'messages.select',
  'messages.edit',
  'branches.create',
]);

/** Does it, and gives the branch in which the result stands, where that may be another one. */
export async function carryOut(client: Client, conversation: string, deed: Deed): Promise<string | undefined> {
  const { action, ...input } = deed;
  // The compiler cannot follow that an action and its input belong together; the union above says it.
  const answer = (await client.call<string>(action, { conversation, ...input })) as { readonly lane?: string };
  // A checkpoint only marks the place; who marks it stays where they are.
  if ('kind' in deed && deed.kind === 'checkpoint') return undefined;
  if (deed.action === 'branches.merge') return deed.into;
  return moving.has(action) ? answer.lane : undefined;
}

/** The message, call or branch that it is about. */
export function subjectOf(deed: Deed): string {
  // A translation takes its time, and nothing else of the message has to wait for it.
  if ('language' in deed) return `${deed.message} ${deed.language}`;
  if ('message' in deed) return deed.message;
  if ('call' in deed) return deed.call;
  if ('into' in deed) return deed.into;
  return 'from' in deed ? deed.from : deed.lane;
}
