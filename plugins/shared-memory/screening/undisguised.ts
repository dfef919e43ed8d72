/** Letters of other alphabets that look like Latin ones. */
const lookalikes = new Map(
  Object.entries({
    а: 'a',
    е: 'e',
    о: 'o',
    р: 'p',
    с: 'c',
    у: 'y',
    х: 'x',
    і: 'i',
    ѕ: 's',
    ԁ: 'd',
    ո: 'n',
    ο: 'o',
    α: 'a',
    ε: 'e',
    ι: 'i',
    ν: 'v',
    ρ: 'p',
    τ: 't',
    υ: 'u',
    κ: 'k',
    м: 'm',
    т: 't',
    н: 'h',
    в: 'b',
    к: 'k',
  }),
);
/** Digits and signs that stand for letters inside a word. */
const leet = new Map(Object.entries({ 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's', '!': 'i' }));

/** What has no width of its own, or tells where a word may be broken. */
const UNSEEN = /[\p{Cf}\u{E0100}-\u{E01EF}\u034F\u115F\u1160\u3164]/gu;

/** A text in the ways in which somebody who reads it may understand it, in small letters: as it stands, and without disguises. */
export function undisguised(text: string): string[] {
  const plain = text.normalize('NFKC').replaceAll(UNSEEN, '').toLowerCase();
  const latin = plain.replaceAll(/\p{L}+/gu, (word) => (isMixed(word) ? replaced(word, lookalikes) : word));
  const letters = latin.replaceAll(/[a-z013457@$!]+/g, (word) => (/[a-z]/.test(word) ? replaced(word, leet) : word));
  // i g n o r e, i.g.n.o.r.e
  const joined = letters.replaceAll(/\b(?:\p{L}[ .\-_*]){2,}\p{L}\b/gu, (word) => word.replaceAll(/[ .\-_*]/g, ''));
  return [...new Set([plain, letters, joined])];
}

function isMixed(word: string): boolean {
  return /\p{Script=Latin}/u.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}]/u.test(word);
}

function replaced(text: string, by: ReadonlyMap<string, string>): string {
  return Array.from(text, (sign) => by.get(sign) ?? sign).join('');
}

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}]/u;

/** Whether a text holds characters that people do not see and models read. What scripts and emoji need is none. */
export function hasUnseen(text: string): boolean {
  const shown = text
    // The flags of England, Scotland and Wales.
    .replaceAll(/\u{1F3F4}[\u{E0020}-\u{E007F}]+/gu, '')
    .replaceAll(/(?<=\p{Extended_Pictographic}|\uFE0F|\p{Emoji_Modifier})\u200D(?=\p{Extended_Pictographic})/gu, '')
    .replaceAll(
      /(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{M}])[\u200C\u200D]/gu,
      '',
    )
    // A word may be broken here.
    .replaceAll('\u00AD', '');
  if (/[\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\u200B-\u200D\u{E0000}-\u{E01EF}\u115F\u1160\u3164]/u.test(shown))
    return true;
  if (/[\u200E\u200F]/.test(shown) && !RIGHT_TO_LEFT.test(shown)) return true;
  return /[\p{Cc}--[\t\n\r]]/v.test(shown);
}
