import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ChatRequest, MockAnswer } from './answer.ts';
import { readChatRequest } from './chat-request.ts';
import { readDirective, type Directive } from './directive.ts';
import { writeAnswer, writeError, writeJson } from './write-answer.ts';

export type { MockAnswer } from './answer.ts';

export interface MockOptions {
  /** Pause before each chunk, in milliseconds; 20 by default. */
  readonly delayMs?: number;
  /** Longest pause per chunk that a message may ask for; 0.2 by default. */
  readonly maxSlowSeconds?: number;
  /** Folder of the files that `script=` names: JSON lists of answers. */
  readonly scripts?: string;
}

/** A chat request as it came in. */
export interface CapturedRequest {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Without the values of credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** Byte for byte. */
  readonly body: string;
}

/** An OpenAI-compatible endpoint whose answers are known beforehand. */
export interface Mock {
  /** Answers `GET /v1/models` and `POST /v1/chat/completions`. */
  handle(request: IncomingMessage, response: ServerResponse, path: string, body: string): Promise<void>;
  /** The chat requests since the start or `clear`, oldest first; only the last 200 are kept. */
  requests(): readonly CapturedRequest[];
  /** The requests that wanted a title of a conversation. They come by themselves, so they stand apart: not in `requests`, and no script answers them. */
  titleRequests(): readonly CapturedRequest[];
  /** Gives the answers to the next of these; the first words of the conversation otherwise. */
  scriptTitles(...answers: readonly (string | MockAnswer)[]): void;
  /** The requests that wanted notes of a conversation; they stand apart as those for titles do. */
  noteRequests(): readonly CapturedRequest[];
  /** Gives the answers to the next of these; that nothing is worth remembering otherwise. */
  scriptNotes(...answers: readonly (string | MockAnswer)[]): void;
  /** Forgets the captured requests and the scripts. */
  clear(): void;
  /** Gives the answers to the next chat requests, in order; text alone is an answer. After them, directives count again. */
  script(...answers: readonly (string | MockAnswer)[]): void;
}

const MODEL = 'mock-model';
const NO_NOTES = '{"facts": [], "points": []}';
const KEPT_REQUESTS = 200;
const SECRET_HEADERS = new Set(['authorization', 'cookie', 'api-key', 'x-api-key']);

/** Makes the mock. It holds no server; whoever has one hands requests to it. */
export function createMock(options: MockOptions = {}): Mock {
  const { delayMs = 20, maxSlowSeconds = 0.2, scripts } = options;
  const captured: CapturedRequest[] = [];
  const script: MockAnswer[] = [];
  const titleRequests: CapturedRequest[] = [];
  const titles: MockAnswer[] = [];
  const noteRequests: CapturedRequest[] = [];
  const notes: MockAnswer[] = [];
  let number = 0;

  async function chat(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const read = readChatRequest(body);
    const came = { at: Date.now(), headers: headersOf(request), body };
    if (!('wrong' in read) && wantsTitle(read)) {
      keep(titleRequests, came);
      const answer = titles.shift() ?? { text: titleOf(read) };
      return writeAnswer({ response, chat: read, answer, number: 0, delayMs: answer.delayMs ?? 0 });
    }
    if (!('wrong' in read) && wantsNotes(read)) {
      keep(noteRequests, came);
      const answer = notes.shift() ?? { text: NO_NOTES };
      return writeAnswer({ response, chat: read, answer, number: 0, delayMs: answer.delayMs ?? 0 });
    }
    keep(captured, came);
    number += 1;
    const own = number;
    if ('wrong' in read) return writeError(response, { status: 400, message: read.wrong });
    const answer = script.shift() ?? (await answerTo(read));
    if (!answer) return writeError(response, { status: 400, message: 'invalid mock directive' });
    await writeAnswer({ response, chat: read, answer, number: own, delayMs: answer.delayMs ?? delayMs });
  }

  async function answerTo(read: ChatRequest): Promise<MockAnswer | undefined> {
    const directive = readDirective(read, { maxSlowSeconds });
    return directive?.script ? stepOf(directive, read, scripts) : directive?.answer;
  }

  return {
    async handle(request, response, path, body) {
      if (request.method === 'GET' && path === '/v1/models') return writeJson(response, 200, modelList());
      if (request.method === 'POST' && path === '/v1/chat/completions') return chat(request, response, body);
      writeError(response, { status: 404, message: `no such path: ${path}` });
    },
    requests: () => captured,
    titleRequests: () => titleRequests,
    scriptTitles: (...answers) => void titles.push(...answers.map(asAnswer)),
    noteRequests: () => noteRequests,
    scriptNotes: (...answers) => void notes.push(...answers.map(asAnswer)),
    clear() {
      noteRequests.length = 0;
      notes.length = 0;
      titleRequests.length = 0;
      titles.length = 0;
      captured.length = 0;
      script.length = 0;
    },
    script: (...answers) => void script.push(...answers.map(asAnswer)),
  };
}

function keep(list: CapturedRequest[], request: CapturedRequest): void {
  list.push(request);
  if (list.length > KEPT_REQUESTS) list.shift();
}

/** The first sentence of what plugins/conversations asks for a title with. */
function wantsTitle({ messages }: ChatRequest): boolean {
  return messages[0]?.text.startsWith('Give this conversation a title.') ?? false;
}

/** The first sentence of what plugins/memory asks for notes with. */
function wantsNotes({ messages }: ChatRequest): boolean {
  return messages[0]?.text.startsWith('Note what is worth remembering of this conversation.') ?? false;
}

/** The first words of the person, as the title is without a model. */
function titleOf({ messages }: ChatRequest): string {
  const [said = ''] = (messages.at(-1)?.text ?? '').replace(/^User: /, '').split('\n\nAssistant: ');
  return said.replaceAll(/\s+/g, ' ').trim();
}

/** A script runs within a turn: its step is the number of answers since the last user message, the last step repeats. */
async function stepOf(
  { script = '' }: Directive,
  chat: ChatRequest,
  folder: string | undefined,
): Promise<MockAnswer | undefined> {
  if (folder === undefined || !/^[\w-]+(\.json)?$/.test(script)) return undefined;
  const steps = await readFile(join(folder, script.endsWith('.json') ? script : `${script}.json`), 'utf8').then(
    (text) => JSON.parse(text) as readonly (string | MockAnswer)[],
    () => [],
  );
  const asked = chat.messages.findLastIndex((message) => message.role === 'user');
  const step = chat.messages.slice(asked + 1).filter((message) => message.role === 'assistant').length;
  const found = steps[Math.min(step, steps.length - 1)];
  return found === undefined ? undefined : asAnswer(found);
}

function asAnswer(answer: string | MockAnswer): MockAnswer {
  return typeof answer === 'string' ? { text: answer } : answer;
}

function modelList(): object {
  return { object: 'list', data: [{ id: MODEL, object: 'model', created: 0, owned_by: 'boternity' }] };
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, SECRET_HEADERS.has(name) ? '…' : String(value)]),
  );
}
