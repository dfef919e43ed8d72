import { isTerminal } from 'boternity/ui';
import type { NodeView } from '../views.ts';

/**
 * What the bubble of an answer is in:
 *
 *     waiting ──▶ streaming ──▶ completed
 *        │  ╲        │   ╲
 *        ▼   ╲       ▼    ╲───▶ errored, canceled
 *      stuck ◀╲──▶ stuck
 *
 * `waiting`: before its first word. `stuck`: it goes on as far as anybody knows, but nothing has been heard for too long; anything that
 * comes leads out of it. The last three are ends: another try is another answer in its place, which begins by waiting.
 */
export type AnswerState = 'waiting' | 'streaming' | 'stuck' | 'completed' | 'errored' | 'canceled';

const ends: Partial<Record<NodeView['state'], AnswerState>> = {
  finished: 'completed',
  errored: 'errored',
  rejected: 'canceled',
  skipped: 'canceled',
  stopped: 'canceled',
};

/** `isQuiet`: nothing has been heard of it for too long. */
export function answerStateOf(node: Pick<NodeView, 'state' | 'text' | 'thinking'>, isQuiet: boolean): AnswerState {
  const end = isTerminal(node.state) ? ends[node.state] : undefined;
  if (end) return end;
  if (isQuiet) return 'stuck';
  return node.text === '' && node.thinking === '' ? 'waiting' : 'streaming';
}
