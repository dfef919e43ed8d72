import { plainText, type Message, type ModelRequest } from 'boternity';
import { choose, fingerprint } from './fingerprint.ts';
import { readPersona, type Persona } from './persona.ts';
import { describeResult } from './results.ts';
import { overlap, shorten, tellingWords } from './words.ts';

const NOTICE =
  'I am a demo: no language model thinks behind me. I answer from my own files, by plain rules, so that everything here ' +
  'can be tried. Add a provider (bnity provider add), and a real model speaks in my place.';

const greeting = /^\W*(hi|hello|hey|hallo|howdy|greetings|good (morning|afternoon|evening|day))\b/i;
const asksGreeting = /^greet me\b/i;
const asksWho =
  /\b(who|what) are you\b|\byour name\b|\byourself\b|\bare you (really )?(an? |the )?(real|human|person|bot|demo|ai|robot|model|alive)\b|\bdemo\b/i;
const asksHelp = /\bwhat can you do\b|\bhelp me\b|^\W*help\W*$/i;
const asksBack = /\b(did|have) i (just )?(say|said|tell|told|write|written|ask|asked)\b|\bdo you remember\b/i;
const asksMe = /\bwho am i\b|\babout me\b/i;

/** A conversation as the demo sees it when it answers. */
interface Talk {
  readonly persona: Persona;
  readonly said: string;
  /** Earlier messages of the person, oldest first. */
  readonly before: readonly string[];
  readonly hasSpoken: boolean;
  readonly results: readonly Extract<Message, { role: 'tool' }>[];
  readonly tools: readonly string[];
  /** What a tool would need, if one was meant. */
  readonly hint: string;
}

/** What the demo says. The same request gives the same words; any change of files or history changes them. */
export function composeAnswer(request: ModelRequest, hint: string): string {
  const talk = readTalk(request, hint);
  const paragraphs = talk.results.length > 0 ? reportResults(talk) : converse(talk);
  return [...paragraphs.filter((paragraph) => paragraph !== ''), closing(request, talk)].join('\n\n');
}

function readTalk(request: ModelRequest, hint: string): Talk {
  const { messages } = request;
  const asked = messages.findLastIndex((message) => message.role === 'user');
  const answered = messages.findLastIndex((message) => message.role !== 'tool');
  return {
    persona: readPersona(request.system),
    said: saidBy(messages[asked]),
    before: messages
      .slice(0, Math.max(0, asked))
      .map(saidBy)
      .filter((said) => said !== '' && !asksGreeting.test(said)),
    hasSpoken: messages.some((message) => message.role === 'assistant' && message.text !== ''),
    results: messages.slice(answered + 1).filter((message) => message.role === 'tool'),
    tools: request.tools.map((tool) => tool.name),
    hint,
  };
}

function saidBy(message: Message | undefined): string {
  return message?.role === 'user' ? plainText(message.content).trim() : '';
}

function reportResults(talk: Talk): string[] {
  const names = [...new Set(talk.results.map((result) => result.name))].join(' and ');
  return [
    `I used ${names}.`,
    ...talk.results.map((result) => describeResult(result.name, plainText(result.content), result.isError)),
    talk.hasSpoken ? '' : NOTICE,
  ];
}

function converse(talk: Talk): string[] {
  const { said, persona } = talk;
  if (asksGreeting.test(said)) return [`Hello! ${introduction(talk)}`, NOTICE];
  const isAboutItself = greeting.test(said) || asksWho.test(said);
  const isIntroduction = isAboutItself || !talk.hasSpoken;
  return [
    isIntroduction ? introduction(talk) : '',
    isIntroduction ? NOTICE : '',
    isAboutItself ? '' : `${opener(talk)} ${echo(said)}`,
    asksHelp.test(said) ? abilities(talk.tools) : '',
    asksMe.test(said) ? aboutUser(persona) : '',
    talk.hint,
    quote(talk),
    recollection(talk),
  ];
}

function introduction({ persona, said }: Talk): string {
  const hello = greeting.test(said) ? choose(['Hello!', 'Hi there!', 'Good to see you!'], said) : '';
  const traits = persona.traits.length > 0 ? ` I try to be ${list(persona.traits)}.` : '';
  return `${hello} I am ${persona.name}.${traits}`.trim();
}

