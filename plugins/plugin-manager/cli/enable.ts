import { setTimeout as sleep } from 'node:timers/promises';
import { confirm, defineCommand, Fault, type Client, type CommandCall } from 'boternity';
import type {} from '../actions/settings.ts';
import type {} from '../actions/turn.ts';

/** How often and how many times it is looked what came of it: together a little longer than a start may take. */
const LOOK_MS = 100;
const LOOKS = 120;

/** `bnity plugin enable <plugin>`: shows what it asks for and asks a person. */
export const enablePlugin = defineCommand({
  summary: 'Turns a plugin on. What it asks for is shown first, where it does not come with the product.',
  usage: '<plugin>',
  flags: [
    { flag: '--config <json>', description: 'its settings, as JSON' },
    { flag: '--consent <capabilities...>', description: 'what it may do, word by word; then nobody is asked' },
    { flag: '--force', description: 'do not ask: it may do all that it asks for' },
  ],
  examples: ['bnity plugin enable mock', 'bnity plugin enable weather', 'bnity plugin enable weather --force'],
  async run(call) {
    const { args, client, terminal } = call;
    const { plugin, wanted } = await askedOf(args[0] ?? '', client);
    const consent = await consentTo(plugin, wanted, call);
    const config = configOf(call.flags.config);
    const answer = await client.call('plugins.enable', { plugin, consent, ...(config && { config }) });
    const came = await whatCame(plugin, client);
    terminal.stdout.write(terminal.isJson ? `${JSON.stringify(answer)}\n` : `${plugin}: ${came}\n`);
    return 0;
  },
});

/** A package may be called by its whole name. */
async function askedOf(given: string, client: Client): Promise<{ plugin: string; wanted: readonly string[] }> {
  const plugin = given.replace(/^@[^/]+\//, '').replace(/^boternity-plugin-/, '');
  const { plugins } = await client.call('plugins.settings', {});
  const found = plugins.find(({ name }) => name === given) ?? plugins.find(({ name }) => name === plugin);
  return { plugin: found?.name ?? given, wanted: found?.capabilities ?? [] };
}

async function consentTo(
  plugin: string,
  wanted: readonly string[],
  { flags, terminal }: Pick<CommandCall, 'flags' | 'terminal'>,
): Promise<string[]> {
  if (Array.isArray(flags.consent)) return flags.consent.map(String);
  if (wanted.length === 0 || flags.force === true) return [...wanted];
  const isAll = wanted.includes('everything');
  const asks = isAll ? 'has no manifest and counts as asking for everything' : `asks for ${wanted.join(', ')}`;
  await confirm(`${plugin} ${asks}. It runs with the rights of the server.`, terminal);
  return [...wanted];
}

function configOf(given: unknown): Record<string, unknown> | undefined {
  if (typeof given !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(given);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new Fault('INPUT_INVALID', `--config is no JSON object: ${given}`);
}

/** Changes are carried out after they were written. A plugin that waits for another one waits on. */
async function whatCame(name: string, client: Client): Promise<string> {
  for (let look = 0; look < LOOKS; look += 1) {
    const { safe, plugins } = await client.call('plugins.settings', {});
    const { state = 'off', error = null, missing = [] } = plugins.find((plugin) => plugin.name === name) ?? {};
    if (safe && state === 'off') return 'is on from the next start that is not safe';
    if (error !== null) return `${state === 'running' ? 'the new form failed' : 'failed'}: ${error}`;
    if (state === 'running') return 'runs';
    if (state === 'waiting' && missing.length > 0) return `waits for ${missing.join(', ')}`;
    await sleep(LOOK_MS);
  }
  return 'is on, and has not started yet';
}
