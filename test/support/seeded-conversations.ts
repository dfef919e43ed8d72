import { createId } from '../../core/base/ids.ts';
import { MAIN } from '../../plugins/conversations/graph/graph.ts';
import { archive, branch, exclude, merge, remove } from '../../plugins/conversations/graph/lanes.ts';
import { edit, regenerate, retry, select } from '../../plugins/conversations/graph/versions.ts';
import { SeededJournal, type SeededOwner } from './seeded-journal.ts';
import { endlessWord, hostile, markdown, proseOf, rightToLeft, rightToLeftAnswers } from './seeded-texts.ts';

/** Conversations that tests and people look for, by their ids. */
export interface SeededConversations {
  /** 10,000 nodes and more: tools, errors, versions, branches, long and right-to-left text. */
  readonly long: string;
  /** A call of a tool waits for a person. */
  readonly waiting: string;
  /** Its last answer failed. */
  readonly failed: string;
  readonly rightToLeft: string;
  /** Texts that would like to be code. */
  readonly hostile: string;
  readonly archived: string;
  /** Branches, a thread, a checkpoint, merged and open ones. */
  readonly branched: string;
  /** Its journal cannot be read. */
  readonly damaged: string;
}

interface Options {
  readonly bots: readonly SeededOwner[];
  readonly many: number;
  readonly nodes: number;
  /** Id of the person who has read some of them. */
  readonly person?: string | undefined;
  readonly now: number;
}

const DAY_MS = 86_400_000;

/** Writes very many short conversations and those that are something of their own. */
export async function writeConversations(home: string, options: Options): Promise<SeededConversations> {
  const { bots, many, person, now } = options;
  const first = botAt(bots, 0);
  const made = {
    long: longConversation(first, options),
    waiting: waitingConversation(first, now - 2 * 3_600_000),
    failed: failedConversation(botAt(bots, 1), now - 3 * 3_600_000),
    rightToLeft: rightToLeftConversation(botAt(bots, 2), now - 5 * 3_600_000),
    hostile: hostileConversation(botAt(bots, 3), now - 6 * 3_600_000),
    archived: archivedConversation(first, now - 20 * DAY_MS),
    branched: branchedConversation(first, now - DAY_MS),
    damaged: shortConversation(botAt(bots, 4), 7, now - DAY_MS),
  };
  for (const [name, journal] of Object.entries(made)) await journal.write(home, { isDamaged: name === 'damaged' });
  for (let at = Object.keys(made).length; at < many; at += 1) {
    const journal = shortConversation(botAt(bots, at % bots.length), at, now - whenBegan(at, many));
    await journal.write(home, person === undefined ? {} : { seen: { [person]: at % 9 === 0 ? 2 : journal.graph.seq } });
  }
  return Object.fromEntries(Object.entries(made).map(([name, { id }]) => [name, id])) as unknown as SeededConversations;
}

/** More of them lately, the oldest more than a year ago. */
function whenBegan(at: number, many: number): number {
  return 8 * 3_600_000 + 400 * DAY_MS * (at / many) ** 2;
}

function botAt(bots: readonly SeededOwner[], at: number): SeededOwner {
  const bot = bots[at];
  if (!bot) throw new Error('There are not enough bots.');
  return bot;
}

function shortConversation(bot: SeededOwner, number: number, beganMs: number): SeededJournal {
  const title = number % 17 === 0 ? '' : number % 23 === 0 ? proseOf(24, number) : proseOf(3 + (number % 4), number);
  const journal = new SeededJournal(bot, title.replace(/\.$/, ''), beganMs);
  for (let turn = 0; turn <= number % 3; turn += 1) {
    const reply = journal.say(`${proseOf(6 + (number % 9), number + turn)} What do you think?`);
    if (number % 31 === 0) journal.fail(reply, 'MODEL_FAILED', 'The provider answered with status 503.');
    else journal.answer(reply, proseOf(30 + (number % 40), number * 3 + turn));
  }
  return journal;
}

function longConversation(bot: SeededOwner, { nodes, now }: Options): SeededJournal {
  const journal = new SeededJournal(bot, 'The long one', now - 30 * DAY_MS);
  for (let turn = 0; journal.graph.nodes.size < nodes - 3; turn += 1) longTurn(journal, turn);
  journal.wait(Math.max(0, now - 600_000 - journal.at));
  journal.answer(journal.say('And at the end?'), 'At the end stands this sentence.');
  return journal;
}

