import { Fault } from './fault.ts';
import type { FaultCode } from './fault-table.ts';
import type { Around } from '../kernel/wiring.ts';
import type { Scope } from '../kernel/scope.ts';

type Callable = (...input: never[]) => unknown;

/** What of a plugin others call: its actions, the same as tools of bots, its routes, its layers around operations. */
export type Called = 'actions' | 'tools' | 'routes' | 'layers';

/** Calls of one kind since the start of their owner. */
export interface Count {
  calls: number;
  /** Calls that met an error nobody meant: a refusal (a fault) is none. */
  errors: number;
  /** Total time until they had their answer, in milliseconds; what they waited for is in it. */
  ms: number;
}

/** The last error that was nobody's meaning. */
export interface Failure {
  readonly what: string;
  readonly error: Error;
  readonly at: Date;
}

const ofTheMachine = new Set<FaultCode>(['DISK_FULL', 'DISK_READ_ONLY', 'DISK_FAILED', 'FILES_EXHAUSTED']);

const meters = new WeakMap<Scope, Meter>();

/** The meter of a scope: it goes with it. */
export function meterOf(scope: Scope): Meter {
  const known = meters.get(scope) ?? new Meter();
  meters.set(scope, known);
  return known;
}

/** A layer that is counted for the scope that brought it. */
export const measured: Around = (scope, operation, layer) => {
  const meter = meterOf(scope);
  const own = layer as unknown as (next: Callable, ...input: never[]) => unknown;
  return (next, ...input) => meter.timeLayer(operation, own, next, input);
};

/** Counts what the functions of one scope cost when others call them. A call costs two readings of the clock. */
export class Meter {
  readonly counts: Readonly<Record<Called, Count>> = {
    actions: { calls: 0, errors: 0, ms: 0 },
    tools: { calls: 0, errors: 0, ms: 0 },
    routes: { calls: 0, errors: 0, ms: 0 },
    layers: { calls: 0, errors: 0, ms: 0 },
  };
  failure: Failure | undefined;

  get errors(): number {
    return Object.values(this.counts).reduce((sum, { errors }) => sum + errors, 0);
  }

  /** Runs a function and counts it under a kind; gives what the function gives. `what` names it where it fails. */
  time<T>(kind: Called, what: string, run: () => T): T {
    const began = performance.now();
    const count = this.counts[kind];
    count.calls += 1;
    const end = (): void => void (count.ms += performance.now() - began);
    return settled(run, end, (error) => this.#fail(count, what, error));
  }

  /** The same for a layer: what lies further in is neither its time nor its error. */
  timeLayer<Input extends unknown[], T>(
    what: string,
    layer: (next: (...input: Input) => T, ...input: Input) => T,
    next: (...input: Input) => T,
    input: Input,
  ): T {
    const began = performance.now();
    const count = this.counts.layers;
    count.calls += 1;
    let inside = 0;
    let thrown: unknown[] | undefined;
    const inner = (...given: Input): T => {
      const entered = performance.now();
      const leave = (): void => void (inside += performance.now() - entered);
      return settled(
        () => next(...given),
        leave,
        (error) => (thrown ??= []).push(error),
      );
    };
    return settled(
      () => layer(inner, ...input),
      () => void (count.ms += Math.max(0, performance.now() - began - inside)),
      (error) => thrown?.includes(error) || this.#fail(count, what, error),
    );
  }

  #fail(count: Count, what: string, error: unknown): void {
    if (isMeant(error)) return;
    count.errors += 1;
    this.failure = { what, error: error instanceof Error ? error : new Error(String(error)), at: new Date() };
  }
}

/** Runs a function, tells its end, and its error where it has one; what it gives or throws passes unchanged. */
function settled<T>(run: () => T, end: () => void, fail: (error: unknown) => unknown): T {
  try {
    const result = run();
    if (!(result instanceof Promise)) {
      end();
      return result;
    }
    result.then(end, (error: unknown) => {
      end();
      fail(error);
    });
    return result;
  } catch (error) {
    end();
    fail(error);
    throw error;
  }
}

/** A fault is an answer, who leaves is no error, and what the machine lacks is no plugin's. */
function isMeant(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    Fault.is(error) || ['AbortError', 'KernelError'].includes(error.name) || ofTheMachine.has(Fault.from(error).code)
  );
}
