import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { styleText } from 'node:util';
import { defineOfflineCommand, Fault, type OfflineCall, type Terminal } from 'boternity';
import { followLogs, levels, readLogs, type Level, type LogLine, type LogQuery } from '../read.ts';

/** `bnity logs`: what the server of this home wrote down, while it runs and after. */
export const logs = defineOfflineCommand({
  isOffline: true,
  summary: 'Shows the log of the server of this home, also when none runs.',
  usage: '',
  flags: [
    { flag: '-f, --follow', description: 'go on with what is written from now on, until Ctrl+C' },
    { flag: '-n, --lines <count>', description: 'so many of the last lines; 50 when absent' },
    { flag: '--bot <bot>', description: 'only lines about this bot: its slug or id' },
    { flag: '--run <id>', description: 'only lines about this answer or turn' },
    { flag: '--level <level>', description: `this level and more serious ones: ${levels.join(', ')}` },
  ],
  examples: ['bnity logs', 'bnity logs -f --level warn', 'bnity logs --bot ada -n 200', 'bnity logs --json'],
  async run({ flags, home, terminal }: OfflineCall) {
    const folder = await home();
    const query: LogQuery = {
      ...(typeof flags.bot === 'string' && { bots: await namesOf(folder, flags.bot) }),
      ...(typeof flags.run === 'string' && { run: flags.run }),
      ...(typeof flags.level === 'string' && { level: levelOf(flags.level) }),
    };
    const count = countOf(flags.lines);
    const { signal } = terminal;
    if (flags.follow !== true) {
      for (const line of count === 0 ? [] : await readLogs(folder, query, count)) show(line, terminal);
      return 0;
    }
    // Following begins before the past is read, so that no line falls between; what is in both is shown once.
    const following = followLogs(folder, query, signal);
    const next = following.next();
    const past = count === 0 ? [] : await readLogs(folder, query, count);
    const shown = new Set(past.map((line) => JSON.stringify(line)));
    for (const line of past) show(line, terminal);
    for (let step = await next; step.done !== true; step = await following.next())
      if (!shown.delete(JSON.stringify(step.value))) show(step.value, terminal);
    return 0;
  },
});

/** Slug and id of a bot, whichever of the two was typed. */
async function namesOf(home: string, bot: string): Promise<string[]> {
  try {
    const ids = JSON.parse(await readFile(path.join(home, '.boternity/bots.json'), 'utf8')) as Record<string, unknown>;
    const pairs = Object.entries(ids).filter((pair) => pair.includes(bot));
    return [bot, ...pairs.flat().filter((name) => typeof name === 'string')];
  } catch {
    return [bot];
  }
}

function levelOf(text: string): Level {
  const level = levels.find((each) => each === text);
  if (level) return level;
  throw new Fault('USAGE_WRONG', `"${text}" is no level.`, { hint: `Give one of: ${levels.join(', ')}.` });
}

function countOf(text: unknown): number {
  if (text === undefined) return 50;
  const count = Number(text);
  if (typeof text === 'string' && /^\d+$/.test(text) && count <= 1_000_000) return count;
  throw new Fault('USAGE_WRONG', `${JSON.stringify(text)} is no number of lines.`, { hint: 'Give one such as 100.' });
}

function show(line: LogLine, { stdout, isJson }: Terminal): void {
  stdout.write(`${isJson ? JSON.stringify(line) : forPeople(line)}\n`);
}

const colours = { debug: 'dim', info: 'dim', warn: 'yellow', error: 'red' } as const;
const CONTROLS = /\p{Cc}+/gu;

/** `2026-11-22 06:07:11 warn  (memory) What happened: why  bot=ada run=…`, in the time of this machine. */
function forPeople({ time, level, message, plugin, error, ...fields }: LogLine): string {
  const from = typeof plugin === 'string' ? `(${plugin}) ` : '';
  const why = typeof error === 'object' && error !== null && 'message' in error ? `: ${String(error.message)}` : '';
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${valueOf(value)}`);
  const text = `${from}${message}${why}`.replaceAll(CONTROLS, ' ');
  const more = rest.length === 0 ? '' : `  ${styleText('dim', rest.join(' ').replaceAll(CONTROLS, ' '))}`;
  return `${styleText('dim', clock(time))} ${styleText(colours[level], level.padEnd(5))} ${text}${more}`;
}

function clock(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function valueOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueOf).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
