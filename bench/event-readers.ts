import { once } from 'node:events';
import http from 'node:http';
import { parseArgs } from 'node:util';

/**
 * Many readers of server-sent events, in a process of its own. `--addresses` is a JSON list, `--each` how many read each of them.
 * Prints `ready` when all are connected; for every line on standard input what was heard since the last: events, and the
 * milliseconds from the `at` of an event to here.
 */
const { values } = parseArgs({
  options: { addresses: { type: 'string' }, each: { type: 'string' }, headers: { type: 'string', default: '{}' } },
});
const addresses = JSON.parse(values.addresses ?? '[]') as string[];
const headers = JSON.parse(values.headers) as Record<string, string>;

const AT = '"at":"';
const TIMESTAMP = '2026-01-01T00:00:00.000Z'.length;
let events = 0;
let delays: number[] = [];

const agent = new http.Agent({ maxSockets: Infinity, keepAlive: true });
await Promise.all(addresses.flatMap((address) => Array.from({ length: Number(values.each) }, () => read(address))));
console.log('ready');
process.stdin.setEncoding('utf8');
for await (const _ of process.stdin) {
  console.log(JSON.stringify({ events, delays: delays.map((delay) => Math.round(delay * 10) / 10) }));
  events = 0;
  delays = [];
}

async function read(address: string): Promise<void> {
  const request = http.get(address, { agent, headers });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${address} answered ${response.statusCode}.`);
  response.setEncoding('latin1');
  response.on('data', (piece: string) => {
    // The same clock as the server's, which is stepped now and then.
    const now = Date.now();
    for (let at = piece.indexOf(AT); at >= 0; at = piece.indexOf(AT, at + 1)) {
      const from = at + AT.length;
      events += 1;
      delays.push(now - Date.parse(piece.slice(from, from + TIMESTAMP)));
    }
  });
}
