import { once } from 'node:events';
import { beginEvents, Fault, redactor, type RouteCall } from 'boternity';
import type { Reply, ReplyEnd } from '../conversations/service.ts';
import { errorOf, faultOf, type ApiError } from './errors.ts';
import { HEADER } from './where.ts';

export interface Limits {
  /** Rest after which a stream shows that it lives. */
  readonly beatMs: number;
  /** How long a request without a stream waits for a person. */
  readonly approvalMs: number;
}

export interface StreamEvent {
  /** Name of the event, in protocols that name theirs. */
  readonly event?: string;
  readonly data: unknown;
}

/** How one protocol says what comes of a reply. */
export interface Voice {
  begin(): StreamEvent[];
  text(delta: string): StreamEvent[];
  end(text: string, end: ReplyEnd): StreamEvent[];
  fail(error: ApiError): StreamEvent[];
  /** The answer to a request without a stream. */
  whole(text: string, end: ReplyEnd): unknown;
  /** Written as it is behind a stream that ended well. */
  readonly farewell: string;
}

interface Manner {
  readonly voice: Voice;
  readonly isStream: boolean;
  readonly limits: Limits;
}

/** Answers with a reply, as it comes or when it is whole. One that nobody hears any more is stopped. */
export async function serve(call: RouteCall, reply: Reply, manner: Manner): Promise<void> {
  const stop = (): void => void reply.stop().catch(() => undefined);
  call.signal.addEventListener('abort', stop, { once: true });
  if (call.signal.aborted) stop();
  // A client must not send a message again that is part of a conversation already.
  call.response.setHeader('x-should-retry', 'false');
  call.response.setHeader(HEADER, reply.conversation);
  try {
    await (manner.isStream ? streamed(call, reply, manner) : whole(call, reply, manner));
  } finally {
    call.signal.removeEventListener('abort', stop);
  }
}

async function whole({ response }: RouteCall, reply: Reply, { voice, limits }: Manner): Promise<void> {
  let text = '';
  let waiting: NodeJS.Timeout | undefined;
  let late: Fault | undefined;
  for await (const fact of reply.facts()) {
    clearTimeout(waiting);
    if (fact.type === 'text') text += fact.text;
    if (fact.type === 'waiting' && fact.tools.length > 0)
      waiting = setTimeout(() => {
        late = tooLate(fact.tools);
        void reply.stop().catch(() => undefined);
      }, limits.approvalMs);
    if (fact.type !== 'end') continue;
    if (late ?? fact.failure) throw late ?? faultOf(fact.failure ?? { code: '', message: '' });
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(redactor.json(voice.whole(text, fact)));
  }
}

/** The stream begins with the first thing to tell, so that a failure before it is answered with its own status. */
async function streamed({ response }: RouteCall, reply: Reply, { voice, limits }: Manner): Promise<void> {
  let text = '';
  const write = (events: readonly StreamEvent[]): void => {
    const chunk = events.map(encode).join('');
    if (chunk !== '' && !response.destroyed) response.write(chunk);
  };
  const begin = (): void => {
    if (response.headersSent) return;
    beginEvents(response);
    write(voice.begin());
  };
  const comment = (words: string): void => {
    begin();
    if (!response.destroyed && !response.writableNeedDrain) response.write(`: ${words}\n\n`);
  };
  const beat = setInterval(() => comment('beat'), limits.beatMs);
  try {
    for await (const fact of reply.facts()) {
      if (fact.type === 'end' && fact.failure && !response.headersSent) throw faultOf(fact.failure);
      begin();
      beat.refresh();
      if (fact.type === 'text') {
        text += fact.text;
        write(voice.text(fact.text));
      } else if (fact.type === 'waiting') {
        if (fact.tools.length > 0) comment(`waits until a person approves ${fact.tools.join(', ')}`);
      } else if (fact.failure) {
        write(voice.fail(errorOf(faultOf(fact.failure)).body));
      } else {
        write(voice.end(text, fact));
        response.write(voice.farewell);
      }
      if (response.writableNeedDrain && !response.destroyed)
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
  } finally {
    clearInterval(beat);
  }
}

function encode({ event, data }: StreamEvent): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${redactor.json(data)}\n\n`;
}

function tooLate(tools: readonly string[]): Fault {
  return new Fault(
    'APPROVAL_LATE',
    `Nobody approved the call of ${tools.join(', ')} in time, so the answer was stopped.`,
  );
}
