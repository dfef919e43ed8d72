import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * An embedder that costs little, in a process of its own: OpenAI's Embeddings on loopback, texts with the same words have like
 * vectors. `GET /stats` tells how many calls and texts came. Prints its base address.
 */
export const DIMENSIONS = 384;

let calls = 0;
let texts = 0;

if (import.meta.main) {
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
  });
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  if (request.url === '/stats') return json(response, { calls, texts });
  if (!request.url?.endsWith('/embeddings')) return void response.writeHead(404).end('{}');
  const { input } = JSON.parse(body) as { input: string[] };
  calls += 1;
  texts += input.length;
  const data = input.map((each, index) => ({ object: 'embedding', index, embedding: vectorOf(each) }));
  json(response, { object: 'list', data, usage: { prompt_tokens: input.length, total_tokens: input.length } });
}

function vectorOf(said: string): number[] {
  const vector = Array.from({ length: DIMENSIONS }, () => 0);
  for (const word of said.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    let place = 7;
    for (const letter of word) place = (place * 31 + (letter.codePointAt(0) ?? 0)) % 99_991;
    for (let at = 0; at < 8; at += 1) {
      const dimension = (place * (at + 1)) % DIMENSIONS;
      vector[dimension] = (vector[dimension] ?? 0) + Math.round(Math.cos(place + at) * 1e4) / 1e4;
    }
  }
  return vector;
}

function json(response: ServerResponse, data: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(data));
}
