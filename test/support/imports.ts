import { cp, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder, type Folder, type Product } from './product.ts';

interface Kept {
  readonly text: string;
  readonly [key: string]: unknown;
}

/** What a bot remembers, by its text. */
export async function memoriesOf(product: Product, bot: string): Promise<Map<string, Kept & { day: string }>> {
  const folder = path.join(product.home, 'bots', bot, 'memory');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const kept = await Promise.all(
    entries
      .filter((entry) => entry.name.endsWith('.json'))
      .map(async ({ parentPath, name }) => {
        const memory = JSON.parse(await readFile(path.join(parentPath, name), 'utf8')) as Kept;
        return [memory.text, { ...memory, day: path.basename(parentPath) }] as const;
      }),
  );
  return new Map(kept);
}

/** Whether a text stands in any file of a home. */
export async function holds(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const place = path.join(entry.parentPath, entry.name);
    if ((await readFile(place)).includes(text)) found.push(path.relative(folder, place));
  }
  return found;
}

/** A whole folder of OpenClaw with two agents, keys and everything that must not come along. */
export async function openClawFolder(
  workspace: string,
  keys: Readonly<Record<'openai' | 'telegram' | 'mcp' | 'env' | 'pasted', string>>,
): Promise<Folder> {
  const box = await temporaryFolder({
    'openclaw.json': `{
      // JSON5, with comments
      $include: ['./conf/base.json5', '../outside.json', '/etc/passwd'],
      agents: {
        defaults: { model: { primary: 'anthropic/claude-sonnet-4-5', fallbacks: ['openai/gpt-5'] } },
        entries: {
          main: { workspace: '~/.openclaw/workspace', identity: { name: 'Pinch the First' } },
          work: { workspace: '/srv/sam/.openclaw/workspace-work', model: 'openai/gpt-5-mini', tools: { allow: ['exec'] } },
          far: { workspace: '/srv/elsewhere' },
        },
      },
      models: { providers: { openai: { baseUrl: 'https://api.example.invalid/v1', apiKey: '${keys.openai}' }, other: { apiKey: '\${OTHER_KEY}' } } },
      channels: { telegram: { botToken: '${keys.telegram}' }, slack: { botToken: { source: 'env', provider: 'default', id: 'SLACK_TOKEN' } } },
      gateway: { port: 18789 },
    }`,
    'conf/base.json5': `{ $include: './more.json5', mcp: { servers: {
      files: { command: 'npx', args: ['-y', 'server-files', '/srv/sam'], env: { FILES_TOKEN: '${keys.mcp}', MODE: 'ro', REF: { source: 'env', provider: 'x', id: 'REF_NAME' } } },
      web: { url: 'https://mcp.example.invalid/', headers: { Authorization: 'Bearer \${WEB_TOKEN}' }, enabled: true } } } }`,
    'conf/more.json5': `{ $include: './base.json5', plugins: { entries: {} } }`,
    'cron/jobs.json': JSON.stringify({
      version: 1,
      jobs: [
        {
          id: '1',
          name: 'Morning brief',
          enabled: true,
          agentId: 'work',
          schedule: { kind: 'cron', expr: '0 7 * * 1-5', tz: 'Europe/Berlin' },
          payload: { kind: 'agentTurn', message: 'Sum up the night.' },
        },
        {
          id: '2',
          name: 'Ping',
          schedule: { kind: 'every', everyMs: 3_600_000 },
          payload: { kind: 'systemEvent', text: 'Are you there?' },
        },
        { id: '3', name: 'Strange', schedule: { kind: 'moon' }, payload: { kind: 'agentTurn', message: 'Howl.' } },
      ],
    }),
    '.env': `export WEATHER_API_KEY="${keys.env}"\n`,
    'skills/shared-tool/SKILL.md': '---\nname: shared-tool\ndescription: For all. Use it when asked.\n---\n\nYes.\n',
    'workspace-work/AGENTS.md': '# Work\n\nBe formal.\n',
    'workspace-work/MEMORY.md': `- The key is ${keys.pasted} do not lose it\n`,
    'workspace-work/notes.sqlite': 'SQLite format 3',
    'credentials/oauth.json': '{}',
    'agents/main/agent/auth-profiles.json': '{"token":"never"}',
    'agents/main/sessions/1.jsonl': '{}',
    'state/openclaw.sqlite': 'SQLite format 3',
  });
  await cp(workspace, path.join(box.path, 'workspace'), { recursive: true });
  return box;
}
