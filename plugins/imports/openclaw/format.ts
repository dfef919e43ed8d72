import type { FileKind } from 'boternity';
import type { Disabled, Draft, DraftBot, ImportFormat, ImportSource, Left, Wishes } from '../format.ts';
import { SecretCollector } from '../parts/secrets.ts';
import { skillsIn } from '../parts/skills.ts';
import { agentsOf, isWorkspace, type Agent } from './agents.ts';
import { at, CONFIG, isValues, readConfig, textAt, valuesAt, type Values } from './config.ts';
import { collectSecrets, isPlainSecret, isReference, referenceText } from './config-secrets.ts';
import { botOf } from './workspace.ts';

/** A workspace of OpenClaw, or its whole folder with configuration and several agents. */
export function openClaw(kinds: () => Iterable<[string, FileKind]>): ImportFormat {
  return {
    name: 'openclaw',
    title: 'an OpenClaw workspace',
    order: 50,
    isOwn: false,
    claims: (source) => source.files.has(CONFIG) || isWorkspace(source, ''),
    draft: (source, wishes) => draftOf(source, wishes, [...kinds()]),
  };
}

async function draftOf(source: ImportSource, wishes: Wishes, kinds: readonly [string, FileKind][]): Promise<Draft> {
  const { value: config, left: unread } = await readConfig(source);
  const secrets = new SecretCollector();
  collectSecrets(config, secrets);
  await collectEnvironment(source, secrets);
  const { agents, left: absent } = agentsOf(source, config);
  const isWhole = agents.some(({ root }) => root !== '');
  const shared = isWhole ? await skillsIn(source, ['skills'], secrets) : { skills: [], left: [] };
  const { servers, disabled } = await serversOf(config, secrets);
  const bots: DraftBot[] = [];
  const left: Left[] = [...unread, ...absent, ...shared.left];
  for (const agent of agents) {
    const model = modelOf(agent, config);
    const settings = {
      ...(model.primary !== undefined && { model: { default: model.primary } }),
      mcp: servers,
      skills: shared.skills.map(({ name }) => name),
    };
    const only = agents.length === 1 ? wishes : {};
    const made = await botOf(agent, { source, kinds, secrets, settings, disabled }, only, belongsElsewhere);
    bots.push(made.bot);
    left.push(...made.left, ...saidOfAgent(agent, model.fallbacks));
  }
  if (bots.length > 1 && (wishes.name !== undefined || wishes.slug !== undefined))
    left.push({ what: 'the name', why: 'there are several agents; each keeps its own' });
  return {
    bots,
    skills: shared.skills,
    left: [...left, ...saidOfConfig(config), ...beside(source, isWhole)],
    secrets: secrets.all,
  };
}

/** Files that are no agent's own. */
function belongsElsewhere(path: string): boolean {
  return path === CONFIG || /(^|\/)\.env$/.test(path) || path.startsWith('cron/');
}

