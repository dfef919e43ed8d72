import { styleText } from 'node:util';
import type {} from '../../models/index.ts';
import type {} from '../../fleet/index.ts';
import { expectedModel } from './banner.ts';
import { plainLine } from './text/plain.ts';
import type { Talk } from './talk.ts';

const PROMPT = '[r]etry, another [m]odel, [a]bort › ';

/** Asks what is to become of an answer that failed. Whatever else is typed is the next message, and never lost. */
export async function offerAgain(talk: Talk): Promise<'retry' | 'leave' | { readonly text: string } | undefined> {
  const asked = await talk.lines.ask({ prompt: PROMPT, isAside: true });
  if (asked === 'left' || asked === 'canceled') return undefined;
  const word = asked.text.trim().toLowerCase();
  if (word === '' || /^a(bort)?$/.test(word)) return undefined;
  if (/^r(etry)?$/.test(word)) return 'retry';
  if (!/^m(odel)?$/.test(word)) return asked;
  return (await chooseModel(talk)) ? 'retry' : undefined;
}

/** Tries the last answer again, or has another one given; gives its turn. */
export async function again({ client, live }: Talk, how: 'messages.retry' | 'messages.regenerate'): Promise<string> {
  const last = live.page?.nodes.findLast((node) => node.kind === 'agent');
  if (!last) throw new Error('There is no answer yet.');
  const { message } = await client.call(how, { conversation: live.id, message: last.id });
  live.reconnect();
  // For a moment the page holds the old answer beside the new one.
  const { nodes } = await live.until(
    (page) => page.nodes.some(({ id }) => id === message) && !page.nodes.some(({ id }) => id === last.id),
  );
  return nodes.find(({ id }) => id === message)?.turn ?? last.turn;
}

/** Lists the models and has the person choose one by its number or name. */
async function chooseModel(talk: Talk): Promise<boolean> {
  const { client, lines, say } = talk;
  const { models } = await client.call('models.list', {});
  say(models.map(({ id, provider }, at) => `  ${at + 1}  ${plainLine(id)} via ${plainLine(provider)}`).join('\n'));
  const asked = await lines.ask({ prompt: 'Which one? › ', isAside: true });
  const typed = typeof asked === 'object' ? asked.text.trim() : '';
  const chosen = models[Number(typed) - 1];
  if (typed === '') return false;
  await switchModel(talk, chosen ? `${chosen.provider}/${chosen.id}` : typed);
  return true;
}

/** The bot answers with that model from now on, here and elsewhere. */
export async function switchModel(talk: Talk, model: string): Promise<undefined> {
  const { client, bot, say } = talk;
  await client.call('bots.configure', { bot, model });
  talk.expected = await expectedModel(client, bot);
  return say(styleText('dim', `${bot} answers with ${model} from now on.`));
}
