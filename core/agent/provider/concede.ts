import { fieldsOf, numberOf, textOf } from './unknown.ts';

/**
 * Asks a service, and once more for each thing that it says it does not take and an answer can do without. `lasting` grows by what
 * was given up when that helped, except for what concerns one request alone; `find` names what the words of a refusal are about, what
 * goes first at the beginning.
 */
export async function conceding<Change, Answer>(
  lasting: Set<Change>,
  find: (words: string, given: ReadonlySet<Change>, status: number) => readonly Change[],
  ask: (given: ReadonlySet<Change>) => Promise<Answer>,
  isPassing: (change: Change) => boolean = () => false,
): Promise<Answer> {
  const given = new Set(lasting);
  for (;;) {
    try {
      const answer = await ask(given);
      for (const change of given) if (!isPassing(change)) lasting.add(change);
      return answer;
    } catch (error) {
      const status = numberOf(fieldsOf(error).status) ?? 0;
      const found = [400, 404, 422].includes(status) ? find(wordsOf(error), given, status) : [];
      const next = found.find((change) => !given.has(change));
      if (next === undefined) throw error;
      given.add(next);
    }
  }
}

function wordsOf(error: unknown): string {
  const { error: body, message } = fieldsOf(error);
  return JSON.stringify(body) ?? textOf(message);
}
