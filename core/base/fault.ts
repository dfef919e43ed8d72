import { faultTable, type FaultCode, type FaultRow } from './fault-table.ts';

const brand = Symbol.for('boternity.fault');

/** One thing that is wrong in an input or a file. `path` is dotted for inputs, a file path for files. */
export interface Detail {
  readonly path: string;
  readonly message: string;
}

export interface FaultOptions {
  /** What to do; the table's hint when absent. */
  readonly hint?: string;
  readonly details?: readonly Detail[];
  /** After how long it is worth trying again. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * The one error class that crosses a door. `message` says what happened and why, `hint` what to do; neither holds a secret.
 * Branded across copies of the package: ask `Fault.is`, never `instanceof`.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly [brand] = true;
  readonly code: FaultCode;
  readonly hint: string;
  readonly details: readonly Detail[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? faultTable[code].hint;
    this.details = options.details ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** Status, exit code, title and hint of the code. */
  get row(): FaultRow {
    return faultTable[this.code];
  }

  static is(value: unknown): value is Fault {
    return typeof value === 'object' && value !== null && brand in value;
  }

  /** Turns anything thrown into a fault. The kernel's and the system's own errors keep their meaning; the rest is INTERNAL. */
  static from(thrown: unknown): Fault {
    if (Fault.is(thrown)) return thrown;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    if (error.name === 'KernelError' && isFaultCode(code)) return new Fault(code, error.message, { cause: error });
    const system = systemFaults[code];
    if (system) return new Fault(system, describeSystemError(error), { cause: error });
    return new Fault('INTERNAL', 'The server met an error that it did not expect.', { cause: error });
  }
}

const systemFaults: Record<string, FaultCode> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EROFS: 'DISK_READ_ONLY',
  EACCES: 'DISK_READ_ONLY',
  EPERM: 'DISK_READ_ONLY',
  EMFILE: 'FILES_EXHAUSTED',
  ENFILE: 'FILES_EXHAUSTED',
  EIO: 'DISK_FAILED',
  EUCLEAN: 'DISK_FAILED',
  ENODEV: 'DISK_FAILED',
  ENXIO: 'DISK_FAILED',
  ESTALE: 'DISK_FAILED',
  EFBIG: 'DISK_FULL',
  ERR_FS_FILE_TOO_LARGE: 'FILE_INVALID',
  EISDIR: 'FILE_INVALID',
  ENOTEMPTY: 'FILE_INVALID',
  ENOTDIR: 'FILE_MISSING',
  ENAMETOOLONG: 'PATH_REFUSED',
  ELOOP: 'PATH_REFUSED',
  EADDRINUSE: 'PORT_TAKEN',
  ENOENT: 'FILE_MISSING',
};

export function isFaultCode(code: string): code is FaultCode {
  return Object.hasOwn(faultTable, code);
}

function describeSystemError(error: Error): string {
  const path = 'path' in error && typeof error.path === 'string' ? ` (${error.path})` : '';
  return `${error.message.split(',')[0]}${path}.`;
}
