import { isTerminal, msg, str } from 'boternity/ui';
import type { ConversationPage, NodeView } from '../views.ts';

const LONGEST_ANNOUNCED = 600;

/** What a screen reader says once, when an answer has ended or a call asks for a decision; never per piece. */
export function announce(before: readonly NodeView[], { nodes, bot }: ConversationPage): string | undefined {
  const states = new Map(before.map((node) => [node.id, node.state]));
  const asking = nodes.findLast((node) => node.state === 'awaiting_approval');
  if (asking && states.get(asking.id) !== 'awaiting_approval')
    return msg(str`${bot.name} asks to use ${asking.tool?.name ?? ''}.`);
  const ended = nodes.findLast((node) => {
    const was = states.get(node.id);
    return node.kind === 'agent' && isTerminal(node.state) && was !== undefined && !isTerminal(was);
  });
  if (!ended) return undefined;
  if (ended.state === 'errored') return msg(str`The answer failed. ${ended.run?.error?.message ?? ended.reason ?? ''}`);
  if (ended.text === '') return undefined;
  const words = spoken(ended.text.slice(0, 2 * LONGEST_ANNOUNCED));
  const text = words.length > LONGEST_ANNOUNCED ? `${words.slice(0, LONGEST_ANNOUNCED)} …` : words;
  return ended.state === 'stopped' ? msg(str`${bot.name} was stopped: ${text}`) : `${bot.name}: ${text}`;
}

/** Markdown without the marks that only mean something to the eye. */
function spoken(markdown: string): string {
  return markdown
    .replaceAll(/^[#>\s-]+|[*_`|]+/gm, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
