import { parseYaml } from 'boternity';
import type { ImportSource, Left } from '../format.ts';
import type { ImportedWorkflow } from '../parts/workflow.ts';
import { isValues, textAt, valuesAt, type Values } from './config.ts';

export interface Schedules {
  readonly workflows: readonly ImportedWorkflow[];
  readonly left: readonly Left[];
}

const JOBS = 'cron/jobs.json';

/** The jobs of `cron/jobs.json` that belong to an agent. Those of the system itself are left out. */
export async function jobsOf(source: ImportSource, agent: string): Promise<Schedules> {
  const text = await source.text(JOBS);
  if (text === undefined) return { workflows: [], left: [] };
  let jobs: unknown;
  try {
    const value: unknown = JSON.parse(text);
    jobs = Array.isArray(value) ? value : (value as { jobs?: unknown }).jobs;
  } catch {
    return { workflows: [], left: [{ what: JOBS, why: 'it is not JSON' }] };
  }
  const mine = (Array.isArray(jobs) ? jobs : [])
    .filter(isValues)
    .filter((job) => (textAt(job, 'agentId') ?? 'main') === agent);
  const workflows: ImportedWorkflow[] = [];
  const left: Left[] = [];
  for (const job of mine) {
    const name = textAt(job, 'name') ?? textAt(job, 'id') ?? 'job';
    const prompt = textAt(job, 'payload', 'message') ?? textAt(job, 'payload', 'text');
    const trigger = triggerOf(valuesAt(job, 'schedule'));
    if (prompt === undefined || trigger === undefined)
      left.push({
        what: `job ${name}`,
        why: prompt === undefined ? 'it asks nothing of the bot' : 'its schedule is of no known kind',
      });
    else workflows.push({ name, description: textAt(job, 'description') ?? name, trigger, prompt });
  }
  return { workflows, left };
}

/** `tasks:` of a HEARTBEAT.md as workflows, and its prose as one that is asked every half hour. */
export function heartbeat(text: string): ImportedWorkflow[] {
  const at = text.search(/^tasks:\s*$/m);
  const prose = plainText(at < 0 ? text : text.slice(0, at));
  const end = at < 0 ? -1 : text.slice(at).search(/\n(?=[^\s#-])/);
  const block = at < 0 ? '' : text.slice(at, end < 0 ? undefined : at + end);
  const after = at < 0 || end < 0 ? '' : plainText(text.slice(at + end));
  const found = [prose, after].filter(Boolean).join('\n\n');
  const whole: ImportedWorkflow = {
    name: 'heartbeat',
    description: 'What HEARTBEAT.md asked for, every half hour',
    trigger: { type: 'cron', schedule: 'every 30 minutes' },
    prompt: found,
  };
  return [...tasksIn(block), ...(found === '' ? [] : [whole])];
}

/** BOOT.md as a workflow for the start of the server. */
export function boot(text: string): ImportedWorkflow | undefined {
  const prompt = plainText(text);
  if (prompt === '') return undefined;
  return {
    name: 'boot',
    description: 'What BOOT.md asked for at each start',
    trigger: { type: 'event', source: 'server', event_type: 'start' },
    prompt,
  };
}

function tasksIn(block: string): ImportedWorkflow[] {
  let tasks: unknown;
  try {
    tasks = (parseYaml(block) as { tasks?: unknown } | null)?.tasks;
  } catch {
    return [];
  }
  return (Array.isArray(tasks) ? tasks : []).filter(isValues).flatMap((task) => {
    const prompt = textAt(task, 'prompt');
    const name = textAt(task, 'name') ?? 'task';
    const schedule = everyText(textAt(task, 'interval') ?? '30m');
    return prompt === undefined ? [] : [{ name, description: name, trigger: { type: 'cron', schedule }, prompt }];
  });
}

function triggerOf(schedule: Values): Values | undefined {
  const zone = textAt(schedule, 'tz');
  const expression = textAt(schedule, 'expr') ?? textAt(schedule, 'cron');
  if (expression !== undefined)
    return { type: 'cron', schedule: expression, ...(zone !== undefined && { timezone: zone }) };
  const { everyMs } = schedule;
  if (typeof everyMs === 'number' && everyMs > 0) return { type: 'cron', schedule: everyText(`${everyMs / 1000}s`) };
  const once = textAt(schedule, 'at');
  return once === undefined ? undefined : { type: 'manual', at: once };
}

/** `30m` in words that a schedule has. */
function everyText(interval: string): string {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([smhd])?/.exec(interval.trim()) ?? [];
  const seconds = Math.max(1, Math.round(Number(number) * ({ s: 1, m: 60, h: 3_600, d: 86_400 }[unit] ?? 60)));
  if (seconds % 3_600 === 0) return `every ${seconds / 3_600} hours`;
  return seconds % 60 === 0 ? `every ${seconds / 60} minutes` : `every ${seconds} seconds`;
}

/** Nothing but headings and comments is nothing. */
function plainText(text: string): string {
  const plain = text.replace(/^---\n[^]*?\n---\n/, '').replaceAll(/<!--[^]*?-->/g, '');
  return plain.split('\n').some((line) => line.trim() !== '' && !line.trimStart().startsWith('#')) ? plain.trim() : '';
}
