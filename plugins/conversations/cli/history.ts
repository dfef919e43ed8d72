import { styleText } from 'node:util';
import type { NodeView } from '../views.ts';
import { plain } from './text/plain.ts';
import { roomIn, type Talk } from './talk.ts';

/** Messages and answers as they stand there, the last so many turns; what nobody said is left out. */
export async function historyOf({ live, terminal }: Talk, turns = Number.POSITIVE_INFINITY): Promise<string> {
  const { drawMarkdown } = await import('./text/markdown.ts');
  const said = (live.page?.nodes ?? []).filter(isSaid);
  const last = new Set([...new Set(said.map(({ turn }) => turn))].slice(-turns));
  const shown = said.filter(({ turn }) => last.has(turn));
  const isCut = shown.length < said.length || live.page?.hasMore;
  const older = isCut ? [styleText('dim', `… earlier messages: /history, bnity conversation export ${live.id}`)] : [];
  return [
    ...older,
    ...shown.map((node) => lineOf(node, (text) => drawMarkdown(text, roomIn(terminal)).join('\n'))),
  ].join('\n\n');
}

/** Words of a person or the bot, and answers that failed without any. */
function isSaid({ kind, text, state, reason }: NodeView): boolean {
  const isFailed = kind === 'agent' && state !== 'finished' && reason !== null;
  return isFailed || ((kind === 'user' || kind === 'agent') && text !== '');
}

function lineOf({ kind, text, state, reason }: NodeView, draw: (text: string) => string): string {
  if (kind === 'user') return messageLine(text);
  const end = state === 'finished' || reason === null ? '' : styleText('yellow', plain(reason));
  return [text === '' ? '' : draw(plain(text)), end].filter(Boolean).join('\n');
}

/** What a person wrote. */
export function messageLine(text: string): string {
  return `${styleText('bold', '›')} ${plain(text).trimEnd().replaceAll('\n', '\n  ')}`;
}
