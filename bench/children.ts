import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { end, environment, lineOf, pidOf, startNode, startPrinting, type Child } from '../plugins/bench/children.ts';

export const root = path.resolve(import.meta.dirname, '..');

/** Starts a script of this folder that prints its address first. */
export function startScript(script: string, args: readonly string[]): Promise<Child> {
  return startPrinting(path.join(root, 'bench', script), args);
}

/** Starts a script of this folder that is ready when it has printed a line, and answers every line that it is given. */
export async function startAnswering(
  script: string,
  args: readonly string[],
): Promise<AsyncDisposable & { readonly pid: number; ask(): Promise<string> }> {
  const process = startNode([path.join(root, 'bench', script), ...args], { cwd: root });
  try {
    await lineOf(process);
  } catch (error) {
    await end(process);
    throw error;
  }
  return {
    pid: pidOf(process),
    ask: () => {
      process.stdin?.write('\n');
      return lineOf(process);
    },
    [Symbol.asyncDispose]: () => end(process),
  };
}

/** Runs `node` with these arguments to its end. Gives the milliseconds it took. */
export async function timeNode(command: readonly string[], cache: string): Promise<number> {
  const began = performance.now();
  const process = startNode(command, { env: environment(cache), cwd: root });
  const [code] = (await once(process, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`node ${command.join(' ')} ended with ${code}.`);
  return performance.now() - began;
}

/** CPU time a process has used so far, user and system, all threads, in milliseconds. Counted in steps of 10. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name of the program stands in parentheses and may hold anything; fields 14 and 15 come after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
