/** Server-sent events read from a fetch body, in the browser and in Node alike. Parsing: https://html.spec.whatwg.org/#parsing-an-event-stream */

export interface ServerEvent {
  /** The last id the stream has given; empty when it gave none. */
  readonly id: string;
  /** `message` unless the stream names it. */
  readonly type: string;
  readonly data: string;
}

/** Makes a parser that takes a stream's bytes in pieces of any size and gives the events that each piece completes. */
export function createEventParser(): (bytes: Uint8Array) => ServerEvent[] {
  const decoder = new TextDecoder();
  let line = '';
  let endedInReturn = false;
  let id = '';
  let type = '';
  let data: string[] = [];

  const takeField = (name: string, value: string): void => {
    if (name === 'data') data.push(value);
    if (name === 'event') type = value;
    if (name === 'id' && !value.includes('\0')) id = value;
  };
  const takeLine = (text: string): ServerEvent | undefined => {
    if (text !== '') {
      const colon = text.indexOf(':');
      if (colon < 0) takeField(text, '');
      if (colon > 0) takeField(text.slice(0, colon), text.slice(colon + 1).replace(/^ /, ''));
      return undefined;
    }
    const event = data.length === 0 ? undefined : { id, type: type || 'message', data: data.join('\n') };
    type = '';
    data = [];
    return event;
  };

  return (bytes) => {
    const decoded = decoder.decode(bytes, { stream: true });
    if (decoded === '') return [];
    // A return and a line feed are one line end, also when they arrive in two pieces.
    line += endedInReturn && decoded.startsWith('\n') ? decoded.slice(1) : decoded;
    endedInReturn = decoded.endsWith('\r');
    const lines = line.split(/\r\n|\r|\n/);
    line = lines.pop() ?? '';
    return lines.map(takeLine).filter((event) => event !== undefined);
  };
}

/** Yields a body's events. Ends when the body ends, and also when no byte, not even a comment, came for `idleMs`. */
export async function* readEvents(body: ReadableStream<Uint8Array>, idleMs: number): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const parse = createEventParser();
  const giveUp = (): void => void reader.cancel().catch(() => undefined);
  let timer = setTimeout(giveUp, idleMs);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(giveUp, idleMs);
      yield* parse(value);
    }
  } finally {
    clearTimeout(timer);
    giveUp();
  }
}
