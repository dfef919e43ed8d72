import { z } from 'boternity';
import { askJson, below } from './ask-json.ts';
import type { SearchBackend } from './backend.ts';
import { optionalText } from './hits.ts';
import { keyOf, whyNoKey, type KeyedOptions } from './keys.ts';

const TITLE = 'Tavily';
const SECRET = 'TAVILY_API_KEY';
const REFUSED = `it refuses the key; set another: bnity secret set ${SECRET}`;
const USED_UP = 'the plan is used up';

const result = z.object({
  title: optionalText,
  url: optionalText,
  content: optionalText,
  published_date: optionalText,
});
/** Of POST /search. */
const answer = z.object({ results: z.array(result) });

/** The search of Tavily. */
export function tavilySearch(options: KeyedOptions): SearchBackend {
  return {
    title: TITLE,
    secret: SECRET,
    missing: (bot) => whyNoKey(options, SECRET, bot),
    async search({ query, count, bot, signal }) {
      const { results } = await askJson(TITLE, below(options.address, 'search'), {
        answer,
        timeoutMs: options.timeoutMs,
        signal,
        headers: { authorization: `Bearer ${await keyOf(options, SECRET, bot)}` },
        body: { query, max_results: count },
        meaning: { 401: REFUSED, 403: REFUSED, 432: USED_UP, 433: USED_UP },
      });
      return results.map(({ title, url, content, published_date: date }) => ({
        title,
        url,
        snippet: content,
        age: date || null,
      }));
    },
  };
}
