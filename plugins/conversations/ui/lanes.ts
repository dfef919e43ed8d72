import { msg, pathTo } from 'boternity/ui';
import type { ConversationPage } from '../views.ts';

/** The lane that every conversation begins with. */
export const MAIN = 'main';

/** Address of a branch; of the conversation itself for the main line. */
export function pathToLane(conversation: string, lane: string): string {
  const path = ['conversations', conversation];
  return pathTo(...(lane === MAIN ? path : [...path, 'branches', lane]));
}

/** What a line is called. */
export function titleOf({ id, kind, title }: Pick<ConversationPage['lanes'][number], 'id' | 'kind' | 'title'>): string {
  return id === MAIN || kind === 'main' ? msg('Main') : title;
}
