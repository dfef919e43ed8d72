import type { RunningHouse } from '../boot/boot.ts';
import type { FoundHome } from '../boot/find-home.ts';
import { Fault } from '../base/fault.ts';
import { isSafe } from '../boot/env-files.ts';
import { findOwner } from '../files/home-lock.ts';
import { createClient, type Client } from '../ui/client.ts';
import type { Outfit } from './outfit.ts';
import { ownerFetch } from './owner-fetch.ts';

/** How long a command waits for a server that is starting, or for another command that holds the home. */
const PATIENCE_MS = 10_000;
/** How long a running server may take to open its door again, in milliseconds. */
const DOOR_MS = 5_000;

export interface Connected extends AsyncDisposable {
  readonly client: Client;
}

/** A client of the server that runs on this home. With none running the same server starts inside this process, unannounced, and ends with it. */
export async function connect(home: FoundHome, outfit: Outfit): Promise<Connected> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await pause()) {
    const owner = await findOwner(home.path);
    if (owner?.url !== undefined)
      return { client: clientOf(owner.url, patient(home.path)), [Symbol.asyncDispose]: async () => undefined };
    if (!owner) {
      try {
        return await startInside(home, outfit);
      } catch (error) {
        if (!(Fault.is(error) && error.code === 'HOME_LOCKED') || Date.now() > deadline) throw error;
      }
    } else if (Date.now() > deadline) {
      throw new Fault('HOME_LOCKED', `${home.path} is in use by process ${owner.pid}, which has no server to talk to.`);
    }
  }
}

async function startInside(home: FoundHome, outfit: Outfit): Promise<Connected> {
  const [{ boot }, { openLogFile }] = await Promise.all([import('../boot/boot.ts'), import('./log-file.ts')]);
  const { log, close } = openLogFile(home.path, undefined);
  let house: RunningHouse;
  try {
    const standardPlugins = async () => (await outfit.standardPlugins()).default;
    const given = { host: '127.0.0.1', port: 0, watch: false };
    house = await boot({ home, standardPlugins, given, log, isSafe: isSafe() });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    client: clientOf(house.url, ownerFetch(home.path)),
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await close();
    },
  };
}

function clientOf(url: string, fetch: typeof globalThis.fetch): Client {
  return createClient({ url, fetch });
}

/** Settings of how a server is reached close its door for a moment and may open another one: a request that met no door is made again. */
function patient(home: string): typeof fetch {
  const ask = ownerFetch(home);
  return async (input, init) => {
    const target = new URL(input instanceof Request ? input.url : input);
    for (const deadline = Date.now() + DOOR_MS; ; await pause()) {
      try {
        return await ask(target, init);
      } catch (error) {
        const owner = isRefused(error) && Date.now() < deadline ? await findOwner(home) : undefined;
        if (owner?.url === undefined || init?.body instanceof ReadableStream) throw error;
        target.host = new URL(owner.url).host;
      }
    }
  };
}

function isRefused(error: unknown): boolean {
  return error instanceof TypeError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
