import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { FoundHome } from '../find-home.ts';
import type { FoundPlugin } from './find.ts';
import { ownModule } from './own-module.ts';

/** Longest look into a plugin, in milliseconds. */
const PATIENCE_MS = 15_000;
/** The most that a plugin may print while it is looked into, in bytes. */
const MOST_PRINTED = 1_000_000;
/** Before the one line that counts: a plugin may print what it likes. */
export const MARK = 'boternity-inspected:';

const inspectedSchema = z.union([
  z.object({
    name: z.string(),
    needs: z.array(z.string()),
    provides: z.array(z.string()),
    hasConfig: z.boolean(),
  }),
  z.object({ error: z.string(), file: z.string().optional(), line: z.number().optional() }),
]);

/** What a plugin is, or what is wrong with its code. */
export type Inspected = z.output<typeof inspectedSchema>;

/** What is handed to the process. */
export interface ToInspect {
  readonly entry: string;
  readonly places: readonly string[];
}

/** Imports a plugin in a process that may read files and neither write, nor start programs, nor see what this process was given. */
export async function inspectPlugin(plugin: FoundPlugin, home: FoundHome): Promise<Inspected> {
  const folder = plugin.origin === 'package' ? plugin.place : home.path;
  const given: ToInspect = { entry: plugin.entry ?? plugin.place, places: [`${folder}${path.sep}`] };
  const words = ['--permission', '--allow-fs-read=*', '--disable-warning=SecurityWarning', '--no-warnings'];
  const { PATH, HOME, TMPDIR } = process.env;
  const env = Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined));
  const { promise, resolve } = Promise.withResolvers<string>();
  const child = execFile(
    process.execPath,
    [...words, fileURLToPath(ownModule('inspect-child')), JSON.stringify(given)],
    { env, timeout: PATIENCE_MS, killSignal: 'SIGKILL', maxBuffer: MOST_PRINTED },
    (_error, stdout) => resolve(stdout),
  );
  child.stdin?.end();
  const line = (await promise).split('\n').findLast((each) => each.startsWith(MARK));
  try {
    return inspectedSchema.parse(JSON.parse(line?.slice(MARK.length) ?? ''));
  } catch {
    return { error: `its import did not end within ${PATIENCE_MS / 1000} seconds, or ended the process` };
  }
}
