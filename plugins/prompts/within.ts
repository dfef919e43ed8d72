import { createContext, Script, type Context } from 'node:vm';

interface Sandbox {
  work?: () => unknown;
}

const sandbox: Sandbox = {};
const script = new Script('work()');
let context: Context | undefined;

/** Runs work that never waits, and ends it wherever it is when it takes longer: then this throws ERR_SCRIPT_EXECUTION_TIMEOUT. */
export function within<T>(ms: number, work: () => T): T {
  context ??= createContext(sandbox);
  sandbox.work = work;
  try {
    return script.runInContext(context, { timeout: ms }) as T;
  } finally {
    delete sandbox.work;
  }
}

export function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
