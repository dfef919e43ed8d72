import http, { type Agent, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';

/** A server and what its owner shows it. */
export interface Served {
  readonly url: string;
  readonly credentials: Readonly<Record<string, string>>;
}

/** How a request goes. */
interface Way {
  readonly agent?: Agent;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** When an answer came, in milliseconds from the moment it was asked for. */
export interface Timed {
  readonly firstMs: number;
  readonly wholeMs: number;
}

/** Somebody who asks and reads the answer, one at a time, over connections of their own that stay open. */
export interface Asker extends Disposable {
  ask(question: string): Promise<Timed>;
}

export interface Load {
  /** Askers at work at once. */
  readonly atOnce: number;
  /** Questions of all of them together. */
  readonly total: number;
  /** Questions after which an asker makes place for a new one: a conversation does not grow for ever. */
  readonly perAsker: number;
  readonly open: () => Promise<Asker>;
  /** What is asked as the first, the second … */
  readonly question?: (number: number) => string;
}

export interface Loaded {
  readonly firstMs: readonly number[];
  readonly wholeMs: readonly number[];
  readonly perSecond: number;
}

/** Header that names the conversation of an answer, and of the next question. */
const CONVERSATION = 'x-boternity-conversation';
/** The first piece of an answer, or of the thoughts before it. */
const FIRST_TOKEN = /"(?:content|reasoning_content|reasoning)"\s*:\s*"[^"]/;
/** Longest silence of a service, in milliseconds: a model may have to be loaded first. */
const PATIENCE_MS = 120_000;

/** Lets askers work side by side until every question is answered. Rejects with the first failure: a failed answer has no time. */
export async function runLoad({ atOnce, total, perAsker, open, question = hello }: Load): Promise<Loaded> {
  const times: Timed[] = [];
  let asked = 0;
  const work = async (): Promise<void> => {
    while (asked < total) {
      using asker = await open();
      for (let own = 0; own < perAsker && asked < total; own += 1) {
        asked += 1;
        times.push(await asker.ask(question(asked)));
      }
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  const seconds = (performance.now() - began) / 1000;
  return {
    firstMs: times.map((time) => time.firstMs),
    wholeMs: times.map((time) => time.wholeMs),
    perSecond: times.length / seconds,
  };
}

function hello(number: number): string {
  return `Say hello ${number}`;
}

/** A service that speaks OpenAI's Chat Completions, and how it is asked. */
export interface Peer {
  /** Base address, such as `http://127.0.0.1:11434/v1`. */
  readonly address: string;
  readonly model: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Asks such a service, each time without what was said before. */
export function openPeer({ address, model, headers = {}, signal }: Peer): Promise<Asker> {
  const agent = keepAlive(address);
  const ask = async (question: string): Promise<Timed> => {
    const began = performance.now();
    const body = { model, stream: true, messages: [{ role: 'user', content: question }] };
    const response = await post({ agent, headers, signal }, `${address}/chat/completions`, body);
    const firstAt = await readUntil(response, FIRST_TOKEN);
    return { firstMs: firstAt - began, wholeMs: performance.now() - began };
  };
  return Promise.resolve({ ask, [Symbol.dispose]: () => agent.destroy() });
}

/** Asks the fake model itself: the floor that no server in front of it can go below. */
export function openDirect(address: string): Promise<Asker> {
  return openPeer({ address, model: 'fake' });
}

/** Begins a conversation and reads its events, as the page does: the answer comes by them, not by the answer to the message. */
export async function openConversation(server: Served, bot = 'assistant'): Promise<Asker> {
  const agent = keepAlive();
  const headers = server.credentials;
  const base = `${server.url}/api/v1/conversations`;
  const created = await postAction({ agent, headers }, base, { bot });
  const { id } = created.data as { id: string };
  const events = await get({ agent, headers }, `${base}/${id}/events`);
  const feed = new Feed(events);
  return {
    async ask(question) {
      const began = performance.now();
      const answer = feed.next();
      await Promise.all([postAction({ agent, headers }, `${base}/${id}/messages`, { text: question }), answer]);
      const { firstAt, wholeAt } = await answer;
      return { firstMs: firstAt - began, wholeMs: wholeAt - began };
    },
    [Symbol.dispose]() {
      events.destroy();
      agent.destroy();
    },
  };
}

/** Asks as a program of the OpenAI API does, in one conversation that goes on. */
export function openDoor({ url, credentials }: Served, bot = 'assistant'): Promise<Asker> {
  const agent = keepAlive();
  let conversation: string | undefined;
  const ask = async (question: string): Promise<Timed> => {
    const began = performance.now();
    const body = { model: `boternity/${bot}`, stream: true, messages: [{ role: 'user', content: question }] };
    const headers = { ...credentials, ...(conversation !== undefined && { [CONVERSATION]: conversation }) };
    const response = await post({ agent, headers }, `${url}/v1/chat/completions`, body);
    conversation = String(response.headers[CONVERSATION]);
    const firstAt = await readUntil(response, FIRST_TOKEN);
    return { firstMs: firstAt - began, wholeMs: performance.now() - began };
  };
  return Promise.resolve({ ask, [Symbol.dispose]: () => agent.destroy() });
}

/** A GET whose body is JSON, in the envelope of the server or not. */
export async function readJson(url: string, way: Way = {}): Promise<unknown> {
  return JSON.parse(await text(await get(way, url)));
}

/** Connections that stay open, to servers of this address. */
export function keepAlive(address = 'http:'): Agent {
  return address.startsWith('https:') ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
}

interface Answer {
  readonly firstAt: number;
  readonly wholeAt: number;
}

/** The events of one conversation. Looks at names first and reads only those events that can end an answer. */
class Feed {
  #unread = '';
  #firstAt: number | undefined;
  #waiting: PromiseWithResolvers<Answer> | undefined;

  constructor(events: IncomingMessage) {
    events.setEncoding('utf8');
    events.on('data', (piece: string) => this.#take(piece));
    events.on('close', () => this.#waiting?.reject(new Error('The events ended before the answer did.')));
    events.on('error', () => undefined);
  }

  /** The next answer. */
  next(): Promise<Answer> {
    const waiting = Promise.withResolvers<Answer>();
    const late = (): void => waiting.reject(new Error(`No answer within ${PATIENCE_MS / 1000} s.`));
    const timer = setTimeout(late, PATIENCE_MS);
    this.#firstAt = undefined;
    this.#waiting = waiting;
    return waiting.promise.finally(() => clearTimeout(timer));
  }

  #take(piece: string): void {
    const at = performance.now();
    const events = (this.#unread + piece).split('\n\n');
    this.#unread = events.pop() ?? '';
    for (const event of events) {
      if (event.includes('\nevent: delta\n')) this.#firstAt ??= at;
      else if (event.includes('\nevent: node\n')) this.#follow(event, at);
    }
  }

  #follow(event: string, at: number): void {
    const { node } = JSON.parse(event.slice(event.indexOf('\ndata: ') + 7)) as NodeEvent;
    if (node.kind !== 'agent' || node.state === 'pending' || node.state === 'running') return;
    if (node.state !== 'finished' || this.#firstAt === undefined)
      this.#waiting?.reject(new Error(`The answer ended as ${node.state}: ${node.reason ?? ''}`));
    else this.#waiting?.resolve({ firstAt: this.#firstAt, wholeAt: at });
  }
}

interface NodeEvent {
  readonly node: { readonly kind: string; readonly state: string; readonly reason: string | null };
}

async function postAction(way: Way, url: string, body: object): Promise<{ data: unknown }> {
  const response = await post(way, url, body);
  return JSON.parse(await text(response)) as { data: unknown };
}

function post({ headers: own, ...way }: Way, url: string, body: object): Promise<IncomingMessage> {
  const content = JSON.stringify(body);
  const headers = { ...own, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(content)) };
  return send(url, { ...way, method: 'POST', headers }, content);
}

function get(way: Way, url: string): Promise<IncomingMessage> {
  return send(url, way);
}

function send(
  url: string,
  { agent, headers, signal, method = 'GET' }: Way & { readonly method?: string },
  content = '',
): Promise<IncomingMessage> {
  const ask = url.startsWith('https:') ? https.request : http.request;
  const options = { method, ...(agent && { agent }), ...(headers && { headers }), ...(signal && { signal }) };
  return new Promise((resolve, reject) => {
    const request = ask(url, options, (response) => {
      const status = response.statusCode ?? 0;
      if (status < 300) return resolve(response);
      text(response).then((body) => reject(new Error(`${url} answered ${status}: ${body.slice(0, 400)}`)), reject);
    });
    request.setTimeout(PATIENCE_MS, () => request.destroy(new Error(`${url} kept silent.`)));
    request.once('error', reject);
    request.end(content);
  });
}

/** Reads a body to its end. Gives the moment at which the pattern had come. */
async function readUntil(response: IncomingMessage, pattern: RegExp): Promise<number> {
  let read = '';
  let at: number | undefined;
  for await (const piece of response) {
    read += String(piece);
    if (at === undefined && pattern.test(read)) at = performance.now();
  }
  if (at === undefined) throw new Error(`There was no first token in: ${read.slice(0, 400)}`);
  return at;
}
