import { timeIn } from './times.ts';

/** What an answer has to hold. */
export type Wanted = 'time' | 'year' | 'age' | 'measure' | 'number';

const WEEKDAYS =
  /\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)s?|lunes|martes|miércoles|jueves|viernes|sábado|domingo|weekends?|wochenende|today|tomorrow|tonight|daily|morgen)\b/i;
const MONTHS =
  /\b(?:january|february|march|april|may|june|july|august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember|enero|febrero|marzo|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|spring|summer|autumn|winter|easter|christmas|weihnachten|ostern|sommer|herbst)\b/i;
const CLOCK =
  /\b\d{1,2}(?:[:.]\d\d| ?(?:am|pm|uhr|o'clock))\b|\b(?:noon|midnight|mittags?|half past|quarter)\b|\bat (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b/i;
const NUMBER =
  /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|half|twice|once|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|hundert|tausend|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez)\b/i;
const AGE =
  /\b(?:years?|months?|weeks?|old|aged?|turn(?:s|ed|ing)?|born|birthday|jahre?|alt|geboren|geburtstag|años?|nació)\b/i;
const MEASURE =
  /\d[\d.,]*\s?(?:m|cm|mm|km|kg|g|t|lb|lbs|ft|in|mi|l|ml|ha|°|%|mph|kmh|km\/h|min)\b|\b(?:met(?:re|er)s?|feet|foot|inch(?:es)?|yards?|miles?|kilomet|acres?|hectares?|square|kilos?|grams?|pounds?|tons?|stone|lit(?:re|er)s?|hours?|minutes?|days?|weeks?|months?|years?|stunden?|minuten?|tage?|wochen?|monate?|jahre?)\b/i;
const YEAR = /\b(?:1[5-9]|20)\d\d\b/;

/** The word that says what is wanted: `What is the salary of`; and the one that says of which kind it is: `Which room`. */
const THING =
  /\b(?:what|was|qué|cuál)(?:['’]s|\s+(?:is|are|was|were|ist|sind|war|es|son))\s+(?:(?:the|a|an|my|our|your|his|her|their|its|der|die|das|mein|meine|unser|unsere|el|la|los|las|mi)\s+)?(\p{Ll}+)/iu;
const KIND =
  /\b(?:what|which|welche[mnrs]?|qué|cuál)\s+(?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|should\b|can\b)(\p{Ll}+)/iu;

/** The word for what a question asks for, and that for its kind, which answers seldom name; where it has them. */
export function focusOf(question: string): { readonly thing: string | undefined; readonly kind: string | undefined } {
  return { thing: THING.exec(question)?.[1], kind: KIND.exec(question)?.[1] };
}

/** How questions ask for each, and the words in which they do: these say nothing of what is asked about. */
const forms: readonly (readonly [Wanted, RegExp])[] = [
  ['year', /\b(?:(?:in )?(?:what|which) year|in welchem jahr|en qué año)\b/i],
  [
    'time',
    /\b(?:when|(?:what|which) (?:day|date|time|month|week|weekday)s?|(?:what|which) days? of the week|how late|until when|since when|wann|(?:an |um )?(?:welche[mnrs]?|wie viel) (?:tag|datum|uhr|uhrzeit|monat)|cuándo|qué día|a qué hora)\b/i,
  ],
  ['age', /\b(?:how old|what age|wie alt|qué edad)\b/i],
  [
    'measure',
    /\b(?:how (?:tall|long|far|big|large|heavy|high|deep|wide|fast)|wie (?:lang|groß|weit|hoch|schwer|tief|breit))\b/i,
  ],
  [
    'number',
    /\b(?:how (?:many|much|often)|what (?:number|price|amount|percentage)|wie (?:viele?|oft|teuer)|cuánt[oa]s?)\b/i,
  ],
];

/** What a question asks for, and the question without the words that say so. */
export function askedFor(question: string): { readonly wanted: Wanted | undefined; readonly rest: string } {
  for (const [wanted, form] of forms) if (form.test(question)) return { wanted, rest: question.replace(form, ' ') };
  return { wanted: undefined, rest: question };
}

/** Whether a text could be an answer to a question for such a thing. */
export function holds(text: string, wanted: Wanted): boolean {
  if (wanted === 'year') return YEAR.test(text);
  if (wanted === 'number') return NUMBER.test(text);
  if (wanted === 'age') return AGE.test(text);
  if (wanted === 'measure') return MEASURE.test(text);
  return WEEKDAYS.test(text) || MONTHS.test(text) || CLOCK.test(text) || timeIn(text, new Date(0)) !== undefined;
}
