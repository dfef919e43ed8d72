import type { Command as Program } from 'commander';
import { faultTable } from '../base/fault-table.ts';
import { coerceTexts, typesOf } from '../actions/coerce.ts';
import type { JsonSchema } from '../actions/action.ts';
import type { ActionView } from '../server/list-actions.ts';
import type { Client } from '../ui/client.ts';
import { askSecret } from './ask-secret.ts';
import type { Terminal } from './command.ts';
import { confirm } from './confirm.ts';
import { formatValue } from './print.ts';
import { commandAt } from './program.ts';
import { withWrittenText } from './written-text.ts';

/** Adds one command per action: words and arguments from its grammar, flags from its input's schema. */
export function addActionCommands(
  program: Program,
  actions: readonly ActionView[],
  client: Client,
  terminal: Terminal,
): void {
  for (const action of actions) {
    if (action.cli === null || !action.doors.includes('cli')) continue;
    const parts = action.cli.split(' ');
    const words = parts.filter((part) => !/^[<[]/.test(part));
    const positionals = parts.filter((part) => /^[<[]/.test(part));
    const command = commandAt(program, words).description(action.summary);
    for (const positional of positionals) command.argument(positional, describe(action.input, nameOf(positional)));
    addFlags(command, action, positionals.map(nameOf));
    if (action.examples.length > 0)
      command.addHelpText('after', `\nExamples:\n${action.examples.map((example) => `  ${example}`).join('\n')}`);
    command.action(async (...given: unknown[]) => {
      const values = given.slice(0, positionals.length);
      const texts = Object.fromEntries(
        positionals
          .map((positional, at) => [nameOf(positional), values[at]])
          .filter(([, value]) => value !== undefined),
      );
      await runAction(
        action,
        { ...texts, ...flagsOf(command.opts(), action.input) },
        command.opts().force === true,
        client,
        terminal,
      );
    });
  }
}

/** Prints the answer. One with `ok: false` (a check that found something) makes the command end with 5, as wrong input does. */
async function runAction(
  action: ActionView,
  texts: Record<string, string | string[]>,
  isForced: boolean,
  client: Client,
  terminal: Terminal,
): Promise<void> {
  if (action.confirm !== null && !isForced) await confirm(action.confirm, terminal);
  const given = coerceTexts({ ...texts, ...(await askSecrets(action.input, texts, terminal)) }, action.input);
  const input = await withWrittenText(action, given, client, terminal);
  const output: unknown = await client.call(action.name, input, {
    signal: terminal.signal,
    onProgress: progressOn(terminal),
  });
  terminal.stdout.write(
    `${terminal.isJson ? JSON.stringify(output) : formatValue(output, terminal.stdout.columns ?? 100, action.columns ?? undefined)}\n`,
  );
  if (typeof output === 'object' && output !== null && 'ok' in output && output.ok === false)
    process.exitCode = faultTable.FILE_INVALID.exit;
}

/** The secret fields that are needed and not given, or given as `-`, read where nobody looks over the shoulder. */
async function askSecrets(
  schema: JsonSchema,
  texts: Readonly<Record<string, string | string[]>>,
  terminal: Terminal,
): Promise<Record<string, string>> {
  const asked: Record<string, string> = {};
  for (const [name, property] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
    const isNeeded = texts[name] === undefined && ((schema.required ?? []) as string[]).includes(name);
    if (property.writeOnly === true && (isNeeded || texts[name] === '-'))
      asked[name] = await askSecret(describe(schema, name) || name, terminal);
  }
  return asked;
}

/** What an action tells while it runs: a line each on stderr, so that stdout holds the answer alone. */
function progressOn({ stderr, isJson }: Terminal): (fact: unknown) => void {
  return (fact) => void stderr.write(isJson || typeof fact !== 'string' ? `${JSON.stringify(fact)}\n` : `${fact}\n`);
}

function addFlags(command: Program, action: ActionView, positionals: readonly string[]): void {
  const properties = (action.input.properties ?? {}) as Record<string, JsonSchema>;
  const required = (action.input.required ?? []) as string[];
  for (const [name, schema] of Object.entries(properties)) {
    if (positionals.includes(name)) continue;
    const flag = name.replaceAll('_', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const types = typesOf(schema);
    const value = types.includes('boolean') ? '' : types.includes('array') ? ' <values...>' : ' <value>';
    const isSecret = schema.writeOnly === true;
    const needed = required.includes(name) && !isSecret ? ' (required)' : '';
    const warning = isSecret ? '; other users of this machine can see a flag, so better leave it out or give -' : '';
    // A switch that is on by default can only be turned off.
    const isOn = value === '' && schema.default === true;
    const meaning = `${isOn ? 'leave out: ' : ''}${describe(action.input, name)}`;
    command.option(`--${isOn ? 'no-' : ''}${flag}${value}`, `${meaning}${warning}${needed}`);
  }
  if (action.confirm !== null) command.option('--force', 'do not ask');
}

/** Flags back to the names of the input, as texts. */
function flagsOf(options: Record<string, unknown>, schema: JsonSchema): Record<string, string | string[]> {
  const names = Object.keys(schema.properties ?? {});
  const entries = names.flatMap((name): [string, string | string[]][] => {
    const value = options[name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())];
    if (Array.isArray(value)) return [[name, value.map(String)]];
    return typeof value === 'string' || typeof value === 'boolean' ? [[name, String(value)]] : [];
  });
  return Object.fromEntries(entries);
}

function describe(schema: JsonSchema, name: string): string {
  const property = ((schema.properties ?? {}) as Record<string, JsonSchema>)[name] ?? {};
  const choices = Array.isArray(property.enum) ? `one of ${property.enum.join(', ')}` : '';
  const standard = property.default === undefined ? '' : `default ${JSON.stringify(property.default)}`;
  return [property.description, choices, standard].filter(Boolean).join('; ');
}

function nameOf(positional: string): string {
  return positional.replaceAll(/[<>[\].]/g, '');
}
