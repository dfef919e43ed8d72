import { Fault, isFaultCode, type FaultCode } from 'boternity';

/** A refusal in the form that clients of the protocol read. */
export interface ApiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

const codes: Partial<Record<FaultCode, string>> = {
  CALLER_UNKNOWN: 'invalid_api_key',
  BOT_MISSING: 'model_not_found',
  MODEL_MISSING: 'model_not_found',
  NODE_MISSING: 'previous_response_not_found',
  CONVERSATION_MISSING: 'conversation_not_found',
  ATTEMPTS_TOO_MANY: 'rate_limit_exceeded',
  REQUESTS_TOO_MANY: 'rate_limit_exceeded',
};

/** A fault as status and body of an answer. */
export function errorOf(fault: Fault): { readonly status: number; readonly body: ApiError } {
  const status = statusOf(fault);
  const [detail] = fault.details;
  const param = detail?.path ?? null;
  // A hint of the house names its own commands; what a client sent wrong says itself what to do.
  const message = fault.code === 'INPUT_INVALID' ? fault.message : `${fault.message} ${fault.hint}`.trim();
  const code = codes[fault.code] ?? fault.code.toLowerCase();
  return { status, body: { error: { message, type: typeOf(status), param, code } } };
}

/** Why an answer failed, as its run tells it: sentences that say what to do already. */
export function faultOf({ code, message }: { readonly code: string; readonly message: string }): Fault {
  return new Fault(isFaultCode(code) ? code : 'INTERNAL', message, { hint: '' });
}

/** A field that is wrong or that cannot be honoured. */
export function refused(path: string, message: string): Fault {
  return new Fault('INPUT_INVALID', `${path}: ${message}`, { hint: '', details: [{ path, message }] });
}

function statusOf({ code, row: { status } }: Fault): number {
  if (code === 'MODEL_MISSING') return 404;
  if ([401, 403, 404, 429].includes(status)) return status;
  return status < 499 ? 400 : 500;
}

function typeOf(status: number): string {
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}
