import { z } from 'boternity';
import { askJson, below } from './ask-json.ts';
import type { SearchBackend } from './backend.ts';
import { optionalText } from './hits.ts';
import { keyOf, whyNoKey, type KeyedOptions } from './keys.ts';

const TITLE = 'Brave Search';
const SECRET = 'BRAVE_API_KEY';
const REFUSED = `it refuses the key; set another: bnity secret set ${SECRET}`;

const result = z.object({
  title: optionalText,
  url: optionalText,
  description: optionalText,
  age: optionalText,
  page_age: optionalText,
});
/** Of GET /res/v1/web/search; without results the part `web` is not there. */
const answer = z.object({ web: z.object({ results: z.array(result) }).nullish() });

/** The Brave Search API. */
export function braveSearch(options: KeyedOptions): SearchBackend {
  return {
    title: TITLE,
    secret: SECRET,
    missing: (bot) => whyNoKey(options, SECRET, bot),
    async search({ query, count, bot, signal }) {
      const url = below(options.address, 'res/v1/web/search');
      url.search = String(new URLSearchParams({ q: query, count: String(count), text_decorations: 'false' }));
      const { web } = await askJson(TITLE, url, {
        answer,
        timeoutMs: options.timeoutMs,
        signal,
        headers: { 'x-subscription-token': await keyOf(options, SECRET, bot) },
        // A key that Brave does not know is a 422 there.
        meaning: { 401: REFUSED, 403: REFUSED, 422: `it refuses the words or the key (bnity secret set ${SECRET})` },
      });
      return (web?.results ?? []).map(({ title, url: place, description, age, page_age: date }) => ({
        title,
        url: place,
        snippet: description,
        age: age || date || null,
      }));
    },
  };
}
