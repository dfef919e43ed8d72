import { pathTo } from 'boternity/ui';

/** The lane that every conversation begins with. */
export const MAIN = 'main';

/** Address of a branch; of the conversation itself for the main line. */
export function pathToLane(conversation: string, lane: string): string {
  const path = ['conversations', conversation];
  return pathTo(...(lane === MAIN ? path : [...path, 'branches', lane]));
}
