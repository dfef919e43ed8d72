import { Fault, type FaultCode } from 'boternity';

/** Why a retrieval failed, as the contract of safe retrieval names it, and the fault it becomes. */
const faults = {
  invalid_url: 'WEB_ADDRESS_INVALID',
  unsupported_scheme: 'WEB_ADDRESS_INVALID',
  unsupported_method: 'WEB_ADDRESS_INVALID',
  userinfo_not_allowed: 'WEB_ADDRESS_INVALID',
  port_not_allowed: 'WEB_REFUSED',
  destination_blocked: 'WEB_REFUSED',
  redirect_blocked: 'WEB_REFUSED',
  suspected_secret_in_url: 'WEB_REFUSED',
  redirect_limit_exceeded: 'WEB_UNREACHABLE',
  dns_failed: 'WEB_UNREACHABLE',
  tls_error: 'WEB_UNREACHABLE',
  connection_failed: 'WEB_UNREACHABLE',
  connection_timeout: 'WEB_TIMEOUT',
  read_timeout: 'WEB_TIMEOUT',
  response_too_large: 'WEB_UNREADABLE',
  unsupported_content_type: 'WEB_UNREADABLE',
  decode_error: 'WEB_UNREADABLE',
  extract_failed: 'WEB_UNREADABLE',
  rate_limited: 'WEB_RATE_LIMITED',
} as const satisfies Record<string, FaultCode>;

export type ErrorCode = keyof typeof faults;

const FIELD = 'error_code';

/** A failure of a retrieval. Its fault says what to do, the detail `error_code` which of the contract's failures it is. */
export function refusal(
  code: ErrorCode,
  message: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): Fault {
  return new Fault(faults[code], message, { ...options, details: [{ path: FIELD, message: code }] });
}

/** The contract's name of a failure; undefined for one that is none of this plugin's. */
export function errorCodeOf(thrown: unknown): string | undefined {
  return Fault.is(thrown) ? thrown.details.find(({ path }) => path === FIELD)?.message : undefined;
}
