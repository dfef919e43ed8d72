import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { defineAction, z, type Home } from 'boternity';

declare module 'boternity' {
  interface ActionTypes {
    'home.measure': ReturnType<typeof measureHome>;
  }
}

const size = { bytes: z.number(), files: z.number() };
interface Size {
  bytes: number;
  files: number;
}

/** Files that are looked at side by side. */
const AT_ONCE = 64;

export function measureHome(home: Home) {
  return defineAction({
    name: 'home.measure',
    summary: 'Measures the home folder: bytes and files, in all and by folder.',
    permission: 'server:read',
    http: 'GET /server/size',
    cli: 'home size',
    examples: ['bnity home size'],
    input: z.strictObject({}),
    output: z.object({
      path: z.string(),
      ...size,
      parts: z.array(z.object({ name: z.string(), ...size })).describe('What lies in it, the largest first'),
    }),
    async run(_input, { signal }) {
      const names = await readdir(home.path);
      const parts: (Size & { name: string })[] = [];
      for (const name of names) parts.push({ name, ...(await sizeIn(path.join(home.path, name), signal)) });
      const sum = (key: keyof Size): number => parts.reduce((total, part) => total + part[key], 0);
      return {
        path: home.path,
        bytes: sum('bytes'),
        files: sum('files'),
        parts: parts.toSorted((a, b) => b.bytes - a.bytes),
      };
    },
  });
}

/** Of a file, or of all that lies in a folder. Links are not followed; what goes away meanwhile does not count. */
async function sizeIn(place: string, signal: AbortSignal): Promise<Size> {
  const total: Size = { bytes: 0, files: 0 };
  const waiting = [place];
  while (waiting.length > 0) {
    signal.throwIfAborted();
    const some = waiting.splice(-AT_ONCE);
    const found = await Promise.all(some.map(lookAt));
    for (const { size: bytes, inside } of found) {
      waiting.push(...inside);
      if (bytes === undefined) continue;
      total.bytes += bytes;
      total.files += 1;
    }
  }
  return total;
}

async function lookAt(place: string): Promise<{ size?: number; inside: string[] }> {
  try {
    const stats = await lstat(place);
    if (!stats.isDirectory()) return { size: stats.size, inside: [] };
    return { inside: (await readdir(place)).map((name) => path.join(place, name)) };
  } catch {
    return { inside: [] };
  }
}
