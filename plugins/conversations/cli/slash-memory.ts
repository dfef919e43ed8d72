import { styleText } from 'node:util';
import { shortened } from 'boternity';
import type {} from '../../memory/index.ts';
import { roomIn, type Talk } from './talk.ts';
import { plainLine } from './text/plain.ts';

/** Memories that are shown; and how well one fits at least that is meant to be forgotten, by itself and beside the best. */
const SHOWN = 10;
const OFFERED = 5;
const LEAST = 0.2;
const LEAST_OF_BEST = 0.6;

interface Shown {
  readonly text: string;
  readonly created_at: string;
  readonly score?: number;
  readonly written_by?: string | null;
}

export async function remember({ client, bot, say }: Talk, text: string): Promise<undefined> {
  if (text === '') return say('Write what to remember behind it: /remember I live in Bern');
  await client.call('memories.create', { bot, text });
  return say('Remembered.');
}

/** What the bot remembers: the latest, or what fits the words. */
export async function memory(talk: Talk, text: string): Promise<undefined> {
  const { client, bot, say } = talk;
  const { memories } =
    text === ''
      ? await client.call('memories.list', { bot, limit: SHOWN })
      : await client.call('memories.search', { bot, text, limit: SHOWN });
  return say(
    linesOf(talk, memories) || (text === '' ? 'Nothing is remembered yet.' : 'Nothing like that is remembered.'),
  );
}

/** Removes what fits the words, after a question, and tells what was removed. */
export async function forget(talk: Talk, text: string): Promise<undefined> {
  const { client, bot, lines, say } = talk;
  if (text === '') return say('Write what to forget behind it: /forget where I live');
  const { memories } = await client.call('memories.search', { bot, text, limit: OFFERED, least: LEAST });
  const best = memories.reduce((most, { score }) => Math.max(most, score), 0);
  const own = memories.filter(({ written_by, score }) => written_by === null && score >= best * LEAST_OF_BEST);
  if (own.length === 0) return say('Nothing like that is remembered. /memory lists what is.');
  say(linesOf(talk, own, true));
  const isOne = own.length === 1;
  const asked = await lines.ask({
    prompt: isOne ? 'Forget it? [y/N] ' : 'Forget which? [numbers, all, N] ',
    isAside: true,
  });
  const chosen = typeof asked === 'object' ? chosenOf(asked.text, own) : [];
  if (chosen.length === 0) return say('Nothing was forgotten.');
  const gone = new Set<string>();
  for (const { id } of chosen) {
    if (gone.has(id)) continue;
    const { removed } = await client.call('memories.delete', { bot, memory: id });
    for (const each of removed) {
      gone.add(each.id);
      say(`Forgotten: ${plainLine(each.text)}`);
    }
  }
  return undefined;
}

function chosenOf<T>(answer: string, offered: readonly T[]): T[] {
  const text = answer.trim();
  if (/^(?:a|all|y|yes)$/i.test(text)) return /^a/i.test(text) || offered.length === 1 ? [...offered] : [];
  const numbers = new Set(text.match(/\d+/g)?.map(Number));
  return /^[\d\s,]+$/.test(text) ? offered.filter((_, at) => numbers.has(at + 1)) : [];
}

function linesOf({ terminal }: Talk, memories: readonly Shown[], isNumbered = false): string {
  return memories
    .map(({ text, created_at, score, written_by }, at) => {
      const mark = isNumbered ? `${at + 1} ` : '';
      const facts = [created_at.slice(0, 10), written_by && `written by ${plainLine(written_by)}`];
      const fit = score === undefined ? '' : `${paintScore(score)} `;
      const about = styleText('dim', ` (${facts.filter(Boolean).join(', ')})`);
      return `${mark}${fit}${shortened(plainLine(text), roomIn(terminal) - 30)}${about}`;
    })
    .join('\n');
}

function paintScore(score: number): string {
  const text = score.toFixed(2);
  return score >= 0.7 ? styleText('green', text) : score >= 0.4 ? styleText('yellow', text) : text;
}
