import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { styleText } from 'node:util';
import type { ConversationSummary } from '../views.ts';
import type { Going, Talk } from './talk.ts';
import { roomIn } from './talk.ts';
import { plainLine } from './text/plain.ts';
import { shortened } from 'boternity';

const LISTED = 20;

/** Lists the latest conversations with the bot, with numbers that other commands take. */
export async function conversations(talk: Talk): Promise<undefined> {
  const { client, bot, live, listed, say, terminal } = talk;
  const found = await client.call('conversations.list', { bot, origin: 'person', limit: LISTED });
  listed.splice(0, Infinity, ...found.conversations.map(({ id }) => id));
  const room = roomIn(terminal) - 5;
  for (const [at, each] of found.conversations.entries()) {
    const mark = each.id === live.id ? '•' : ' ';
    const title = shortened(plainLine(each.title) || 'New conversation', room);
    say(`${mark}${String(at + 1).padStart(3)} ${styleText('bold', title)}`);
    say(styleText('dim', `     ${shortened(factsOf(each), room)}`));
    const preview = [each.first, each.last].map(plainLine).filter(Boolean);
    if (preview.length > 0) say(styleText('dim', `     ${shortened(preview.join(' … '), room)}`));
  }
  if (listed.length === 0) say('There is none yet.');
}

function factsOf({ id, createdAt, updatedAt, messages, state }: ConversationSummary): string {
  const minutes = Math.round((Date.parse(updatedAt) - Date.parse(createdAt)) / 60_000);
  const duration =
    minutes < 60
      ? `${minutes} min`
      : minutes < 2_880
        ? `${Math.round(minutes / 60)} h`
        : `${Math.round(minutes / 1_440)} days`;
  const count = `${messages} ${messages === 1 ? 'message' : 'messages'}`;
  const date = createdAt.slice(0, 16).replace('T', ' ');
  return [date, duration, count, state === 'running' ? 'is answering' : '', id].filter(Boolean).join(' · ');
}

/** The conversation that is meant by a number of the list, an id or its beginning. */
function idOf({ listed }: Talk, named: string): string {
  const byNumber = /^\d{1,3}$/.test(named) ? listed[Number(named) - 1] : undefined;
  return byNumber ?? listed.find((id) => id.startsWith(named) && named.length > 3) ?? named;
}

export async function switchTo(talk: Talk, named: string): Promise<Going | undefined> {
  if (named === '') return conversations(talk);
  const { client, bot } = talk;
  const { id, bot: owner } = await client.call('conversations.show', { conversation: idOf(talk, named), limit: 1 });
  if (owner.slug === bot || owner.id === bot) return { id };
  talk.say(`That is a conversation with ${owner.slug}: bnity chat ${owner.slug} --resume ${id}`);
  return undefined;
}

/** Goes to the branch of that title, or begins one behind the last answer. */
export async function branch({ client, live, say }: Talk, title: string): Promise<Going | undefined> {
  const known = live.page?.lanes.find((lane) => title !== '' && (lane.title === title || lane.id === title));
  if (known) return { id: live.id, lane: known.id };
  const from = live.page?.nodes.findLast((node) => node.kind === 'agent' && node.finishedAt !== null);
  if (!from) {
    say('There is no answer yet behind which a branch could begin.');
    return undefined;
  }
  const { lane } = await client.call('branches.create', { conversation: live.id, from: from.id, title });
  return { id: live.id, lane };
}

export async function branches({ live, say }: Talk): Promise<undefined> {
  const rows = (live.page?.lanes ?? []).map(
    ({ id, title }) => `${id === live.page?.lane ? '•' : ' '} ${plainLine(title) || id}`,
  );
  say(rows.join('\n'));
}

export async function exportOne({ client, live, say }: Talk, rest: string): Promise<undefined> {
  const [, form = 'markdown', file = ''] = /^(markdown|md|json)?\s*([^]*)$/.exec(rest) ?? [];
  const format = form === 'json' || file.endsWith('.json') ? 'json' : 'markdown';
  const lane = live.page?.lane ?? 'main';
  const { name, text } = await client.call('conversations.export', { conversation: live.id, lane, format });
  const place = path.resolve(file || name);
  try {
    await writeFile(place, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
    return say(`${place} is there already and stays as it is. Name another file: /export <file>`);
  }
  return say(`Written to ${place}`);
}

/** Deletes a conversation for good after a question; who deletes the one that is shown begins another. */
export async function removeOne(talk: Talk, named: string): Promise<Going | undefined> {
  const { client, live, lines, say } = talk;
  const conversation = named === '' ? live.id : idOf(talk, named);
  const { title, messages } = await client.call('conversations.show', { conversation, limit: 1 });
  say(`"${shortened(plainLine(title), 60)}" with ${messages} messages is deleted for good.`);
  const asked = await lines.ask({ prompt: 'Go on? [y/N] ', isAside: true });
  if (typeof asked !== 'object' || !/^y(es)?$/i.test(asked.text.trim())) return say('Nothing was done.');
  const isShown = conversation === live.id;
  if (isShown) live.close();
  await client.call('conversations.delete', { conversation });
  say('Deleted.');
  return isShown ? 'new' : undefined;
}

export async function edit({ client, live, say }: Talk, text: string): Promise<{ readonly turn: string } | undefined> {
  const last = live.page?.nodes.findLast((node) => node.kind === 'user');
  if (!last || text === '') {
    say(
      last
        ? `Write the new wording behind it. The last message was: ${plainLine(last.text)}`
        : 'There is no message yet.',
    );
    return undefined;
  }
  const { reply } = await client.call('messages.edit', { conversation: live.id, message: last.id, text });
  live.reconnect();
  const { nodes } = await live.until((page) => page.nodes.some(({ id }) => id === reply));
  const turn = nodes.find(({ id }) => id === reply)?.turn;
  return turn === undefined ? undefined : { turn };
}
