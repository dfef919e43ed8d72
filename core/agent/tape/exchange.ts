import type { WireAnswer, WireRequest } from '../provider/overhear.ts';
import { recordBody } from './body.ts';
import type { Exchange } from './format.ts';
import { hashOf, normalOf } from './normal.ts';
import type { Scrubber } from './scrub.ts';

/** Headers of an answer that are kept; all others may tell whose account it is. */
const KEPT = ['content-type', 'retry-after', 'retry-after-ms'];
/** Parameters of an address that are kept with their values. */
const KEPT_PARAMETERS = new Set(['alt', 'api-version', 'beta', 'limit', 'page_size', 'pageSize']);
const SECRET_HEADER = /auth|key|token|secret|cookie|credential/i;
const ACCOUNT_HEADER = /account|organi[sz]ation|project|user|customer|tenant|workspace/i;

/** What went over the wire as it stands on a tape. Undefined when it is too much to be searched for keys. */
export async function recordExchange(
  provider: string,
  request: WireRequest,
  answer: WireAnswer | undefined,
  scrubber: Scrubber,
): Promise<Exchange | undefined> {
  learnFrom(request, answer, scrubber);
  const asked = await recordRequest(request.method, request.url, request.body, scrubber);
  if (!asked) return undefined;
  if (!answer) return { provider, request: asked, answer: null };
  const body = await recordBody(answer.body, String(answer.headers['content-type']), scrubber);
  if (!body) return undefined;
  const headers = KEPT.flatMap((name): [string, string][] => {
    const value = answer.headers[name];
    return value === undefined ? [] : [[name, scrubber.text(String(value))]];
  });
  const { status, isWhole } = answer;
  return {
    provider,
    request: asked,
    answer: { status, headers: Object.fromEntries(headers), body, ...(!isWhole && { isCut: true }) },
  };
}

/** A request as it stands on a tape. The same for one that is played against it. */
export async function recordRequest(
  method: string,
  url: URL,
  body: string,
  scrubber: Scrubber,
): Promise<(Exchange['request'] & { readonly hash: string }) | undefined> {
  if (!(await scrubber.study(body))) return undefined;
  const clean = scrubber.value(jsonOr(body));
  return { method, path: pathOf(url, scrubber), hash: hashOf(normalOf(clean)), body: clean };
}

function learnFrom({ url, headers }: WireRequest, answer: WireAnswer | undefined, scrubber: Scrubber): void {
  for (const [name, value] of Object.entries(headers)) if (SECRET_HEADER.test(name)) learnSecret(value, scrubber);
  for (const [name, value] of url.searchParams) if (!KEPT_PARAMETERS.has(name)) scrubber.learn(value);
  for (const [name, value = ''] of Object.entries(answer?.headers ?? {})) {
    if (name === 'set-cookie') learnSecret(String(value), scrubber);
    else if (ACCOUNT_HEADER.test(name)) scrubber.learn(String(value), 'account');
  }
}

/** `Bearer …`, `AWS4-HMAC-SHA256 Credential=…, Signature=…`, `name=value; name=value`. */
function learnSecret(value: string, scrubber: Scrubber): void {
  scrubber.learn(value);
  for (const part of value.split(/[\s,;]+/)) {
    const [, name = '', given = ''] = /^([\w-]+)=(.+)$/.exec(part) ?? ['', '', part];
    if (
      name === 'SignedHeaders' ||
      /^(Bearer|Basic|AWS4-HMAC-SHA256|path|expires|HttpOnly|Secure)$/i.test(given || part)
    )
      continue;
    scrubber.learn(name === 'Credential' ? (given.split('/')[0] ?? '') : given);
  }
}

function pathOf(url: URL, scrubber: Scrubber): string {
  const parameters = new URLSearchParams(
    [...url.searchParams].map(([name, value]) => [name, KEPT_PARAMETERS.has(name) ? value : '[secret]']),
  );
  const query = parameters.size > 0 ? `?${decodeURIComponent(parameters.toString())}` : '';
  return scrubber.text(url.pathname + query);
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
