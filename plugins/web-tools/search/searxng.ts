import { z } from 'boternity';
import { askJson, below } from './ask-json.ts';
import type { SearchBackend } from './backend.ts';
import { optionalText } from './hits.ts';

const TITLE = 'SearXNG';
const NO_JSON = 'it does not give JSON; add json to search.formats in its settings.yml';

const result = z.object({ title: optionalText, url: optionalText, content: optionalText, publishedDate: optionalText });
/** Of GET /search?format=json; the number of results is the engine's own. */
const answer = z.object({ results: z.array(result) });

/** A SearXNG of the owner, or of somebody who lets programs in. */
export function searxngSearch({
  address,
  timeoutMs,
}: {
  address: string | undefined;
  timeoutMs: number;
}): SearchBackend {
  return {
    title: TITLE,
    missing: async () =>
      address === undefined
        ? 'set its address: bnity settings set plugins.web-tools.search.searxng.address http://127.0.0.1:8888'
        : undefined,
    async search({ query, signal }) {
      const url = below(address ?? '', 'search');
      url.search = String(new URLSearchParams({ q: query, format: 'json' }));
      const { results } = await askJson(TITLE, url, { answer, timeoutMs, signal, meaning: { 403: NO_JSON } });
      return results.map(({ title, url: place, content, publishedDate: date }) => ({
        title,
        url: place,
        snippet: content,
        age: date || null,
      }));
    },
  };
}
