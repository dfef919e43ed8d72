import path from 'node:path';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { Fault } from '../../base/fault.ts';
import type { ModuleLoader } from '../../kernel/modules.ts';
import type { AnyPlugin, Plugin } from '../../kernel/plugin.ts';
import { describeImportError } from '../import-error.ts';
import type { FoundPlugin } from './find.ts';

/** Longest import of a module, in milliseconds; one that waits for something may never end. */
const IMPORT_MS = 5_000;

export interface ImportedPlugin {
  readonly plugin: AnyPlugin;
  /** What its import took, in milliseconds. */
  readonly ms: number;
}

/** Imports what is the default export of a module. Throws PLUGIN_INVALID or PLUGIN_TIMEOUT with the file, and the line where it is known. */
export async function importPlugin(
  file: string,
  loader: Pick<ModuleLoader, 'import'>,
  patienceMs = IMPORT_MS,
): Promise<ImportedPlugin> {
  const began = performance.now();
  const { default: found } = await withinTime(file, loader, patienceMs);
  if (typeof found !== 'function' || !('plugin' in found)) {
    throw new Fault('PLUGIN_INVALID', `${file}:1: it has no default export made by definePlugin.`);
  }
  const { plugin } = found as Plugin<StandardSchemaV1>;
  for (const field of ['needs', 'provides'] as const) {
    if (!isNames(plugin[field]))
      throw new Fault('PLUGIN_INVALID', `${file}:1: ${field} is no list of names of services.`);
  }
  return { plugin, ms: performance.now() - began };
}

/** Who writes JavaScript is told by no compiler. */
function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '');
}

/** Imports a plugin of somebody else and holds it to its name and its manifest. */
export async function importFound(
  found: FoundPlugin,
  loader: Pick<ModuleLoader, 'import' | 'serve'>,
  patienceMs?: number,
): Promise<ImportedPlugin> {
  const [first] = found.problems;
  if (first) throw new Fault('PLUGIN_INVALID', `${first.file}:${first.line}: ${first.message}.`);
  const { entry = found.place } = found;
  if (found.origin === 'package') loader.serve(`${found.place}${path.sep}`);
  const imported = await importPlugin(entry, loader, patienceMs);
  const { name } = imported.plugin;
  if (name !== found.name) {
    throw new Fault(
      'PLUGIN_INVALID',
      `${entry}:1: definePlugin calls it "${name}"; here it must be called "${found.name}".`,
    );
  }
  const [undeclared] = undeclaredOf(found, imported.plugin);
  if (undeclared === undefined) return imported;
  throw new Fault(
    'PLUGIN_INVALID',
    `${entry}:1: "${name}" needs the service "${undeclared}", which its manifest does not ask for.`,
    {
      hint: `Its author adds "service:${undeclared}" to boternity.capabilities in its package.json; then it asks again.`,
    },
  );
}

/** Services that a plugin needs and its manifest does not name. */
function undeclaredOf({ manifest }: FoundPlugin, { needs }: AnyPlugin): string[] {
  return manifest ? needs.filter((need) => !manifest.capabilities.includes(`service:${need}`)) : [];
}

async function withinTime(
  file: string,
  loader: Pick<ModuleLoader, 'import'>,
  patienceMs: number,
): Promise<Record<string, unknown>> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const give = (): void =>
    reject(new Fault('PLUGIN_TIMEOUT', `${file}: its import did not end within ${patienceMs} ms.`));
  const timer = setTimeout(give, patienceMs);
  const importing = loader.import(file);
  // It may fail after it was given up.
  importing.catch(() => undefined);
  try {
    return await Promise.race([importing, late]);
  } catch (error) {
    if (Fault.is(error)) throw error;
    throw new Fault('PLUGIN_INVALID', `${file} cannot be loaded: ${describeImportError(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