/** First words after a question and after anything else. */
type Opener = readonly [tone: RegExp, asked: string, told: string];

const plainOpener: Opener = [/^/, 'Good question.', 'I see.'];
const openers: readonly Opener[] = [
  [/warm|kind|friend|caring/i, 'Lovely that you ask.', 'Thank you for telling me.'],
  [/play|fun|wit|humou?r|cheer/i, 'Oh, a riddle!', 'Ha, I like that.'],
  [/formal|profession|polite|courteous/i, 'Thank you for your question.', 'Thank you for your message.'],
  [/brief|short|concise|terse|crisp/i, 'In short:', 'Noted.'],
  [/direct|blunt|frank|honest/i, 'Straight to it.', 'Understood.'],
  [/calm|gentle|patient|quiet/i, 'Let us take this gently.', 'I am listening.'],
  [/curious|inquisitive/i, 'Now that is worth asking.', 'That makes me curious.'],
];

function opener({ persona, said }: Talk): string {
  const [, asked, told] = openers.find(([tone]) => tone.test(persona.tone)) ?? plainOpener;
  return isQuestion(said) ? asked : told;
}

function isQuestion(said: string): boolean {
  return /\?\s*$/.test(said) || /^\W*(what|which|who|when|where|why|how)\b/i.test(said);
}

function echo(said: string): string {
  if (said === '') return 'You sent something that a demo cannot read.';
  const words = shorten(said, 120);
  return isQuestion(said) ? `You ask: “${words}”` : `You say: “${words}”`;
}

/** Characters of a message that are looked at for what it is about. */
const READ_LENGTH = 20_000;

function quote({ persona, said }: Talk): string {
  const words = tellingWords(said.slice(0, READ_LENGTH));
  const ranked = persona.soul
    .map((line) => ({ line, score: overlap(words, line) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ line }) => `“${shorten(line, 200)}”`);
  const [best, next] = ranked;
  if (best) return `My soul has something on that: ${list(next ? [best, next] : [best])}`;
  const [first, ...others] = persona.soul;
  if (first === undefined) return 'My soul is still blank: write SOUL.md, and I have more to say.';
  return `My soul says: “${shorten(choose([first, ...others], said), 200)}”`;
}

function recollection({ before, said }: Talk): string {
  const last = before.at(-1);
  if (last === undefined) return asksBack.test(said) ? 'This is the first thing that you say to me here.' : '';
  if (!asksBack.test(said)) return `Before that you said: “${shorten(last, 80)}”`;
  return `So far you said: ${list(before.slice(-5).map((earlier) => `“${shorten(earlier, 80)}”`))}`;
}

function abilities(tools: readonly string[]): string {
  const calls = tools.length > 0 ? ` Ask in plain words, and I call ${list(tools.slice(0, 12))}.` : '';
  return `I can chat, quote my files and look back.${calls}`;
}

function aboutUser({ user }: Persona): string {
  if (user.length === 0) return 'I know nothing of you yet: USER.md is not written.';
  return `USER.md tells me: ${list(user.slice(0, 3).map((line) => `“${shorten(line, 120)}”`))}`;
}

/** Shows that files and history were read: the fingerprints change with the least change of either. */
function closing(request: ModelRequest, { persona }: Talk): string {
  const asked = request.messages.findLastIndex((message) => message.role === 'user');
  const earlier = request.messages.slice(0, Math.max(0, asked)).map(transcript);
  const count = earlier.filter((line) => line.isSpoken).length;
  const print = fingerprint(earlier.map((line) => line.text).join('\n'));
  const history =
    earlier.length === 0 ? 'first message' : `${count} earlier ${count === 1 ? 'message' : 'messages'} ${print}`;
  const tone = persona.tone === '' ? '' : `${shorten(persona.tone, 40)} · `;
  return `(${persona.name}, demo · ${tone}my files ${fingerprint(request.system)} · ${history})`;
}

/** A message as one line, without ids: those differ where nothing else does. */
function transcript(message: Message): { text: string; isSpoken: boolean } {
  if (message.role !== 'assistant') {
    return { text: JSON.stringify([message.role, message.content]), isSpoken: message.role === 'user' };
  }
  const calls = message.calls?.map((call) => [call.name, call.arguments]) ?? [];
  return { text: JSON.stringify([message.role, message.text, calls]), isSpoken: message.text !== '' };
}

function list(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
