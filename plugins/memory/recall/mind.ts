import type { Learner } from '../learn/learner.ts';
import type { Memories } from '../service.ts';

/** What brings things to mind. */
export interface Mind {
  readonly memories: Memories;
  readonly learner: Pick<Learner, 'pendingOf'>;
  /** What the person said in a conversation of which nothing was noted yet. */
  readonly saidIn: (
    conversation: string,
  ) => Promise<{ readonly title: string; readonly said: readonly string[] } | undefined>;
}
