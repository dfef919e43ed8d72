import type { ChatRequest, MockAnswer, MockCall } from './answer.ts';
import { splitWords } from './words.ts';

/** What a message asks of the mock: an answer, or a script whose steps give it. */
export interface Directive {
  readonly answer: MockAnswer;
  /** Name of a script file. */
  readonly script?: string;
}

export interface DirectiveLimits {
  /** Longest pause per chunk that `slow` may ask for, in seconds. */
  readonly maxSlowSeconds: number;
}

const MARKDOWN_WORD = '!md ';
const MOCK_WORD = '!mock';

/**
 * Reads the last user message. `!md x` gives Markdown; a first line `!mock word… -- prompt` gives what its words say; else the
 * answer repeats the message. Undefined when the directive cannot be read. Words it does not know are ignored.
 */
export function readDirective(chat: ChatRequest, limits: DirectiveLimits): Directive | undefined {
  const text = chat.messages.findLast((message) => message.role === 'user')?.text ?? '';
  if (text.startsWith(MARKDOWN_WORD)) return { answer: { text: markdown(text.slice(MARKDOWN_WORD.length).trim()) } };
  const [first = '', ...others] = text.split('\n');
  if (first !== MOCK_WORD && !first.startsWith(`${MOCK_WORD} `)) return { answer: { text: `Mock: ${text}` } };
  const read = splitWords(first.slice(MOCK_WORD.length).trim());
  if (!read) return undefined;
  const prompt = [read.rest ?? '', ...others].join('\n').trim();
  return fromWords(new Map(read.words.map(splitWord)), prompt, chat, limits);
}

function splitWord(word: string): [name: string, value: string] {
  const at = word.indexOf('=');
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}

function fromWords(words: Map<string, string>, prompt: string, chat: ChatRequest, limits: DirectiveLimits): Directive {
  const number = (name: string): number | undefined => {
    const value = words.get(name);
    return value !== undefined && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
  };
  const slow = number('slow');
  const status = number('error');
  const hang = number('hang');
  const dropAfter = number('drop_after');
  const script = words.get('script');
  const usage = readUsage(words.get('usage'));
  const answer: MockAnswer = {
    ...speech(words, prompt, chat, number('tools')),
    ...(slow !== undefined && { delayMs: Math.min(slow, limits.maxSlowSeconds) * 1000 }),
    ...(isStatus(status) && { error: readError(status, words) }),
    ...(hang !== undefined && { hangMs: hang * 1000 }),
    ...(dropAfter !== undefined && { dropAfter }),
    ...(usage && { usage }),
    ...(words.has('badjson') && { badJson: true }),
  };
  return script ? { answer, script } : { answer };
}

function isStatus(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 100 && value <= 599;
}

function readError(status: number, words: Map<string, string>): NonNullable<MockAnswer['error']> {
  const message = words.get('message');
  const retryAfter = words.get('retry_after');
  return {
    status,
    ...(message && { message }),
    ...(retryAfter && { headers: { 'retry-after': retryAfter } }),
  };
}

/** Tools are called once: after their results comes text that repeats them. */
function speech(words: Map<string, string>, prompt: string, chat: ChatRequest, count?: number): MockAnswer {
  if (words.has('empty')) return { text: '' };
  const wantsTools = words.has('tool') || count !== undefined || words.has('badargs');
  if (!wantsTools) return { text: `Mock: ${prompt}` };
  const results = resultsIn(chat);
  if (results.length > 0) return { text: `Mock: ${prompt} [${results.join('; ')}]` };
  return { calls: callsFrom(words, chat, count ?? 1) };
}

/** `tool` is called so many times; without it, so many of the offered tools are called once each. */
function callsFrom(words: Map<string, string>, chat: ChatRequest, count: number): MockCall[] {
  const name = words.get('tool');
  const names = name ? Array.from({ length: count }, () => name) : chat.tools.slice(0, count);
  const text = words.has('badargs') ? '{"broken": ' : words.get('args') || '{}';
  return names.map((each) => ({ name: each, arguments: text }));
}

/** Texts of the tool results that end the conversation. */
function resultsIn(chat: ChatRequest): string[] {
  const last = chat.messages.findLastIndex((message) => message.role !== 'tool');
  return chat.messages.slice(last + 1).map((message) => message.text);
}

/** `usage=1000,50,900cached`: input, output, and how much of the input came from a cache. */
function readUsage(value: string | undefined): MockAnswer['usage'] {
  const [input, output, cached] = (value?.match(/\d+/g) ?? []).map(Number);
  if (input === undefined) return undefined;
  return { input, ...(output !== undefined && { output }), ...(cached !== undefined && { cached }) };
}

function markdown(subject: string): string {
  return `# ${subject}\n\nThis is **bold** and this is *not*.\n\n- one\n- two\n- three\n\n\`\`\`js\nconsole.log('mock');\n\`\`\`\n`;
}
