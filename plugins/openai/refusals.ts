/** What an answer can do without, and the words by which a service says that it does not take it. */
export type Refusable = readonly [name: string, words: RegExp];

export type Refused = ReadonlySet<string>;

/** What a refusal is about, as `conceding` asks for it. A model that is not there is asked for in vain. */
export function findIn(refusables: readonly Refusable[]) {
  return (words: string, _given: Refused, status: number): string[] =>
    status === 404 ? [] : refusables.flatMap(([name, pattern]) => (pattern.test(words) ? [name] : []));
}

/** How much a model shall think. Not every model can do without; the least that it can is found by asking. */
export function effortFor(
  thinking: 'off' | 'low' | 'medium' | 'high' | undefined,
  refusals: Refused,
): string | undefined {
  if (thinking === undefined || refusals.has('effort')) return undefined;
  if (thinking !== 'off') return thinking;
  return ['none', 'minimal'].find((effort) => !refusals.has(`effort ${effort}`)) ?? 'low';
}

const THINKING_WORDS = /effort|reasoning|thinking/i;

export const refusableEfforts: readonly Refusable[] = [
  ['effort none', THINKING_WORDS],
  ['effort minimal', THINKING_WORDS],
  ['effort', THINKING_WORDS],
];
