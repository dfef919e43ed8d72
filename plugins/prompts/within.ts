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
  // Made in another context, and perhaps wrapped by the engine: neither its class nor its code can be relied on.
  return /script execution timed out/i.test(String((error as Error | undefined)?.message));
}
