import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { bnity, type Folder } from './product.ts';

const OLD = new Date(Date.now() - 2 * 60 * 60 * 1000);

export const brokenSettings = `# My settings
prot: 4243 # the port
watch: yes

plugins:
  mock: ture
`;

const brokenBot = `# yaml-language-server: $schema=../../.boternity/schemas/bot.json
# Ada works at night.
status: Active

modle: # which one answers
  default: demo
  max-tokens: 512
tools:
  alow: [time_now]
`;

/** A home with everything wrong that the doctor can put right. */
const patient = {
  'settings.yaml': brokenSettings,
  'providers.yaml': `# Far away
providers:
  far:
    adress: http://127.0.0.1:1/v1 # by cable
    models: [a]
`,
  'bots/ada/SOUL.md': '---\nname: Ada\n---\n\nCalm.\n',
  'bots/ada/bot.yaml': brokenBot,
  'bots/bob/SOUL.md': 'Bob.\n',
  'bots/bob/AGENT.md': 'Work.\n',
  'bots/bob/AGENTS.md': 'Also work.\n',
  'bots/bob/bot.yaml': 'status: active # as always\n',
  'bots/bob/notes.md.0190.bnity-tmp': 'half',
  '.boternity/staging/left/SOUL.md': 'half',
  '.boternity/vault/master.key': 'not a real key',
  '.boternity/old-token': 'x',
  '.boternity/schemas/bot.json': '{ "of": "yesterday" }\n',
};

interface View {
  readonly id: string;
  readonly about: string | null;
  readonly level: string;
  readonly message: string;
  readonly advice: string | null;
  readonly fix: { readonly does: string; readonly diff: string } | null;
}

export interface Plan {
  readonly ok: boolean;
  readonly findings: readonly View[];
  readonly applied?: readonly { readonly id: string; readonly about: string | null; readonly done: boolean }[];
}

export async function makePatient(folder: Pick<Folder, 'path' | 'write'>): Promise<void> {
  for (const [file, text] of Object.entries(patient)) await folder.write(file, text);
  await chmod(path.join(folder.path, '.boternity'), 0o755);
  for (const file of ['bots/bob/notes.md.0190.bnity-tmp', '.boternity/staging/left']) {
    await utimes(path.join(folder.path, file), OLD, OLD);
  }
}

/** Names, modes, times and contents of everything in a home, but for what every start writes: log, token, who holds it. */
export async function snapshot(home: string): Promise<Record<string, string>> {
  const all = await readdir(home, { recursive: true, withFileTypes: true });
  const entries = all.filter(
    ({ parentPath, name }) =>
      !/\.boternity\/(logs\b|cache\b|server\.json|cli-token|[^/]*bnity-tmp)/.test(path.join(parentPath, name)),
  );
  const seen = await Promise.all(
    entries.map(async (entry): Promise<[string, string]> => {
      const place = path.join(entry.parentPath, entry.name);
      const { mode, mtimeMs, ino } = await stat(place);
      if (!entry.isFile()) return [place, `${mode}`];
      const digest = createHash('sha256')
        .update(await readFile(place))
        .digest('hex');
      return [place, `${mode} ${mtimeMs} ${ino} ${digest}`];
    }),
  );
  return Object.fromEntries(seen.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export async function planOf(home: string, ...args: string[]): Promise<Plan & { code: number | null }> {
  const { code, stdout, stderr } = await bnity(['doctor', '--json', '--home', home, ...args]);
  if (stdout === '') throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Plan), code };
}

export function find({ findings }: Plan, id: string, about?: string): View | undefined {
  return findings.find((finding) => finding.id === id && (about === undefined || finding.about === about));
}
