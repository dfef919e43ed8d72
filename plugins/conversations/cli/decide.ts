import { styleText } from 'node:util';
import type { NodeView } from '../views.ts';
import { plain } from './text/plain.ts';
import type { Talk } from './talk.ts';

/** Asks a person about a call. The question goes away when it is answered somewhere else. */
export async function decide({ client, live, lines, say }: Talk, { id, tool }: NodeView): Promise<void> {
  const isOpen = (): boolean =>
    live.page?.nodes.some((node) => node.id === id && node.state === 'awaiting_approval') ?? false;
  if (!isOpen()) return;
  say(`${styleText('yellow', 'The bot wants to use')} ${plain(`${tool?.name} ${tool?.arguments}`)}`);
  const elsewhere = new AbortController();
  const unsubscribe = live.subscribe(() => {
    if (!isOpen()) elsewhere.abort();
  });
  const prompt = 'Allow it? [y]es, [a]lways in this conversation, [n]o › ';
  const asked = await lines.ask({ prompt, isAside: true, signal: elsewhere.signal }).finally(unsubscribe);
  if (asked === 'canceled') return say(styleText('dim', 'This was decided elsewhere.'));
  if (asked === 'left') return void (await live.stop());
  const place = { conversation: live.id, call: id };
  const isAlways = /^a/i.test(asked.text.trim());
  const decided = /^[ya]/i.test(asked.text.trim())
    ? client.call('calls.approve', { ...place, for: isAlways ? 'conversation' : 'once' })
    : client.call('calls.deny', place);
  await decided.catch((error: unknown) => {
    // Somebody was faster, in another tab or at another terminal.
    if ((error as { code?: string }).code !== 'APPROVAL_MISSING') throw error;
  });
}