function longTurn(journal: SeededJournal, turn: number): void {
  const language = turn % rightToLeft.length;
  const said = turn % 13 === 0 ? (rightToLeft[language] ?? '') : `Message ${turn}: ${proseOf(4 + (turn % 20), turn)}`;
  const reply = journal.say(said);
  if (turn % 10 === 3) return withTools(journal, reply, turn);
  if (turn % 29 === 5) return journal.fail(reply, 'MODEL_FAILED', 'The provider answered with status 529.');
  if (turn % 37 === 1) return journal.answer(reply, markdown, { thinking: proseOf(60, turn) });
  if (turn % 101 === 50)
    return journal.answer(reply, Array.from({ length: 40 }, (_, at) => proseOf(90, at)).join('\n\n'));
  if (turn % 13 === 0) return journal.answer(reply, rightToLeftAnswers[language] ?? '');
  journal.answer(reply, `${proseOf(12 + (turn % 60), turn)} ${turn % 61 === 0 ? endlessWord : ''}`);
  if (turn % 47 === 9) withVersions(journal, reply, turn);
  if (turn % 53 === 11) journal.commit(exclude(journal.graph, reply, true));
  if (turn % 59 === 12) journal.commit(remove(journal.graph, reply, true));
}

function withTools(journal: SeededJournal, reply: string, turn: number): void {
  const { tasks, next } = journal.call(reply, [
    { name: 'web_search', arguments: { query: proseOf(4, turn) } },
    { name: 'time_now', arguments: {} },
  ]);
  tasks.forEach((task, at) => journal.result(task, proseOf(40, turn + at), turn % 20 === 3 && at === 0));
  journal.answer(next, `I looked it up. ${proseOf(20, turn)}`);
}

function withVersions(journal: SeededJournal, reply: string, turn: number): void {
  const again = regenerate(journal.graph, reply, createId);
  journal.commit(again.changes);
  journal.answer(again.node, `Another version. ${proseOf(14, turn)}`);
  journal.commit(select(journal.graph, again.node, 'previous').changes);
}

function waitingConversation(bot: SeededOwner, beganMs: number): SeededJournal {
  const journal = new SeededJournal(bot, 'May I set a reminder?', beganMs);
  journal.answer(journal.say('Hello'), 'Hello. What can I do for you?');
  journal.call(journal.say('Delete the bot that nobody uses.'), [
    { name: 'bots_delete', arguments: { bot: 'old-one' }, waits: true },
  ]);
  return journal;
}

function failedConversation(bot: SeededOwner, beganMs: number): SeededJournal {
  const journal = new SeededJournal(bot, 'A provider that failed', beganMs);
  journal.answer(journal.say('Say something first.'), 'Something, first.');
  const reply = journal.say('And again?');
  journal.fail(reply, 'MODEL_OVERLOADED', 'Every provider of the model is overloaded.');
  const again = retry(journal.graph, reply, createId);
  journal.commit(again.changes);
  journal.fail(again.node, 'MODEL_OVERLOADED', 'Every provider of the model is overloaded, again.');
  return journal;
}

function rightToLeftConversation(bot: SeededOwner, beganMs: number): SeededJournal {
  const journal = new SeededJournal(bot, rightToLeft[1], beganMs);
  rightToLeft.forEach((text, at) => journal.answer(journal.say(text), rightToLeftAnswers[at] ?? ''));
  return journal;
}

function hostileConversation(bot: SeededOwner, beganMs: number): SeededJournal {
  const journal = new SeededJournal(bot, hostile[0], beganMs);
  for (const text of hostile) journal.answer(journal.say(text), `${text}\n\n${text}`, { thinking: text });
  const { tasks, next } = journal.call(journal.say('Call a tool.'), [
    { name: hostile[0], arguments: { a: hostile[1] } },
  ]);
  tasks.forEach((task) => journal.result(task, hostile[3], true));
  journal.fail(next, 'MODEL_FAILED', `The provider said: ${hostile[1]}`);
  return journal;
}

function archivedConversation(bot: SeededOwner, beganMs: number): SeededJournal {
  const journal = new SeededJournal(bot, 'Put away', beganMs);
  journal.answer(journal.say('Is this old?'), 'Yes.');
  journal.commit(archive(journal.graph, MAIN, true));
  return journal;
}

function branchedConversation(bot: SeededOwner, beganMs: number): SeededJournal {
  const journal = new SeededJournal(bot, 'Many ways', beganMs);
  const reply = journal.say('Where shall we go?');
  journal.answer(reply, 'By sea or over land?');
  for (const kind of ['branch', 'thread', 'checkpoint'] as const) {
    const made = branch(journal.graph, { from: reply, kind, title: `A ${kind}`, text: `Try the ${kind}.` }, createId);
    journal.commit(made.changes);
    if (made.reply !== undefined) journal.answer(made.reply, `The answer in the ${kind}.`);
    if (kind !== 'branch') continue;
    const merged = merge(journal.graph, [made.lane], MAIN, createId);
    journal.commit(merged.changes);
    journal.answer(merged.reply, 'What the branch found is taken up here.');
  }
  const last = journal.say('Home, then.');
  journal.answer(last, 'Home.');
  const message = journal.node(last).parents[0]?.node ?? '';
  const edited = edit(journal.graph, message, 'Home by train, then.', createId);
  journal.commit(edited.changes);
  journal.answer(edited.reply, 'By train, home.');
  return journal;
}
