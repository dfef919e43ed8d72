import { plainText, text, type Message, type ModelRequest } from 'boternity';

/** Tokens that a history may have where nobody says how many the model takes. */
const UNKNOWN_WINDOW = 100_000;
/** Tokens kept free for the answer where nobody says how long it may be: a tenth of the window, at most so many. */
const MOST_RESERVED = 8_192;
/** Longer results of tools are cut in the middle, in characters. */
const LONG_RESULT = 4_000;
/** What is kept of them at each end. */
const KEPT_END = 1_500;
/** Results are taken out whole only where that frees at least so many characters. */
const WORTH_CLEARING = 50_000;
/** Answers at the end of the history whose results stay as they are. */
const KEPT_ANSWERS = 3;

/** What services count for a picture of full size, about. */
const PICTURE_TOKENS = 1_600;

/** What was done so that a prompt fits. */
export interface Fitted {
  readonly messages: readonly Message[];
  /** Estimated tokens of the whole request, and of it before anything was cut. */
  readonly tokens: number;
  readonly whole: number;
  /** Tokens that the request may have. */
  readonly limit: number;
  /** Results of tools that were cut or taken out, in this prompt only. */
  readonly trimmed: number;
}

/** How many tokens a request may have: what the model takes, without what the answer needs. */
export function limitOf(window: number | undefined, maxTokens: number | undefined): number {
  const whole = window ?? UNKNOWN_WINDOW;
  return Math.max(0, whole - (maxTokens ?? Math.min(MOST_RESERVED, Math.floor(whole / 10))));
}

/** The request with as much of old results taken out as is needed to fit, oldest first; a call keeps its result, however short. */
export function fit(request: ModelRequest, limit: number): Fitted {
  const fixed = tokensIn(request.system) + tokensIn(JSON.stringify(request.tools)) + tokensIn(request.tail);
  const sizeOf = (messages: readonly Message[]): number =>
    fixed + messages.reduce((sum, each) => sum + tokensOf(each), 0);
  const whole = sizeOf(request.messages);
  if (whole <= limit) return { messages: request.messages, tokens: whole, whole, limit, trimmed: 0 };
  const isOld = oldIn(request.messages);
  const isLong = (message: Message, at: number): boolean =>
    message.role === 'tool' && isOld(at) && plainText(message.content).length > LONG_RESULT;
  const cut = request.messages.map((message, at) => (isLong(message, at) ? shortened(message) : message));
  const trimmed = request.messages.filter(isLong).length;
  const afterCut = sizeOf(cut);
  if (afterCut <= limit) return { messages: cut, tokens: afterCut, whole, limit, trimmed };
  const cleared = clear(cut, isOld, (afterCut - limit) * 4);
  return {
    messages: cleared.messages,
    tokens: sizeOf(cleared.messages),
    whole,
    limit,
    trimmed: Math.max(trimmed, cleared.count),
  };
}

/** Estimate: four characters a token. */
export function tokensIn(value: string): number {
  return Math.ceil(value.length / 4);
}

export function tokensOf(message: Message): number {
  if (message.role !== 'assistant') {
    const pictures = message.content.filter(({ type }) => type === 'image').length;
    return tokensIn(plainText(message.content)) + pictures * PICTURE_TOKENS + 4;
  }
  return tokensIn(message.text + (message.calls ? JSON.stringify(message.calls) : '')) + 4;
}

/** Results before the message but one, and not of the last answers, are old. */
function oldIn(messages: readonly Message[]): (at: number) => boolean {
  const users = messages.flatMap(({ role }, at) => (role === 'user' ? [at] : []));
  const answers = messages.flatMap(({ role }, at) => (role === 'assistant' ? [at] : []));
  const end = Math.min(users.at(-2) ?? 0, answers.at(-KEPT_ANSWERS) ?? 0);
  return (at) => at < end;
}

function shortened(message: Message): Message {
  if (message.role !== 'tool') return message;
  const whole = plainText(message.content);
  const left = whole.length - 2 * KEPT_END;
  return {
    ...message,
    content: [
      text(`${whole.slice(0, KEPT_END)}\n[… ${left} characters are left out here …]\n${whole.slice(-KEPT_END)}`),
    ],
  };
}

function clear(
  messages: readonly Message[],
  isOld: (at: number) => boolean,
  wanted: number,
): { messages: readonly Message[]; count: number } {
  const lengths = messages.map((message, at) =>
    message.role === 'tool' && isOld(at) ? plainText(message.content).length : 0,
  );
  if (lengths.reduce((sum, length) => sum + length, 0) < Math.min(WORTH_CLEARING, wanted))
    return { messages, count: 0 };
  let freed = 0;
  let count = 0;
  const cleared = messages.map((message, at) => {
    if (message.role !== 'tool' || lengths[at] === 0 || freed >= wanted) return message;
    freed += lengths[at] ?? 0;
    count += 1;
    return {
      ...message,
      content: [text(`[The result of ${message.name} is left out: it is old and the prompt is full.]`)],
    };
  });
  return { messages: cleared, count };
}
