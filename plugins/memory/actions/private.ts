import { findSecrets, redactor, Scrubber } from 'boternity';

/** What tells of a person and is no text of their own. Dates and years are none. */
const personal: readonly (readonly [RegExp, string])[] = [
  [/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g, '[account]'],
  [/(?<![\d-])(?:\d{4}[ -]?){3}\d{1,4}(?![\d-])/g, '[card]'],
  [/(?<![\w.-])(?:\+|00)[1-9](?:[ ()/.-]{0,2}\d){6,13}(?!\d)/g, '[phone]'],
  [/(?<![\w.-])0\d{2,4}[ /-]\d{3}(?:[ /-]?\d){2,6}(?!\d)/g, '[phone]'],
];

/** A text without secrets; unless `isPersonal`, also without addresses of mail, telephone numbers, accounts and folders of this machine. */
export async function withoutPrivate(text: string, isPersonal: boolean): Promise<string> {
  const { found } = await findSecrets(text);
  const plain = found
    .toSorted((a, b) => b.start - a.start)
    .reduce((rest, { start, end }) => `${rest.slice(0, start)}[secret]${rest.slice(end)}`, text);
  if (isPersonal) return redactor.text(plain);
  const without = personal.reduce((rest, [pattern, put]) => rest.replaceAll(pattern, put), plain);
  return new Scrubber().text(without);
}
