import { Fault } from '../../base/fault.ts';
import type { ModelFailure } from '../model.ts';
import { hostOf, serviceOf, withoutSecrets, type ProviderAccess, type Service } from './service.ts';
import { fieldsOf, listOf, numberOf, textOf, type Fields } from './unknown.ts';

type Kind = ModelFailure['kind'];

const CONTEXT_WORDS =
  /context.?(length|window|size)|maximum context|prompt is too long|input is too long|too many (input )?tokens|reduce the length|exceeds? (the )?max(imum)? (length|context)|token count.*exceeds/i;
const OVERLOAD_WORDS = /overload|rate.?limit|too many requests|throttl|capacity|unavailable|resource_exhausted|quota/i;
const AUTH_WORDS = /authentication_error|permission_error|billing_error/;
const KEY_WORDS =
  /api.?key (not|is not|is in) ?valid|invalid api.?key|API_KEY_INVALID|unauthenticated|permission_denied/i;
const TIMEOUT_WORDS = /timeout_error|timed out/i;
const INVALID_WORDS = /invalid_(request|prompt|image)|not_found_error|validationException/i;
const BAD_HEADER_WORDS = /invalid header value|ByteString/;

/** Longest part of a service's own words that is repeated, in characters. */
const QUOTE_LENGTH = 300;

/** A failure of our own finding. */
export function failureOf(kind: Kind, message: string): ModelFailure {
  return { code: 'MODEL_FAILED', kind, message };
}

/** The service kept silent for so long that the call was ended. */
export function silence(service: Service, silentMs: number): ModelFailure {
  const seconds = Math.round(silentMs / 100) / 10;
  return failureOf('timeout', `${service.provider} sent nothing for ${seconds} s. Try again, or choose another model.`);
}

/** The connection ended before the answer did. */
export function brokenOff(service: Service): ModelFailure {
  return failureOf('connection', `The answer broke off: ${service.provider} closed the connection. Try again.`);
}

/** What came is not the protocol. */
export function garbage(service: Service, hasBegun: boolean): ModelFailure {
  const what = hasBegun
    ? `The answer broke off: ${service.provider} sent something unreadable.`
    : `What answers at ${hostOf(service)} is no model service as ${service.provider} should be.`;
  return failureOf('garbage', `${what} ${hasBegun ? 'Try again.' : `Check the address of ${service.provider}.`}`);
}

/** What the SDK or the connection threw, as a failure. Nothing of it that could hold the key is repeated. */
export function failureFrom(service: Service, thrown: unknown, hasBegun: boolean): ModelFailure {
  if (Fault.is(thrown)) return failureOf('auth', `${thrown.message} ${thrown.hint.replace(/\.?$/, '.')}`);
  if (thrown instanceof SyntaxError) return garbage(service, hasBegun);
  const error = fieldsOf(thrown);
  if (BAD_HEADER_WORDS.test(textOf(error.message))) {
    return failureOf('auth', `The key of ${service.provider} holds characters that no key has. Enter it again.`);
  }
  const inner = innermost(error.error);
  const body = fieldsOf(inner);
  const status = numberOf(error.status) ?? statusIn(body);
  if (status !== undefined || error.error !== undefined) {
    return refusal(service, status, body, textOf(inner) || wordsIn(body), error.headers);
  }
  return hasBegun ? brokenOff(service) : unreached(service, systemCode(thrown));
}

/** The same as a fault, for what is no answer: lists of models, vectors. */
export function faultOf(access: ProviderAccess, key: string | undefined, thrown: unknown): Fault {
  if (Fault.is(thrown)) return thrown;
  const failure = failureFrom(serviceOf(access, '', key), thrown, false);
  return new Fault(failure.code, failure.message, { cause: failure });
}

/** The failure of a service that a fault tells of; undefined for faults of other sorts. */
export function failureBehind(thrown: unknown): ModelFailure | undefined {
  const { cause } = Fault.is(thrown) ? thrown : {};
  const isFailure = textOf(fieldsOf(cause).code) === 'MODEL_FAILED' && textOf(fieldsOf(cause).kind) !== '';
  return isFailure ? (cause as ModelFailure) : undefined;
}

/** Some services wrap what is wrong once more into `error`. */
function innermost(error: unknown): unknown {
  return fieldsOf(error).error ?? error;
}

/** What a service says is wrong, under the names that are in use for it. */
function wordsIn(body: Fields): string {
  const { message, detail } = body;
  return textOf(message) || textOf(detail) || (typeof detail === 'object' ? JSON.stringify(detail) : '');
}

