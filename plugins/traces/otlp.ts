import { redactor, type Log } from 'boternity';
import type { AttributeValue, Span } from './span.ts';

/** Spans that wait are sent together after so many milliseconds, or when there are so many. */
const PAUSE_MS = 2_000;
const BATCH = 256;
/** Spans that wait while a collector does not answer; more are dropped, the oldest first. */
const MOST_WAITING = 4_096;
const PATIENCE_MS = 10_000;

export interface Exporter {
  /** Base address of a collector, as in OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly version: string;
}

/** Sends spans to a collector by OTLP over HTTP with JSON (opentelemetry-proto, trace/v1). What it does not take is tried again later. */
export class OtlpExport implements AsyncDisposable {
  readonly #to: Exporter;
  readonly #log: Log;
  #waiting: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #isFailing = false;

  constructor(to: Exporter, log: Log) {
    this.#to = to;
    this.#log = log;
  }

  add(span: Span): void {
    this.#waiting.push(span);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (this.#waiting.length >= BATCH && !this.#isFailing) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), PAUSE_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#send();
    await this.#sending;
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(async () => {
      const spans = this.#waiting.splice(0, BATCH);
      if (spans.length === 0) return;
      const why = await this.#post(spans);
      if (why === undefined) {
        this.#isFailing = false;
        if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#send(), 0).unref();
        return;
      }
      this.#waiting = [...spans, ...this.#waiting].slice(-MOST_WAITING);
      if (!this.#isFailing) this.#log.warn('Traces could not be sent; they are kept and tried again', { why });
      this.#isFailing = true;
      this.#timer ??= setTimeout(() => this.#send(), PAUSE_MS * 5).unref();
    });
  }

  /** Why it was not taken; undefined where it was. What a collector calls wrong is not sent again. */
  async #post(spans: readonly Span[]): Promise<string | undefined> {
    const { endpoint, headers, version } = this.#to;
    try {
      const response = await fetch(`${endpoint.replace(/\/+$/, '')}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: redactor.json(requestOf(spans, version)),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      await response.arrayBuffer();
      if (response.status === 400) this.#log.warn('The collector refuses traces', { status: response.status });
      return response.ok || response.status === 400 ? undefined : `status ${response.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

function requestOf(spans: readonly Span[], version: string): object {
  const resource = { 'service.name': 'boternity', 'service.version': version };
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: 'boternity', version }, spans: spans.map(spanOf) }],
      },
    ],
  };
}

const INTERNAL = 1;
const CLIENT = 3;
const ERROR = 2;

function spanOf({ trace, id, parent, name, startMs, endMs, isError, attributes }: Span): object {
  return {
    traceId: trace,
    spanId: id,
    ...(parent !== null && { parentSpanId: parent }),
    name,
    kind: parent === null || name.startsWith('execute_tool') ? INTERNAL : CLIENT,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(endMs),
    attributes: attributesOf(attributes),
    status: isError ? { code: ERROR } : {},
  };
}

/** As text, because a double cannot hold it. */
function nanos(ms: number): string {
  const whole = Math.floor(ms);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1_000_000)));
}

function attributesOf(attributes: Readonly<Record<string, AttributeValue>>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));
}

function valueOf(value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map((each) => ({ stringValue: each })) } };
}
