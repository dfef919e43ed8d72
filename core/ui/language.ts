import { configureLocalization, msg, str, LOCALE_STATUS_EVENT } from '@lit/localize';
import type { LocaleModule } from '@lit/localize';
import { generateMsgId } from '@lit/localize/internal/id-generation.js';
import { wordClient } from './live/say.ts';

export { msg, str };

/** English, which stands in the source, and the languages there are words of. */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;
type Translated = Exclude<Language, 'en'>;

/** English text → text of another language; `{0}`, `{1}` … stand for what is filled in, in the order of the English one. */
export type Words = Readonly<Record<string, string>>;

type Templates = Record<string, LocaleModule['templates'][string]>;

const KEPT = 'bn-language';
/** Characters of which no text is made. */
const SLOTS = 0xe0_00;
/** The words of the frame and the base elements first; panels add theirs. */
const sources: Record<Translated, (() => Promise<{ readonly words: Words }>)[]> = {
  de: [() => import('./words-de.ts')],
};
const templates: Record<Translated, Templates> = { de: {} };
const loading = new Set<Promise<void>>();

const { getLocale, setLocale } = configureLocalization({
  sourceLocale: 'en',
  targetLocales: ['de'],
  loadLocale: async (locale) => {
    await Promise.all(sources[locale as Translated].map((source) => take(locale as Translated, source)));
    return { templates: templates[locale as Translated] };
  },
});

// By another name for texts that come from elsewhere: `msg` stands only where a text does.
const wordedNow = msg;
wordClient((strings, values) =>
  values.length === 0 ? wordedNow(strings[0] ?? '') : wordedNow(str(strings, ...values)),
);

/** Gives an element's texts their words in other languages, each loaded when somebody reads it. Call it where the element is defined. */
export function addWords(words: Readonly<Record<Translated, () => Promise<{ readonly words: Words }>>>): void {
  for (const [language, source] of Object.entries(words) as [Translated, (typeof sources)['de'][number]][]) {
    sources[language].push(source);
    if (languageNow() !== language) continue;
    const taken = take(language, source).then(tellAll);
    loading.add(taken);
    void taken.finally(() => loading.delete(taken));
  }
}

/** A text that came as data, as the title of a panel does, in the language of the page. */
export function worded(text: string): string {
  return wordedNow(text);
}

/** The place of an element in a text that `weave` puts there: stands in `str` as what is filled in. */
export function slot(place: number): string {
  return String.fromCharCode(SLOTS + place);
}

/** Puts elements where their slots are in a text, in whatever order its language has them. */
export function weave(text: string, ...elements: readonly unknown[]): unknown[] {
  return text
    .split(/([\uE000-\uE009])/)
    .map((part, at) => (at % 2 === 0 ? part : elements[part.charCodeAt(0) - SLOTS]));
}

/** Settles when the words of all modules that were loaded so far are there. */
export async function wordsReady(): Promise<void> {
  await Promise.all(loading);
}

/** The language of the page: the one that was chosen in this browser, else the browser's own, else English. */
export function languageNow(): Language {
  const chosen = localStorage.getItem(KEPT) ?? navigator.language.slice(0, 2);
  return Object.hasOwn(languages, chosen) ? (chosen as Language) : 'en';
}

/** Chooses a language for this browser; every text changes at once. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEPT, language);
  await beginLanguage();
}

/** Loads the words of the page's language. */
export async function beginLanguage(): Promise<void> {
  const language = languageNow();
  document.documentElement.lang = language;
  if (language !== getLocale()) await setLocale(language);
}

async function take(language: Translated, source: () => Promise<{ readonly words: Words }>): Promise<void> {
  // Words that cannot be had leave the texts English.
  const { words } = await source().catch(() => ({ words: {} }));
  for (const [english, other] of Object.entries(words)) {
    const strings = english.split(/\{\d+\}/);
    const isPlain = strings.length === 1;
    const id = generateMsgId(isPlain ? english : strings, false);
    templates[language][id] = isPlain ? other : filled(other);
  }
}

function filled(text: string): Templates[string] {
  const strings = text.split(/\{\d+\}/);
  const values = Array.from(text.matchAll(/\{(\d+)\}/g), ([, number]) => Number(number));
  return { strTag: true, strings: Object.assign(strings, { raw: strings }), values };
}

/** Whatever is drawn already is drawn anew. */
function tellAll(): void {
  const detail = { status: 'ready', readyLocale: getLocale() };
  globalThis.dispatchEvent(new CustomEvent(LOCALE_STATUS_EVENT, { detail }));
}
