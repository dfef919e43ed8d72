import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { arch, platform, release } from 'node:os';
import { defineAction, z, type Home, type House } from 'boternity';
import type { Updates } from './updates.ts';

declare module 'boternity' {
  interface ActionTypes {
    'server.about': ReturnType<typeof showAbout>;
  }
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function showAbout(house: House, home: Home, updates: Updates) {
  return defineAction({
    name: 'server.about',
    summary: 'Shows what runs here: version, Node, system, home, memory, and the licences of what it is made of.',
    permission: 'server:read',
    http: 'GET /server/about',
    cli: 'about',
    examples: ['bnity about', 'bnity about --json'],
    input: z.strictObject({}),
    output: z.object({
      version: z.string(),
      update: z.string().nullable().describe('One sentence when a newer version is out'),
      license: z.string(),
      node: z.string(),
      system: z.string(),
      home: z.string(),
      startedAt: z.string(),
      memory: z.number().describe('Bytes that the server holds'),
      problems: z.array(z.string()).describe('file:line: what is wrong in files of this home'),
      packages: z.array(z.object({ name: z.string(), version: z.string(), license: z.string() })),
    }),
    run: async () => {
      const own = await manifestAt(findPackageJSON(import.meta.url));
      const names = Object.keys({ ...own.dependencies, ...own.optionalDependencies }).toSorted();
      const packages = await Promise.all(names.map(packageOf));
      return {
        version: house.version,
        update: await updates.notice(),
        license: own.license ?? 'unknown',
        node: process.versions.node,
        system: `${platform()} ${release()} ${arch()}`,
        home: home.path,
        startedAt: house.startedAt.toISOString(),
        memory: process.memoryUsage.rss(),
        problems: house.problems().map(({ file, line, message }) => `${file}:${line}: ${message}`),
        packages: packages.flat(),
      };
    },
  });
}

/** Nothing for a package that is not installed: some are optional. */
async function packageOf(name: string): Promise<{ name: string; version: string; license: string }[]> {
  try {
    const { version = '', license = 'unknown' } = await manifestAt(findPackageJSON(name, import.meta.url));
    return [{ name, version, license }];
  } catch {
    return [];
  }
}

async function manifestAt(file: string | undefined): Promise<Manifest> {
  return JSON.parse(await readFile(file ?? '', 'utf8')) as Manifest;
}
