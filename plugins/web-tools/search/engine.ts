import { Fault, type Registry } from 'boternity';
import type { SearchBackend, SearchHit, SearchQuery } from './backend.ts';
import { tidyHits } from './hits.ts';

export interface Found {
  /** Title of the back end that answered. */
  readonly engine: string;
  readonly results: SearchHit[];
}

/** Searches with the back end that the settings name, else with the first that is set up. */
export async function searchWith(
  backends: Registry<SearchBackend>,
  chosen: string | undefined,
  query: SearchQuery,
): Promise<Found> {
  const backend = await choose(backends, chosen, query.bot);
  return { engine: backend.title, results: tidyHits(await backend.search(query), query.count) };
}

async function choose(
  backends: Registry<SearchBackend>,
  chosen: string | undefined,
  bot?: string,
): Promise<SearchBackend> {
  const all = [...backends];
  const candidates = chosen === undefined ? all : all.filter(([key]) => key === chosen);
  const wishes: string[] = [];
  for (const [key, backend] of candidates) {
    const missing = await backend.missing(bot);
    if (missing === undefined) return backend;
    wishes.push(`for ${backend.title} (${key}) ${missing}`);
  }
  if (wishes.length > 0)
    throw new Fault(
      'SEARCH_MISSING',
      `Web search is not set up. The owner of this server can choose: ${wishes.join('; ')}.`,
    );
  const keys = all.map(([key]) => key).join(', ');
  throw new Fault(
    'SEARCH_MISSING',
    `plugins.web-tools.search.backend names "${chosen}", which there is not; there are: ${keys}.`,
  );
}
