import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineAction, z, type Home, type House } from 'boternity';

declare module 'boternity' {
  interface ActionTypes {
    'server.updates': ReturnType<typeof showUpdates>;
  }
}

const FILE = '.boternity/updates.json';
const NPM = 'https://registry.npmjs.org/';
/** How often the registry is asked at most, and how often a server looks whether it is time, in milliseconds. */
const REST_MS = 24 * 60 * 60_000;
const LOOK_MS = 60 * 60_000;
/** How long the registry may take, in milliseconds. */
const PATIENCE_MS = 5_000;

const kept = z.object({ checkedAt: z.number(), latest: z.string().nullable() });
type Kept = z.output<typeof kept>;

/** What is known of newer versions. */
export interface Updates {
  /** One sentence when a newer version is known; null otherwise, and when nobody wants to know. */
  notice(): Promise<string | null>;
  /** Asks the registry unless that is off. Never throws: what cannot be asked stays as it was. */
  ask(signal: AbortSignal): Promise<void>;
  /** Asks now and then in the background, at most once a day, until the signal says stop. */
  follow(signal: AbortSignal): Disposable;
  known(): Promise<{ latest: string | null; checkedAt: number | null; off: string | null }>;
}

export function createUpdates(house: House, { files, log }: Home, environment: NodeJS.ProcessEnv): Updates {
  const read = async (): Promise<Kept | undefined> => {
    try {
      return kept.parse(JSON.parse((await files.read(FILE))?.toString() ?? ''));
    } catch {
      return undefined;
    }
  };
  const whyOff = async (): Promise<string | null> => {
    if (house.settings().some(({ key, value }) => key === 'updates' && value === false)) return 'the setting updates';
    const name = ['NO_UPDATE_NOTIFIER', 'DO_NOT_TRACK', 'CI'].find((each) => isSet(environment[each]));
    if (name !== undefined) return name;
    return (await registryOf(environment)) === undefined ? 'no registry is set' : null;
  };
  const ask = async (signal: AbortSignal): Promise<void> => {
    const registry = await registryOf(environment);
    if (registry === undefined || (await whyOff()) !== null) return;
    const latest = await latestIn(registry, signal);
    if (signal.aborted) return;
    const before = await read();
    const now: Kept = { checkedAt: Date.now(), latest: latest ?? before?.latest ?? null };
    await files.write(FILE, JSON.stringify(now)).catch((error: unknown) => log.debug('Not kept', { error }));
  };
  const isDue = async (): Promise<boolean> => {
    const age = Date.now() - ((await read())?.checkedAt ?? 0);
    // A clock that was set back does not keep it from being asked for ever.
    return age >= REST_MS || age < 0;
  };
  return {
    ask,
    async notice() {
      const latest = (await read())?.latest ?? null;
      if (latest === null || !isNewer(latest, house.version) || (await whyOff()) !== null) return null;
      return `Version ${latest} is out; this is ${house.version}. How to get it: bnity update`;
    },
    async known() {
      const { latest = null, checkedAt = null } = (await read()) ?? {};
      return { latest, checkedAt, off: await whyOff() };
    },
    follow(signal) {
      const look = (): void =>
        void isDue().then(
          (due) => (due ? ask(signal) : undefined),
          () => undefined,
        );
      const timer = setInterval(look, LOOK_MS).unref();
      setImmediate(look);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
  };
}

export function showUpdates(house: House, updates: Updates) {
  return defineAction({
    name: 'server.updates',
    summary: 'Asks the npm registry for the newest version, and says how to get it. Changes nothing.',
    permission: 'server:read',
    http: 'GET /server/updates',
    cli: 'update',
    examples: ['bnity update', 'bnity update --json'],
    input: z.strictObject({}),
    output: z.object({
      version: z.string().describe('What runs'),
      latest: z.string().nullable().describe('The newest that is known; null when nobody told'),
      newer: z.boolean(),
      checkedAt: z.string().nullable().describe('When the registry was asked'),
      off: z.string().nullable().describe('What turned asking off: a setting or a variable'),
      how: z.string().describe('What a person does to get it'),
    }),
    async run(_, { signal }) {
      await updates.ask(signal);
      const { latest, checkedAt, off } = await updates.known();
      return {
        version: house.version,
        latest,
        newer: latest !== null && isNewer(latest, house.version),
        checkedAt: checkedAt === null ? null : new Date(checkedAt).toISOString(),
        off,
        how: `bnity backup, then ${wayOfInstalling()}, then start the server anew`,
      };
    },
  });
}

/** How the running package came here says how a newer one does. */
function wayOfInstalling(): string {
  const root = path.dirname(fileURLToPath(import.meta.resolve('boternity/package.json')));
  if (existsSync(path.join(root, 'tools'))) return 'git pull && npm ci';
  if (existsSync('/.dockerenv')) return 'build the image anew: docker compose build --pull';
  if (root.includes(`${path.sep}_npx${path.sep}`)) return 'npx boternity@latest serve';
  if (root.includes(path.join('lib', 'node_modules'))) return 'npm install --global boternity@latest';
  return 'npm install boternity@latest';
}

/** The registry that npm uses here; undefined when it is none that HTTP reaches. */
async function registryOf(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const text = environment['npm_config_registry'] ?? (await registryOfUser()) ?? NPM;
  const url = URL.parse(text);
  return url && /^https?:$/.test(url.protocol) ? url.href.replace(/\/?$/, '/') : undefined;
}

async function registryOfUser(): Promise<string | undefined> {
  const text = await readFile(path.join(homedir(), '.npmrc'), 'utf8').catch(() => '');
  return /^\s*registry\s*=\s*(\S+)/m.exec(text)?.[1];
}

/** Undefined for everything that goes wrong: no network is no news. */
async function latestIn(registry: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetch(new URL('boternity/latest', registry), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      headers: { accept: 'application/json' },
    });
    const { version } = (await response.json()) as { version?: unknown };
    return response.ok && typeof version === 'string' && /^\d+\.\d+\.\d+$/.test(version) ? version : undefined;
  } catch {
    return undefined;
  }
}

function isNewer(version: string, than: string): boolean {
  const [a, b] = [numbersOf(version), numbersOf(than)];
  const at = a.findIndex((number, index) => number !== b[index]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
}

function numbersOf(version: string): number[] {
  return version.split(/[.-]/, 3).map(Number);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());
}
