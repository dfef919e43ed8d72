import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

/**
 * The floor: a server that does nothing but write the same event to everybody who asks, `--gap` milliseconds apart, at each of
 * `--topics` addresses. Prints its base address.
 */
const { values } = parseArgs({ options: { gap: { type: 'string' }, topics: { type: 'string' } } });
const readers = new Map<string, Set<ServerResponse>>();
let seq = 0;

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  const topic = request.url ?? '/';
  readers.set(topic, (readers.get(topic) ?? new Set()).add(response));
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
// Spread over time as models that answer side by side are.
for (let topic = 0; topic < Number(values.topics); topic += 1)
  setTimeout(
    () => setInterval(() => tell(`/${topic}`), Number(values.gap)),
    (topic * Number(values.gap)) / Number(values.topics),
  );

function tell(topic: string): void {
  seq += 1;
  const at = new Date().toISOString();
  const place = { conversation: '019a0000-0000-7000-8000-000000000000', node: '019a0000-0000-7000-8000-000000000000' };
  const event = { v: 1, ...place, seq, at, type: 'delta', lane: 'main', channel: 'text', offset: seq, text: 'word17 ' };
  const bytes = Buffer.from(`id: 019a0000-0000:${seq}\nevent: delta\ndata: ${JSON.stringify(event)}\n\n`);
  for (const response of readers.get(topic) ?? []) response.write(bytes);
}
