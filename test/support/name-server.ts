import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

/** A name server on loopback. */
export interface NameServer extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** What it answers: the addresses of a name, one list for each time it is asked for A, the last one for ever. */
  set(name: string, ...answers: readonly (readonly string[])[]): void;
  /** How often a name was asked for A. */
  asked(name: string): number;
}

const A = 1;
const AAAA = 28;
const HEADER_BYTES = 12;

/** Starts it. A name that nobody has set does not exist; one that begins with `silent.` gets no answer. */
export async function startNameServer(): Promise<NameServer> {
  const names = new Map<string, (readonly string[])[]>();
  const counts = new Map<string, number>();
  const socket = createSocket('udp4');
  const answersOf = (name: string, type: number): readonly string[] | undefined => {
    const answers = names.get(name);
    if (type === A) counts.set(name, (counts.get(name) ?? 0) + 1);
    const at = Math.max(0, (counts.get(name) ?? 1) - 1);
    return answers?.[Math.min(at, answers.length - 1)]?.filter((address) => isIPv4(address) === (type === A));
  };
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = questionIn(query);
    if (name.startsWith('silent.')) return;
    const found = type === A || type === AAAA ? answersOf(name, type) : undefined;
    const flags = found ? 0x8180 : 0x8183;
    const records = (found ?? []).map((each) => recordOf(each, type));
    const counted = [1, records.length, 0, 0];
    const head = Buffer.from([query.readUInt16BE(0), flags, ...counted].flatMap((value) => [value >> 8, value & 255]));
    socket.send(Buffer.concat([head, query.subarray(HEADER_BYTES, end), ...records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    set: (name, ...answers) => void names.set(name, [...answers]),
    asked: (name) => counts.get(name) ?? 0,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function questionIn(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** One record that points at the name of the question and lives no time at all. */
function recordOf(address: string, type: number): Buffer {
  const data = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : bytesOf(address);
  return Buffer.concat([Buffer.from([0xc0, HEADER_BYTES, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]), data]);
}

function bytesOf(address: string): Buffer {
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = [], after = []] = short.split('::').map((half) => half.split(':').filter(Boolean));
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
  return Buffer.from(groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]));
}
