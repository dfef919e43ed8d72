import { Fault, fieldsOf, listOf, numberOf, ServiceError, textOf, usageOf } from 'boternity';
import type { AnswerReader, Fields, Part, StopReason, Usage } from 'boternity';

const SIGNED_OUT = /\/login|not logged in|invalid api key|authentication|oauth token/i;
/** How the program tells what the service refused: `API Error: 529 {"type":"error",…`. */
const STATUS = /^API Error: (\d{3})\b/;
const LIMITED = /(usage|rate|session|weekly) limit|limit reached|hit your limit|overloaded|\b(429|529)\b/i;

/** Gathers what the program writes, a JSON object a line. Whatever it does not know, it ignores. */
export class Answer implements AnswerReader {
  usage: Usage | undefined;
  isBegun = false;
  isFinished = false;
  #reason = '';
  #hasSpoken = false;
  /** What came whole, of programs too old to give pieces. */
  #whole = '';

  take(line: unknown): readonly Part[] {
    const { type, event, message, ...rest } = fieldsOf(line);
    this.isBegun ||= typeof type === 'string';
    if (type === 'stream_event') return this.#takeEvent(fieldsOf(event));
    if (type === 'assistant') this.#takeWhole(fieldsOf(message));
    if (type === 'system' && rest.subtype === 'api_retry') throw retried(rest);
    return type === 'result' ? this.#takeResult(rest) : [];
  }

  get stop(): StopReason {
    if (this.#reason === 'refusal') return 'refused';
    return this.#reason === 'max_tokens' || this.#reason === 'model_context_window_exceeded' ? 'length' : 'end';
  }

  calls(): [] {
    return [];
  }

  /** An event of the Messages API, as the program got it. */
  #takeEvent({ type, delta }: Fields): readonly Part[] {
    const piece = fieldsOf(delta);
    if (type === 'message_delta') this.#reason = textOf(piece.stop_reason) || this.#reason;
    if (type !== 'content_block_delta') return [];
    const text = textOf(piece.text);
    const thought = textOf(piece.thinking);
    this.#hasSpoken ||= text !== '';
    return [
      ...(thought === '' ? [] : [{ type: 'thinking', text: thought } as const]),
      ...(text === '' ? [] : [{ type: 'text', text } as const]),
    ];
  }

  #takeWhole({ content, stop_reason: reason }: Fields): void {
    this.#whole += listOf(content)
      .map((block) => textOf(fieldsOf(block).text))
      .join('');
    this.#reason = textOf(reason) || this.#reason;
  }

  #takeResult(result: Fields): readonly Part[] {
    this.isFinished = true;
    this.usage = usageIn(fieldsOf(result.usage)) ?? this.usage;
    const isError = result.is_error === true || textOf(result.subtype).startsWith('error');
    // Of an answer that was cut or refused the program makes an error of its own.
    if (isError && this.stop !== 'end') return [];
    if (isError) throw failureIn(result, this.#whole);
    this.#reason = textOf(result.stop_reason) || this.#reason;
    const late = this.#hasSpoken ? '' : textOf(result.result) || this.#whole;
    return late === '' ? [] : [{ type: 'text', text: late }];
  }
}

/** The program would ask again, for minutes; whether and whom to ask again is for the house to say. */
function retried({ error_status: status, error, retry_delay_ms: delay }: Fields): unknown {
  const ms = numberOf(delay);
  const headers = ms === undefined ? undefined : new Headers({ 'retry-after-ms': String(ms) });
  return failureOf(numberOf(status), textOf(error) || 'The program cannot reach its service', headers);
}

function failureIn(result: Fields, whole: string): unknown {
  const told = [textOf(result.result), ...listOf(result.errors).map(textOf), whole].find((text) => text !== '');
  const message = told ?? textOf(result.subtype);
  const [, status] = STATUS.exec(message) ?? [];
  return failureOf(numberOf(result.api_error_status) ?? (status === undefined ? undefined : Number(status)), message);
}

function failureOf(status: number | undefined, message: string, headers?: Headers): unknown {
  if (status === 401 || status === 403 || (status === undefined && SIGNED_OUT.test(message))) {
    return new Fault('CLAUDE_SIGNED_OUT', 'The program claude is not signed in on this machine.');
  }
  return new ServiceError(status ?? (LIMITED.test(message) ? 429 : undefined), { message }, headers);
}

function usageIn(given: Fields): Usage | undefined {
  return usageOf(
    numberOf(given.input_tokens),
    numberOf(given.output_tokens),
    numberOf(given.cache_read_input_tokens),
    numberOf(given.cache_creation_input_tokens),
  );
}
