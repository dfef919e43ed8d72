import { styleText } from 'node:util';
import { switchModel } from './recover.ts';
import type { Talk } from './talk.ts';
import { plain, plainLine } from './text/plain.ts';

/** The models there are; with a name, the one that the bot answers with from now on. */
export async function models(talk: Talk, name: string): Promise<undefined> {
  if (name !== '') return switchModel(talk, name);
  const { models: known } = await talk.client.call('models.list', {});
  const rows = known.map(({ id, provider }) => {
    const isUsed = talk.expected?.model === id && talk.expected.provider === provider;
    return `${isUsed ? '•' : ' '} ${plainLine(id)} via ${plainLine(provider)}`;
  });
  return talk.say(rows.join('\n') || 'There is no model.');
}

export async function rename({ client, live, say }: Talk, title: string): Promise<undefined> {
  if (title === '') return say(`It is called "${plainLine(live.page?.title ?? '')}".`);
  await client.call('conversations.rename', { conversation: live.id, title });
  return say(styleText('dim', `It is called "${plainLine(title)}" now.`));
}

export async function compact({ client, live, say }: Talk): Promise<undefined> {
  const { nodes, text } = await client.call('conversations.compact', { conversation: live.id });
  return say(
    `${plain(text)}\n${styleText('dim', `stands for ${nodes} messages in prompts from now on; you still see them`)}`,
  );
}
