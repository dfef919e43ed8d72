import { styleText } from 'node:util';
import type { Client, Terminal } from 'boternity';
import { banner, expectedModel, farewell } from './banner.ts';
import type { Live } from './follow.ts';
import { historyOf, messageLine } from './history.ts';
import type { Asked, Lines } from './lines.ts';
import { again, offerAgain } from './recover.ts';
import { showAnswer } from './show-answer.ts';
import { slash } from './slash.ts';
import { complaintOf, type Going, type Talk } from './talk.ts';

export interface ConverseOptions {
  readonly bot: string;
  readonly conversation: Live;
  readonly client: Client;
  readonly terminal: Terminal;
  readonly lines: Lines;
  /** Nothing was said in it yet: the bot greets. */
  readonly mayGreet: boolean;
}

/** Turns that are shown when a conversation goes on. */
const RECALLED = 3;

/** A conversation at the terminal. Everything sent is on the server; leaving loses nothing. Says where the person goes next. */
export async function converse({ bot, conversation: live, mayGreet, ...ways }: ConverseOptions): Promise<Going> {
  const { client, terminal } = ways;
  const say = (text: string): undefined => void terminal.stdout.write(`${text}\n`);
  const expected = await expectedModel(client, bot);
  const talk: Talk = { ...ways, bot, live, seen: new Set(), listed: [], expected, say };
  say(await banner(client, { bot, id: live.id, expected }, terminal));
  const { nodes, state } = await live.until(() => true);
  const running = state === 'running' ? nodes.at(-1)?.turn : undefined;
  for (const { turn } of nodes) talk.seen.add(turn);
  if (nodes.length > 0) say(await historyOf(talk, RECALLED));
  if (running !== undefined) await attempt(talk, () => showTurn(talk, running));
  else if (mayGreet && nodes.length === 0) await attempt(talk, () => greet(talk));
  const going = await untilGoing(talk);
  if (live.state !== 'failed') say(farewell(bot, live.id));
  return going;
}

async function untilGoing(talk: Talk): Promise<Going> {
  let isGone = false;
  for (;;) {
    const heard = await hear(talk);
    if (talk.live.state === 'failed' && !isGone) {
      isGone = true;
      talk.say(
        styleText('yellow', `${complaintOf(talk.live.error)}\n  → /new begins another, /conversations lists them`),
      );
    }
    if (heard === 'left') return 'leave';
    if (heard === 'gone') continue;
    const going = await attempt(talk, () => take(talk, heard));
    if (going) return going;
  }
}

type Heard = { readonly text: string } | { readonly turn: string } | 'left' | 'gone';

/** What comes first: what the person types here, or what is said in this conversation somewhere else. */
async function hear(talk: Talk): Promise<Heard> {
  const { live, lines, seen } = talk;
  const wasFailed = live.state === 'failed';
  const other = (): string | undefined =>
    live.page?.nodes.find(({ turn, kind }) => kind === 'user' && !seen.has(turn))?.turn;
  const isNew = (): boolean => other() !== undefined || (live.state === 'failed' && !wasFailed);
  const elsewhere = new AbortController();
  const look = (): void => {
    if (isNew()) elsewhere.abort();
  };
  const unsubscribe = live.subscribe(look);
  look();
  const asked: Asked = await lines.ask({ signal: elsewhere.signal }).finally(unsubscribe);
  if (asked !== 'canceled') return asked;
  const turn = other();
  return turn === undefined ? 'gone' : { turn };
}

/** Does what was asked for. What could not be sent is there again at the next question. */
async function take(
  talk: Talk,
  heard: { readonly text: string } | { readonly turn: string },
): Promise<Going | undefined> {
  if ('turn' in heard) return showOther(talk, heard.turn);
  const { text } = heard;
  if (text.trim() === '') return undefined;
  if (text.startsWith('/')) {
    const done = await slash(text, talk);
    if (typeof done !== 'object' || !('turn' in done)) return done;
    return showTurn(talk, done.turn);
  }
  const sent = await talk.live.send(text).catch((error: unknown) => {
    talk.lines.putBack(text);
    throw error;
  });
  return showTurn(talk, sent.turn);
}

/** Shows an answer; where it failed, the person says what is to become of it. */
async function showTurn(talk: Talk, turn: string): Promise<Going | undefined> {
  const nodes = await showAnswer(talk, turn);
  if (nodes.at(-1)?.state !== 'errored') return undefined;
  const wish = await offerAgain(talk);
  if (wish === undefined || wish === 'leave') return wish;
  if (wish === 'retry') return showTurn(talk, await again(talk, 'messages.retry'));
  return take(talk, { text: wish.text });
}

async function showOther(talk: Talk, turn: string): Promise<undefined> {
  const message = talk.live.page?.nodes.find((node) => node.turn === turn && node.kind === 'user');
  talk.say(messageLine(message?.text ?? ''));
  await showAnswer(talk, turn);
}

async function greet(talk: Talk): Promise<undefined> {
  const { client, live } = talk;
  const { turn, message } = await client.call('conversations.greet', { conversation: live.id });
  if (turn === null) return;
  await live.until(({ nodes }) => nodes.some(({ id }) => id === message));
  await showAnswer(talk, turn);
}

/** What goes wrong is said, and the conversation goes on. */
async function attempt(talk: Talk, act: () => Promise<Going | undefined>): Promise<Going | undefined> {
  try {
    return await act();
  } catch (error) {
    talk.say(styleText('red', complaintOf(error)));
    return undefined;
  }
}
