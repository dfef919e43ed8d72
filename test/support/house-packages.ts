import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { homes, isBrowser, lazyPackages, type Import } from './house-rooms.ts';
import type { Violation } from './house-tree.ts';

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  /** Imported lazily; the product runs without them. */
  readonly optionalDependencies: Record<string, string>;
  /** The same, and their owner adds them. */
  readonly peerDependencies: Record<string, string>;
}

export async function readManifest(root: string): Promise<Manifest> {
  const text = await readFile(path.join(root, 'package.json'), 'utf8').catch(() => '{}');
  return {
    dependencies: {},
    devDependencies: {},
    optionalDependencies: {},
    peerDependencies: {},
    ...(JSON.parse(text) as Partial<Manifest>),
  };
}

/** Each npm package has one home; what is imported is declared, and what ships is imported. */
export function checkPackages(
  { dependencies, devDependencies, optionalDependencies, peerDependencies }: Manifest,
  imports: readonly Import[],
): Violation[] {
  const used = new Set<string>();
  const violations = imports.flatMap((found): Violation[] => {
    if (found.target.kind !== 'package') return [];
    const { name } = found.target;
    const at = { file: found.from, line: found.line };
    const isDeclared =
      name in dependencies ||
      name in optionalDependencies ||
      name in peerDependencies ||
      ((isWorkshop(found) || found.isTypeOnly || isLazy(found, name)) && name in devDependencies);
    const undeclared = isDeclared
      ? []
      : [{ ...at, rule: 'undeclared', message: `imports "${name}"; see package.json` }];
    if (isWorkshop(found)) return undeclared;
    used.add(name);
    const home = homes[name];
    if (home && isAtHome(home, found.fromRoom)) return undeclared;
    const where = home ? `lives in ${home.join(', ')}` : 'has no row in the table of homes';
    return [...undeclared, { ...at, rule: 'home', message: `imports "${name}", which ${where}` }];
  });
  const unused = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).filter(
    (name) => !used.has(name),
  );
  return [
    ...violations,
    ...unused.map((name) => ({ rule: 'unused', file: 'package.json', message: `"${name}" ships and is not imported` })),
  ];
}

function isWorkshop({ fromRoom }: Import): boolean {
  return fromRoom === 'workshop';
}

function isLazy({ fromRoom }: Import, name: string): boolean {
  return isBrowser(fromRoom) && lazyPackages.test(name);
}

function isAtHome(home: readonly string[], room: string): boolean {
  return home.includes(room) || (home.includes('ui') && isBrowser(room));
}
