import { checkContents, editYaml, type FileKind } from 'boternity';
import type { Left } from '../format.ts';

export interface Fitted {
  /** The text of bot.yaml. */
  readonly text: string;
  /** Keys that bot.yaml does not know. */
  readonly left: readonly Left[];
}

const HEAD =
  '# yaml-language-server: $schema=../../.boternity/schemas/bot.json\n# Settings of this bot; docs/bots.md lists them all.\n';

/** A bot.yaml of these settings. One that its schema refuses is left out and named. */
export async function fitSettings(
  kinds: Iterable<[string, FileKind]>,
  settings: Readonly<Record<string, unknown>>,
): Promise<Fitted> {
  const settingsOnly = [...kinds].filter(([, { pattern }]) => pattern === 'bot.yaml');
  const left: Left[] = [];
  let text = `${HEAD}status: active\n`;
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined || isEmpty(value)) continue;
    const alone = await editYaml('', [{ path: [key], value }]);
    const [problem] = await checkContents(settingsOnly, new Map([['bot.yaml', alone]]));
    if (problem) left.push({ what: `setting ${key}`, why: `bot.yaml does not take it: ${problem.message}` });
    else text = await editYaml(text, [{ path: [key], value }]);
  }
  return { text, left };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
