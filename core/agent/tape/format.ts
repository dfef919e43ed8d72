import { z } from 'zod';
import { Fault } from '../../base/fault.ts';

/** Version of the form of a tape. One of another version has to be recorded anew. */
const VERSION = 1;

const lines = z.strictObject({
  kind: z.literal('text'),
  lines: z.array(z.string()).describe('With line breaks between'),
});
const frames = z.strictObject({
  kind: z.literal('frames'),
  frames: z.array(z.strictObject({ headers: z.base64(), payload: z.string() })),
  rest: z.base64().describe('Bytes behind the last whole frame'),
});
const bytes = z.strictObject({ kind: z.literal('bytes'), bytes: z.base64() });

const bodySchema = z.discriminatedUnion('kind', [lines, frames, bytes]);

const exchangeSchema = z.strictObject({
  provider: z.string(),
  request: z.strictObject({
    method: z.string(),
    path: z.string().startsWith('/'),
    hash: z.string().optional().describe('Of the body without what varies; made from the body when absent'),
    body: z.unknown().describe('JSON, or a text that is none'),
  }),
  answer: z
    .strictObject({
      status: z.number().int().min(100).max(599),
      headers: z.record(z.string(), z.string()),
      body: bodySchema,
      isCut: z.literal(true).optional().describe('The connection broke off behind it'),
    })
    .nullable()
    .describe('Null where the connection broke off before any'),
});

const tapeSchema = z.strictObject({
  version: z.literal(VERSION),
  made: z.string(),
  providers: z.record(
    z.string(),
    z.strictObject({ type: z.string(), path: z.string().describe('Of its address, without the host') }),
  ),
  exchanges: z.array(exchangeSchema),
});

/** What a service said, in a form that people can read where there is one. */
export type TapeBody = z.output<typeof bodySchema>;
/** One request and its answer. */
export type Exchange = z.output<typeof exchangeSchema>;
/** Exchanges with services of models as they were, in the order in which they were asked; no key and no name of anybody in it. */
export type Tape = z.output<typeof tapeSchema>;

/** The providers of a tape, by name. */
export type TapeProviders = Tape['providers'];

/** A tape of exchanges that were made now. */
export function tapeOf(providers: TapeProviders, exchanges: readonly Exchange[]): Tape {
  const used = new Set(exchanges.map(({ provider }) => provider));
  return {
    version: VERSION,
    made: new Date().toISOString(),
    providers: Object.fromEntries(Object.entries(providers).filter(([name]) => used.has(name))),
    exchanges: [...exchanges],
  };
}

export function writeTape(tape: Tape): string {
  return `${JSON.stringify(tape, null, 1)}\n`;
}

/** The tape in a text. Throws TAPE_INVALID, which says what is wrong; `name` is what the text is called. */
export function readTape(text: string, name = 'The tape'): Tape {
  const value = parsed(text, name);
  const { version } = (value ?? {}) as { version?: unknown };
  if (typeof version === 'number' && version !== VERSION)
    throw new Fault('TAPE_INVALID', `${name} has version ${version}; this program plays version ${VERSION}.`);
  const { data, error } = tapeSchema.safeParse(value);
  if (data) return data;
  throw new Fault('TAPE_INVALID', `${name} is no tape.`, {
    details: error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })),
  });
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Fault('TAPE_INVALID', `${name} is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
}
