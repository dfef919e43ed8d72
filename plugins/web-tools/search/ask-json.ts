import { Fault, redactor, type z } from 'boternity';

/** Longest answer of a search engine that is read, in bytes. */
const MOST_BYTES = 2_000_000;
const QUOTE_LENGTH = 200;

export interface AskOptions<Answer> {
  /** What the answer must look like. */
  readonly answer: z.ZodType<Answer>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON by POST; without it the request is a GET. */
  readonly body?: unknown;
  /** What a status means here, where the service has its own view of it. */
  readonly meaning?: Readonly<Record<number, string>>;
}

/** What a search engine answers. Redirects are not followed, so that a key goes nowhere else. */
export async function askJson<Answer>(title: string, url: URL, options: AskOptions<Answer>): Promise<Answer> {
  const { timeoutMs, signal, headers, body } = options;
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
      headers: {
        accept: 'application/json',
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await readText(response, title);
    if (!response.ok) throw statusFault(title, response, text, options.meaning?.[response.status]);
    const read = options.answer.safeParse(JSON.parse(text));
    if (read.success) return read.data;
    throw failure(`${title} answered JSON of an unknown form. Check its address.`);
  } catch (cause) {
    if (Fault.is(cause)) throw cause;
    if (signal.aborted) throw new Fault('INTERRUPTED', 'The search was stopped.', { cause });
    if (late.aborted) throw failure(`${title} did not answer within ${timeoutMs / 1000} s.`, cause);
    if (cause instanceof SyntaxError) throw failure(`${title} answered something that is not JSON.`, cause);
    throw failure(`${title} cannot be reached at ${url.host}.`, cause);
  }
}

async function readText(response: Response, title: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.length;
    if (size > MOST_BYTES) throw failure(`${title} answered more than ${MOST_BYTES} bytes.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function statusFault(title: string, { status, headers }: Response, text: string, meaning: string | undefined): Fault {
  if (meaning !== undefined) return failure(`${title}: ${meaning} (${status}).`);
  if (status === 429) {
    const retryAfterSeconds = Number(headers.get('retry-after')) || undefined;
    return new Fault('WEB_RATE_LIMITED', `${title} limits the rate of searches, or the plan is used up (429).`, {
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    });
  }
  const quote = redactor.text(text).replaceAll(/\s+/g, ' ').trim().slice(0, QUOTE_LENGTH);
  return failure(`${title} answered ${status}${quote === '' ? '' : `: “${quote}”`}.`);
}

function failure(message: string, cause?: unknown): Fault {
  return new Fault('SEARCH_FAILED', message, { cause });
}

/** A path below the address of a service, which may have a path of its own. */
export function below(address: string, path: string): URL {
  return new URL(path, address.endsWith('/') ? address : `${address}/`);
}
