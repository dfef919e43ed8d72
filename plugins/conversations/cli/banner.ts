import { styleText } from 'node:util';
import type { Client, Terminal } from 'boternity';
import type {} from '../../fleet/index.ts';
import type {} from '../../status/index.ts';
import { plainLine } from './text/plain.ts';
import { wrap, paint } from './text/wrap.ts';
import { roomIn, type Expected } from './talk.ts';

/** Who is there: emoji, name and description, the model that answers, the conversation, and where help is. */
export async function banner(
  client: Client,
  { bot, id, expected }: { readonly bot: string; readonly id: string; readonly expected: Expected | undefined },
  terminal: Terminal,
): Promise<string> {
  const { emoji, name, description } = await client.call('bots.show', { bot });
  const model = expected ? `${plainLine(expected.model)} via ${plainLine(expected.provider)} · ` : '';
  const lines = wrap(
    [
      { text: `${plainLine(emoji)} `, styles: [] },
      { text: plainLine(name), styles: ['bold'] },
      { text: `  ${plainLine(description)}\n${model}conversation ${id} · /help`, styles: ['dim'] },
    ],
    roomIn(terminal),
  );
  return lines.map(paint).join('\n');
}

/** What bot.yaml says about models. */
interface Wish {
  readonly default?: string;
  readonly prefer?: readonly string[];
}

/** The model that a bot prefers, else the server's; undefined where that cannot be known. */
export async function expectedModel(client: Client, bot: string): Promise<Expected | undefined> {
  try {
    const { settings } = await client.call('bots.show', { bot });
    const { default: standard, prefer = [] } = settings.value['model'] as Wish;
    const [wanted = standard] = prefer;
    if (wanted === undefined) {
      const { model } = await client.call('server.status', {});
      return model.id !== null && model.provider !== null ? { model: model.id, provider: model.provider } : undefined;
    }
    const { models } = await client.call('models.list', {});
    const found =
      models.find(({ id, provider }) => `${provider}/${id}` === wanted) ?? models.find(({ id }) => id === wanted);
    return found && { model: found.id, provider: found.provider };
  } catch {
    // Not everybody who may talk may look around.
    return undefined;
  }
}

/** How to come back. */
export function farewell(bot: string, id: string): string {
  return styleText('dim', `Go on later with: bnity chat ${bot} --resume ${id}`);
}
