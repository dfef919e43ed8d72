import { Fault, redactor, runStep, type Change, type Model, type Step } from 'boternity';
import type { RunRecord, Told } from '../../conversations/index.ts';
import type { GivenMemory, Memory } from '../memory-file.ts';
import type { Memories } from '../service.ts';
import type { BotMemory } from '../store/bot-memory.ts';
import { INSTRUCTIONS, materialOf } from './instructions.ts';
import { readNotes, type Notes } from './read-notes.ts';

/** Memories that whoever takes notes is shown. */
const KNOWN = 15;
const NOTES_TOKENS = 1_500;

/** What came of reading a part of a conversation. */
export interface Learned {
  readonly run: RunRecord;
  /** How many facts and key points were noted; what was known already counts too. */
  readonly noted: number;
}

/** Has a model note what is worth remembering of a conversation, and keeps that. Throws when no model answers, or nothing readable. */
export async function learn(
  { memories, memory, model }: { memories: Memories; memory: BotMemory; model: Model },
  told: Told,
  signal: AbortSignal,
): Promise<Learned> {
  const known = await knownOf(memories, memory, told);
  const startedAt = new Date().toISOString();
  const { turns, conversation } = told;
  const step = await ask(
    model,
    {
      system: INSTRUCTIONS,
      tools: [],
      messages: [{ role: 'user', content: [{ type: 'text', text: materialOf(told, known) }] }],
      tail: '',
      bot: memory.bot,
      about: { purpose: 'extraction', conversation, turn: turns.at(-1)?.turn ?? '' },
      maxTokens: NOTES_TOKENS,
      temperature: 0.2,
    },
    signal,
  );
  const notes = readNotes(step.message.text);
  if (!notes) throw new Fault('MODEL_FAILED', 'The model wrote nothing that could be read as notes.');
  const noted = await keep({ memories, memory, told, known }, notes);
  const run: RunRecord = {
    state: 'succeeded',
    attempt: 1,
    startedAt,
    endedAt: new Date().toISOString(),
    model: model.id,
    provider: model.provider,
    usage: step.usage,
  };
  return { run, noted };
}

async function ask(model: Model, request: Parameters<Model['stream']>[0], signal: AbortSignal): Promise<Step> {
  let step: Step | undefined;
  for await (const fact of runStep(model.stream(request, signal), 0))
    if (fact.type === 'step.finished') step = fact.result;
  signal.throwIfAborted();
  if (!step || step.failure) throw new Fault('MODEL_FAILED', step?.failure?.message ?? 'The model gave no answer.');
  return step;
}

/** What is known already of what the person spoke about. */
async function knownOf(memories: Memories, memory: BotMemory, { turns }: Told): Promise<Memory[]> {
  const text = turns
    .map(({ said }) => said)
    .join('\n')
    .slice(0, 4_000);
  const { found } = await memories.recall(memory, { text, limit: KNOWN });
  return (await memory.read(found.map(({ entry }) => entry))).map((kept) => kept.memory);
}

interface Keeping {
  readonly memories: Memories;
  readonly memory: BotMemory;
  readonly told: Told;
  readonly known: readonly Memory[];
}

async function keep({ memories, memory, told, known }: Keeping, { facts, points }: Notes): Promise<number> {
  const { conversation, turns } = told;
  const why = `Learn from a conversation: ${told.title.slice(0, 80)}`;
  const change: Change = { by: { kind: 'bot', id: memory.bot, name: memory.name }, why };
  const messageAt = (turn: number | undefined): string | undefined => turns[(turn ?? turns.length) - 1]?.message;
  const given = (
    text: string,
    rest: Pick<GivenMemory, 'kind' | 'category' | 'importance'>,
    turn?: number,
  ): GivenMemory => {
    const message = messageAt(turn);
    const source = { conversation, bot: memory.bot, ...(message !== undefined && { message }) };
    return { ...rest, text: redactor.text(text), origin: 'agent', source };
  };
  let count = 0;
  for (const { text, category, importance, turn, replaces } of facts) {
    // What the owner vouches for, only the owner takes back; the newer one stands beside it.
    const old = replaces.flatMap((number) => known[number - 1] ?? []).filter(({ origin }) => origin !== 'owner');
    const fact = given(text, { kind: 'fact', category, importance }, turn);
    if (old.length > 0)
      await memory.replace(
        old.map(({ id }) => id),
        fact,
        change,
      );
    else await memories.learn(memory, fact, change);
    count += 1;
  }
  for (const point of points)
    await memories.learn(memory, given(point, { kind: 'note', category: 'context', importance: 2 }), change);
  return count + points.length;
}
