import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/**
 * A model that costs nothing, in a process of its own: speaks OpenAI's Chat Completions on loopback, answers every stream with
 * twenty words at once, those that want notes of a conversation with five, and remembers the last request (`GET /stats`). Prints its
 * base address. `--port`, `--chunks`, `--gap` (ms).
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    chunks: { type: 'string', default: '20' },
    gap: { type: 'string', default: '0' },
  },
});
const chunks = Number(values.chunks);
const gapMs = Number(values.gap);
const usage = { prompt_tokens: 100, completion_tokens: chunks, total_tokens: 100 + chunks };

/** First sentence of what plugins/memory asks for notes with. */
const WANTS_NOTES = 'Note what is worth remembering of this conversation.';

let requests = 0;
let noted = 0;
let last: { bytes: number; headers: IncomingHttpHeaders; body: string } | undefined;

const server = createServer((request, response) => void respond(request, response));
server.listen(Number(values.port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
});

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  if (request.url === '/stats') return json(response, { ...last, requests, noted });
  if (request.url === '/v1/models') return json(response, { object: 'list', data: [{ id: 'fake', object: 'model' }] });
  if (!request.url?.endsWith('/chat/completions')) return void response.writeHead(404).end('{}');
  if (body.includes(WANTS_NOTES)) return answer(response, 'fake', notes());
  // Titles come by themselves beside what is measured.
  if (!body.includes('Give this conversation a title.')) {
    requests += 1;
    last = { bytes: Buffer.byteLength(body), headers: request.headers, body };
  }
  const { stream, model = 'fake' } = JSON.parse(body) as { stream?: boolean; model?: string };
  return stream ? answer(response, model) : json(response, wholeAnswer(model));
}

async function answer(response: ServerResponse, model: string, pieces = words()): Promise<void> {
  const head = { id: `chatcmpl-${requests}`, object: 'chat.completion.chunk', created: 1, model };
  const say = (delta: object, finish: string | null = null): void =>
    void response.write(event({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] }));
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  say({ role: 'assistant', content: '' });
  for (const content of pieces) {
    say({ content });
    if (gapMs > 0) await sleep(gapMs);
  }
  say({}, 'stop');
  response.write(event({ ...head, choices: [], usage }));
  response.end('data: [DONE]\n\n');
}

function wholeAnswer(model: string): object {
  const content = words().join('');
  const message = { role: 'assistant', content };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  return { id: `chatcmpl-${requests}`, object: 'chat.completion', created: 1, model, choices, usage };
}

function words(): string[] {
  return Array.from({ length: chunks }, (_, index) => `word${index} `);
}

/** Three facts and two key points that nobody knew, in words that few others have. */
function notes(): string[] {
  noted += 1;
  const word = (number: number): string => `w${((number * 7_919) % 4_001).toString(36)}`;
  const tell = (part: number): string => {
    const first = noted * 50 + part * 10;
    return Array.from({ length: 9 }, (_, at) => word(first + at)).join(' ');
  };
  const facts = [0, 1, 2].map((part) => ({ text: tell(part), category: 'fact', importance: 2 }));
  return [JSON.stringify({ facts, points: [3, 4].map(tell) })];
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function json(response: ServerResponse, data: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(data));
}
