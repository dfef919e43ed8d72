import { existsSync } from 'node:fs';

/** A module beside this one that a process of its own runs: TypeScript in a clone, JavaScript in a published package. */
export function ownModule(name: 'inspect-child' | 'test-loader'): URL {
  const source = new URL(`${name}.ts`, import.meta.url);
  return existsSync(source) ? source : new URL(`${name}.js`, import.meta.url);
}
