import { msg } from 'boternity/ui';
import type { NodeView } from '../views.ts';
import { DeedEvent, InspectAnswerEvent } from './events.ts';

interface Item {
  readonly label: string;
  readonly icon: string;
  readonly run: () => void;
}

/** What the menu of a message offers beside branch, translation and deletion: asides, marks, how an answer came about. */
export function moreItems(from: EventTarget, { id, kind, run }: NodeView): Item[] {
  const begin = (label: string, lane: 'thread' | 'checkpoint', icon: string): Item => ({
    label,
    icon,
    run: () => from.dispatchEvent(new DeedEvent({ action: 'branches.create', from: id, kind: lane })),
  });
  const isAnswer = kind === 'agent' && run !== null;
  return [
    // Behind a message of a person a thread would only ask for another answer.
    ...(isAnswer ? [begin(msg('Thread from here'), 'thread', 'chat')] : []),
    begin(msg('Checkpoint here'), 'checkpoint', 'check'),
    ...(isAnswer
      ? [
          {
            label: msg('How it came about'),
            icon: 'info',
            run: () => from.dispatchEvent(new InspectAnswerEvent(id)),
          },
        ]
      : []),
  ];
}
