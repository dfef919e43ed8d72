import { styleText } from 'node:util';
import type { PlanView } from '../plan-view.ts';

/** A plan for people to read. */
export function showPlan(plan: PlanView, width = 100): string {
  const blocks = plan.bots.map((bot) => showBot(bot, width));
  const lines = [
    `${plan.source} is ${plan.title}.`,
    ...blocks,
    ...section('Shared skills', plan.skills, ({ name, files, state }) => `${name}  ${files} files, ${states[state]}`),
    ...section(
      'Keys in plain text: in no file that is written; --secrets puts them into the vault',
      plan.secrets,
      (each) => `${each.what}  ${each.where}`,
    ),
    ...section('Does not come along', plan.left, ({ what, why }) => `${what}: ${why}`),
  ];
  return `${lines.join('\n')}\n`;
}

const words = { new: 'new', same: 'as it is', changed: 'changed' };
const states = { new: 'new', same: 'the same as here', differs: 'other than the one here' };

function showBot(bot: PlanView['bots'][number], width: number): string {
  const files = bot.files.map(({ file, bytes, from, state, note, diff }) => {
    const made = [from === file || from === '' ? '' : `from ${from}`, words[state]].filter(Boolean).join(', ');
    const line = `  ${file}  ${styleText('dim', [`${bytes} bytes`, made, note].filter(Boolean).join(', '))}`;
    return diff ? `${line}\n${diff.replaceAll(/^/gm, '    ')}` : line;
  });
  const memories = bot.memories.map(({ text, at }) =>
    cut(`  ${at?.slice(0, 10) ?? ''} ${text.replaceAll(/\s+/g, ' ')}`, width),
  );
  return [
    `\n${styleText('bold', `${bot.name}  bots/${bot.slug}`)}`,
    ...files,
    ...section('To remember', memories.slice(0, 20), (line) => line.trim()),
    ...(memories.length > 20 ? [`  … and ${memories.length - 20} more`] : []),
    ...section('Kept beside the bot, for people', bot.papers, (paper) => paper),
    ...section('Arrives switched off', bot.disabled, ({ what, where }) => `${what}  ${where}`),
    ...section('Wrong in these files', bot.problems, (each) => `${each.file}:${each.line} ${each.message}`),
  ].join('\n');
}

function section<T>(title: string, list: readonly T[], line: (each: T) => string): string[] {
  return list.length === 0 ? [] : [`\n${styleText('bold', title)}`, ...list.map((each) => `  ${line(each)}`)];
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