/** Keys of `.env` files, under the names they have there. */
async function collectEnvironment(source: ImportSource, secrets: SecretCollector): Promise<void> {
  for (const path of source.files.keys()) {
    if (!/(^|\/)\.env(\.\w+)?$/.test(path)) continue;
    for (const line of ((await source.text(path)) ?? '').split(/\r?\n/)) {
      const [, name = '', given = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      const value = given.replace(/^(["'])(.*)\1$/, '$2');
      if (name !== '' && value !== '') secrets.take(name, value, path);
    }
  }
}

/** MCP servers, each switched off; keys are references. */
async function serversOf(
  config: Values,
  secrets: SecretCollector,
): Promise<{ servers: Record<string, Values>; disabled: Disabled[] }> {
  const found = valuesAt(config, 'mcp', 'servers');
  const clean = async (value: unknown, key: string, name: string): Promise<unknown> => {
    if (typeof value === 'string')
      return isPlainSecret(key, value)
        ? secrets.take(/^[A-Z][A-Z0-9_]+$/.test(key) ? key : `${name}_${key}`, value, `${CONFIG} mcp.servers.${name}`)
        : (await secrets.clean(value, CONFIG)).text;
    if (Array.isArray(value)) return Promise.all(value.map((each) => clean(each, key, name)));
    if (!isValues(value)) return value;
    if (isReference(value)) return referenceText(value);
    const entries = await Promise.all(
      Object.entries(value).map(async ([inner, each]) => [inner, await clean(each, inner, name)] as const),
    );
    return Object.fromEntries(entries);
  };
  const servers: Record<string, Values> = {};
  const disabled: Disabled[] = [];
  for (const [name, said] of Object.entries(found)) {
    if (!isValues(said)) continue;
    servers[name] = { enabled: false, ...valuesWithout(await clean(said, name, name), 'enabled') };
    disabled.push({ what: `MCP server ${name}`, where: `bot.yaml mcp.${name}` });
  }
  return { servers, disabled };
}

function valuesWithout(value: unknown, key: string): Values {
  return Object.fromEntries(Object.entries(isValues(value) ? value : {}).filter(([each]) => each !== key));
}

function modelOf({ said }: Agent, config: Values): { primary: string | undefined; fallbacks: string[] } {
  const model = at(said, 'model') ?? at(config, 'agents', 'defaults', 'model') ?? at(config, 'agent', 'model');
  const primary = typeof model === 'string' ? model : textAt(model, 'primary');
  const given = at(model, 'fallbacks');
  return { primary, fallbacks: (Array.isArray(given) ? given : []).filter((each) => typeof each === 'string') };
}

function saidOfAgent({ id, said }: Agent, fallbacks: readonly string[]): Left[] {
  const left: Left[] = [];
  if (fallbacks.length > 0)
    left.push({
      what: `fallback models of ${id}: ${fallbacks.join(', ')}`,
      why: 'add them to bot.yaml when their providers are here',
    });
  if (said.tools !== undefined)
    left.push({ what: `tool rules of ${id}`, why: 'tools have other names here; allow what it needs in bot.yaml' });
  if (said.sandbox !== undefined)
    left.push({ what: `sandbox of ${id}`, why: 'what may run is settled by this server' });
  return left;
}

/** What the configuration says beside agents: each with what to do instead. */
function saidOfConfig(config: Values): Left[] {
  const providers = Object.entries(valuesAt(config, 'models', 'providers')).map(([name, said]): Left => {
    const address = textAt(said, 'baseUrl') ?? '<address>';
    return { what: `model provider ${name}`, why: `add it with: bnity provider add ${name} --address ${address}` };
  });
  const channels = Object.keys(valuesAt(config, 'channels')).map((name): Left => ({
    what: `channel ${name}`,
    why: 'there is no such channel here yet',
  }));
  const others = [
    ['bindings', 'which agent answers where is settled with the channels'],
    ['gateway', 'this server has settings of its own'],
    ['plugins', 'plugins of another program do not run here'],
    ['hooks', 'hooks of another program do not run here'],
    ['session', 'conversations are kept in another way here'],
  ] as const;
  return [
    ...providers,
    ...channels,
    ...others.flatMap(([key, why]) => (config[key] === undefined ? [] : [{ what: `${CONFIG} ${key}`, why }])),
  ];
}

/** Folders of the installation that belong to no workspace. */
function beside(source: ImportSource, isWhole: boolean): Left[] {
  if (!isWhole) return [];
  const why: Record<string, string> = {
    agents: 'accounts and conversations; conversations are not read yet',
    credentials: 'signed-in accounts; sign in anew here',
    state: 'databases of the other program',
    sandboxes: 'copies that can be made again',
    logs: 'logs',
  };
  const tops = new Set(Array.from(source.files.keys(), (path) => path.split('/', 1)[0] ?? ''));
  return [...tops].flatMap((top) => (why[top] === undefined ? [] : [{ what: `${top}/`, why: why[top] }]));
}
