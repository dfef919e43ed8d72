import t from 'tap';
import { problemsOf, readSets } from '../bench/retrieval/check.ts';
import { compareConversations, compareCranfield } from '../bench/retrieval/compare.ts';
import { readCranfieldQuestions, readDocuments } from '../bench/retrieval/cranfield.ts';
import { halves } from '../bench/retrieval/sets.ts';
import { plainBm25 } from '../bench/retrieval/ways.ts';

await t.test('the sets that retrieval is measured with are whole, and what is wrong with one is said', async (t) => {
  const sets = await readSets();
  t.strictSame(problemsOf(sets), []);
  const [tuning, reporting] = sets;
  if (!tuning || !reporting) throw new Error('A half is missing.');
  const [first, second, ...others] = tuning.questions;
  if (!first || !second) throw new Error('There are no questions.');
  const foreign = reporting.conversations[0]?.turns[0]?.id ?? '';
  const broken = {
    ...tuning,
    questions: [{ ...first, answers: [foreign] }, { ...second, question: first.question }, ...others],
  };
  t.strictSame(problemsOf([broken, reporting]), [
    `The question "${first.question}" is there twice.`,
    `${first.id} is not answered by ${foreign} of its conversation.`,
  ]);
});

await t.test('plain BM25 finds 50 to 85 of 100 answers in each half: neither too hard nor too easy', async (t) => {
  for (const half of halves) {
    const { rows } = await compareConversations(plainBm25, half, false);
    const recall = rows[0]?.parts['recall@10'] ?? 0;
    t.ok(recall >= 0.5 && recall <= 0.85, `${half}: ${recall}`);
  }
});

await t.test('Cranfield is read whole, and BM25 ranks it as well as others report', async (t) => {
  t.equal((await readDocuments()).length, 1398, 'two of 1,400 are empty');
  const questions = await readCranfieldQuestions();
  t.equal(questions.length, 225);
  t.equal(
    questions.reduce((sum, { answers }) => sum + answers.size, 0),
    1612,
  );
  const { rows } = await compareCranfield(plainBm25, false);
  t.ok((rows[0]?.parts['nDCG@10'] ?? 0) > 0.35);
});
