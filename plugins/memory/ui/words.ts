import { msg, type Answer } from 'boternity/ui';

export type MemoryView = Answer<'memories.show'>;
export type Category = MemoryView['category'];
export type Kind = MemoryView['kind'];

/** Categories and what they are called. */
export function categories(): Readonly<Record<Category, string>> {
  return {
    preference: msg('Preference'),
    fact: msg('Fact'),
    decision: msg('Decision'),
    context: msg('Context'),
    correction: msg('Correction'),
  };
}

export function kinds(): Readonly<Record<Kind, string>> {
  return { fact: msg('One fact'), note: msg('Key points') };
}

export function origins(): Readonly<Record<MemoryView['origin'], string>> {
  return {
    owner: msg('A person said or confirmed it'),
    agent: msg('The bot noted it itself'),
    untrusted: msg('Nobody vouches for it'),
    system: msg('A program wrote it'),
  };
}

/** Importances, the highest first. */
export function importances(): readonly (readonly [value: number, words: string])[] {
  return [
    [5, msg('always at hand')],
    [4, msg('high')],
    [3, msg('normal')],
    [2, msg('low')],
    [1, msg('least')],
  ];
}

export function isExpired({ expires_at }: Pick<MemoryView, 'expires_at'>): boolean {
  return expires_at !== undefined && Date.parse(expires_at) <= Date.now();
}
