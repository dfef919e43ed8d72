import type { ToolSpec } from 'boternity';
import { fillArguments } from './arguments.ts';
import { tellingWords, wordsOf } from './words.ts';

/** What a message asks of the tools. */
export interface ToolWish {
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  /** What to say about a tool that was meant but cannot be called yet; empty when there is none. */
  readonly hint: string;
}

const MOST_CALLS = 4;
/** Part of a description's telling words that a message must hold to mean the tool. */
const DESCRIPTION_SHARE = 0.6;

/** Verbs in the names of tools and the words in which people ask for them. Every verb is asked for by itself too. */
const askedAs: Readonly<Record<string, readonly string[]>> = {
  list: ['show', 'which', 'all', 'many', 'overview'],
  show: ['describe', 'display', 'see'],
  get: ['show', 'read', 'see'],
  now: ['current', 'tell'],
  search: ['find', 'look'],
  recall: ['remember', 'know'],
  create: ['add', 'make', 'new'],
  add: ['create', 'make', 'new'],
  store: ['remember', 'save', 'note', 'keep'],
  delete: ['remove'],
  forget: ['delete', 'remove'],
  spawn: ['start', 'delegate'],
};
/** Verbs that no question asks for, and verbs that only a question asks for in other words. */
const CHANGING = new Set(['create', 'add', 'store', 'delete', 'forget', 'spawn']);
const LOOKING = new Set(['recall', 'search']);
const QUESTION_WORDS = new Set(['what', 'which', 'who', 'when', 'where', 'why', 'how', 'do', 'does', 'is', 'are']);
const nounsByAnotherName: Readonly<Record<string, readonly string[]>> = { memory: ['remember', 'forget'] };

/** Finds the tools that a message asks for in plain words, and fills their arguments from it. */
export function readWish(said: string, tools: readonly ToolSpec[]): ToolWish {
  const calls: { name: string; arguments: string }[] = [];
  let hint = '';
  for (const tool of tools) {
    if (calls.length === MOST_CALLS || !isMeant(tool, said)) continue;
    const filled = fillArguments(tool.parameters, said);
    if (filled.missing.length === 0) calls.push({ name: tool.name, arguments: JSON.stringify(filled.values) });
    else
      hint ||= `I would call ${tool.name} for that. Tell me ${filled.missing.map((name) => `${name}="…"`).join(' ')}.`;
  }
  return { calls, hint };
}

function isMeant(tool: ToolSpec, said: string): boolean {
  if (new RegExp(`(?<![\\w-])${RegExp.escape(tool.name)}(?![\\w-])`, 'i').test(said)) return true;
  const words = wordsOf(said);
  const parts = wordsOf(tool.name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' '));
  if (isQuestion(words) && parts.some((part) => CHANGING.has(part))) return false;
  return isNamed(parts, words) || isDescribed(tool.description, said);
}

function isQuestion(said: readonly string[]): boolean {
  return QUESTION_WORDS.has(said[0] ?? '');
}

/** All nouns of the name must occur, and its verb, if it has one, must be asked for. */
function isNamed(name: readonly string[], said: readonly string[]): boolean {
  const verbs = name.filter((part) => part in askedAs);
  const nouns = name.filter((part) => !(part in askedAs));
  if (nouns.length === 0 || name.length < 2) return false;
  const occurs = (noun: string): boolean =>
    said.includes(noun) || (nounsByAnotherName[noun]?.some((word) => said.includes(word)) ?? false);
  return nouns.every(occurs) && verbs.every((verb) => isAsked(verb, nouns, said));
}

function isAsked(verb: string, nouns: readonly string[], said: readonly string[]): boolean {
  if (said.includes(verb)) return true;
  if (LOOKING.has(verb) && !isQuestion(said)) return false;
  if (askedAs[verb]?.some((word) => said.includes(word))) return true;
  const what = said.indexOf('what');
  if (what < 0) return false;
  if (verb === 'list') return nouns.includes(said[what + 1] ?? '');
  return verb === 'now' && (said.includes('is') || said.includes('s'));
}

function isDescribed(description: string, said: string): boolean {
  const wanted = tellingWords(description);
  const found = tellingWords(said);
  const shared = [...wanted].filter((word) => found.has(word)).length;
  return shared >= 2 && shared >= wanted.size * DESCRIPTION_SHARE;
}
