/** One row per error code. Codes are permanent: clients and scripts branch on them. */
export interface FaultRow {
  /** HTTP status. */
  readonly status: number;
  /** Exit code of the command line: 1 fault, 2 usage, 3 not found, 4 not allowed, 5 invalid, 130 interrupted. */
  readonly exit: number;
  /** JSON-RPC 2.0 code, for the protocols that speak it. */
  readonly rpc: number;
  readonly title: string;
  /** What to do about it, when the throwing place does not know better. */
  readonly hint: string;
}

export const row = (status: number, exit: number, rpc: number, title: string, hint: string): FaultRow => ({
  status,
  exit,
  rpc,
  title,
  hint,
});
export const INVALID = -32602;
export const MISSING = -32002;
export const DENIED = -32003;
export const FAILED = -32000;
