import { timestamp, systemClock } from './clock.ts';
import { redactor } from './redact.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';
export type Fields = Record<string, unknown>;

/** Structured log. Fields hold ids and numbers, never bodies of messages; secrets that are known are taken out. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** The same log with fields that stand on every line. */
  with(fields: Fields): Log;
}

const rank: Record<Level, number> = { debug: 10, info: 20, warn: 30, error: 40 };

/** Writes one JSON object per line: `time`, `level`, `message`, then the fields. An `error` field is written with name, message, code and stack. */
export function createLog(write: (line: string) => void, level: Level = 'info', base: Fields = {}): Log {
  const at =
    (own: Level) =>
    (message: string, fields: Fields = {}): void => {
      if (rank[own] < rank[level]) return;
      const line = { time: timestamp(systemClock), level: own, message, ...base, ...fields };
      write(`${redactor.json(line, showErrors)}\n`);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => createLog(write, level, { ...base, ...fields }),
  };
}

function showErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, ...('code' in value && { code: value.code }), stack, ...(cause !== undefined && { cause }) };
}