function refusal(
  service: Service,
  status: number | undefined,
  body: Fields,
  words: string,
  headers: unknown,
): ModelFailure {
  const kind = kindOf(status, `${textOf(body.code)} ${textOf(body.type)} ${textOf(body.status)} ${words}`);
  const [what, advice] = sentences[kind];
  const code = status === undefined ? '' : ` (${status})`;
  const quote = kind === 'auth' || words === '' ? '' : `: “${quoted(service, words)}”`;
  const failure = failureOf(kind, `${service.provider} ${what}${code}${quote}. ${advice}`);
  const retryAfterMs = kind === 'overload' ? (retryAfter(headers) ?? retryDelay(body)) : undefined;
  return retryAfterMs === undefined ? failure : { ...failure, retryAfterMs };
}

/** What happened and what to do, by kind. */
const sentences: Readonly<Record<Kind, readonly [what: string, advice: string]>> = {
  overload: ['is overloaded or limits the rate', 'Try again later.'],
  auth: ['refuses the key or the account', 'Check the key, the credit and what the account may use.'],
  context: [
    'finds the conversation too long for the model',
    'Start a new one, or choose a model with a larger window.',
  ],
  invalid: ['does not accept the request', 'Check model and address.'],
  timeout: ['gave up waiting for the model', 'Try again.'],
  server: ['has an error of its own', 'Try again.'],
  connection: ['cannot be reached', 'Try again.'],
  garbage: ['sent something unreadable', 'Try again.'],
  limit: ['has reached a limit', 'Try again later.'],
};

function kindOf(status: number | undefined, words: string): Kind {
  if (status === 429 || status === 503 || status === 529) return 'overload';
  if (status === 401 || status === 402 || status === 403) return 'auth';
  if ((status === undefined || status === 400) && KEY_WORDS.test(words)) return 'auth';
  if (status === 413 || CONTEXT_WORDS.test(words)) return 'context';
  if (status === 408 || status === 504) return 'timeout';
  if (status !== undefined) return status < 500 ? 'invalid' : 'server';
  // Inside a stream only words tell.
  if (AUTH_WORDS.test(words)) return 'auth';
  if (OVERLOAD_WORDS.test(words)) return 'overload';
  if (TIMEOUT_WORDS.test(words)) return 'timeout';
  return INVALID_WORDS.test(words) ? 'invalid' : 'server';
}

/** Inside a stream there is no status; some services put it into the error's code. */
function statusIn(body: Fields): number | undefined {
  const code = numberOf(body.code) ?? numberOf(body.status_code);
  return code !== undefined && code >= 400 && code < 600 ? code : undefined;
}

function quoted(service: Service, words: string): string {
  const line = withoutSecrets(service, words).replaceAll(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line.length > QUOTE_LENGTH ? `${line.slice(0, QUOTE_LENGTH)}…` : line;
}

/** `retry-after` in seconds or as a date, or the finer `retry-after-ms`. */
function retryAfter(headers: unknown): number | undefined {
  if (!(headers instanceof Headers)) return undefined;
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (ms >= 0) return ms;
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const wait = Number(text) >= 0 ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, Math.round(wait)) : undefined;
}

/** Seconds among the details of the error, as Google sends them: `{"@type": "…RetryInfo", "retryDelay": "34.07s"}`. */
function retryDelay(body: Fields): number | undefined {
  const told = listOf(body.details).map((detail) => textOf(fieldsOf(detail).retryDelay));
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(told.find((delay) => delay !== '') ?? '') ?? [];
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1000);
}

function unreached(service: Service, code: string): ModelFailure {
  const { provider } = service;
  const host = hostOf(service);
  if (code === 'ERR_INVALID_URL' || code === 'ERR_INVALID_PROTOCOL') {
    return failureOf('invalid', `The address of ${provider} is no http or https URL. Correct it.`);
  }
  if (code === 'ECONNREFUSED') {
    return failureOf('connection', `${provider} does not answer at ${host}. Start it, or check its address.`);
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return failureOf('connection', `The name ${host} of ${provider} was not found. Check address and network.`);
  }
  const why = code === '' ? '' : ` (${code})`;
  return failureOf('connection', `The connection to ${provider} at ${host} failed${why}. Try again.`);
}

/** The system's code, from the error or from what caused it. */
function systemCode(thrown: unknown): string {
  const error = fieldsOf(thrown);
  const code = textOf(error.code);
  return code !== '' || error.cause === undefined ? code : systemCode(error.cause);
}
