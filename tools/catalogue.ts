import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Makes plugins/models/catalogue.json: windows and prices of models, from the data of the npm package @earendil-works/pi-ai (MIT).
 * Usage: node tools/catalogue.ts [version]. Needs the npm registry; nothing of the package is run.
 */
const PACKAGE = '@earendil-works/pi-ai';
const TARGET = path.join(import.meta.dirname, '../plugins/models/catalogue.json');

/** File of the package → name of the catalogue, which is the kind of provider or, for the general kind, the host of its service. */
const sources: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  openai: 'openai',
  'openai-codex': 'codex',
  google: 'gemini',
  mistral: 'mistral',
  'amazon-bedrock': 'bedrock',
  zai: 'zai',
  openrouter: 'openrouter',
  deepseek: 'api.deepseek.com',
  groq: 'api.groq.com',
  xai: 'api.x.ai',
  moonshotai: 'api.moonshot.ai',
  together: 'api.together.ai',
  fireworks: 'api.fireworks.ai',
  cerebras: 'api.cerebras.ai',
};

interface Given {
  readonly id: string;
  readonly type?: string;
  readonly input?: readonly string[];
  readonly reasoning?: boolean;
  readonly contextWindow?: number;
  readonly maxTokens?: number;
  readonly cost?: Cost & { readonly tiers?: readonly (Cost & { readonly inputTokensAbove: number })[] };
}

interface Cost {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
}

const [wanted = 'latest'] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'catalogue-'));
try {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--silent', `${PACKAGE}@${wanted}`], { cwd: folder, encoding: 'utf8' }),
  ) as [{ filename: string; version: string }];
  execFileSync('tar', ['xzf', packed.filename], { cwd: folder });
  const models = Object.fromEntries(Object.entries(sources).map(([file, name]) => [name, readModels(file)]));
  const catalogue = { source: PACKAGE, version: packed.version, taken: new Date().toISOString().slice(0, 10), models };
  writeFileSync(TARGET, `${JSON.stringify(catalogue).replaceAll(/(\],|\{)(?=")/g, '$1\n')}\n`);
  for (const [name, rows] of Object.entries(models)) console.log(`${name}: ${Object.keys(rows).length}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Id → [window, output, images, thinking, rates, tiers]. Rates: input, output, cache read, cache write; null where a cache costs nothing of its own. */
function readModels(file: string): Record<string, unknown[]> {
  const place = path.join(folder, 'package/dist/providers/data', `${file}.json`);
  const data = JSON.parse(readFileSync(place, 'utf8')) as Record<string, Record<string, Given>>;
  const given = Object.entries(data)
    .filter(([api]) => !/image|decision|typesafe/.test(api))
    .flatMap(([, models]) => Object.values(models));
  return Object.fromEntries(
    given.filter(({ type = 'chat' }) => type === 'chat').map((model) => [model.id, rowOf(model)]),
  );
}

function rowOf({ contextWindow, maxTokens, input = [], reasoning, cost }: Given): unknown[] {
  const row = [contextWindow ?? null, maxTokens ?? null, input.includes('image') ? 1 : 0, reasoning ? 1 : 0];
  if (!cost) return row;
  const tiers = cost.tiers?.map((tier) => [tier.inputTokensAbove, ...ratesOf(tier)]);
  return [...row, ratesOf(cost), ...(tiers ? [tiers] : [])];
}

function ratesOf({ input, output, cacheRead, cacheWrite }: Cost): (number | null)[] {
  return [input, output, cacheRead || null, cacheWrite || null];
}
