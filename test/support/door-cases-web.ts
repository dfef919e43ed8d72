import type { DoorCase } from './door-cases.ts';
import { SEARXNG, startSearchEngines, type SearchEngines } from './search-engines.ts';
import { page } from './web-site.ts';

/** The site that the actions of plugins/web-tools reach in the doors' test; it also searches. */
export async function startDoorSite(): Promise<SearchEngines> {
  const engines = await startSearchEngines();
  engines.site.set('/page', page('text/html', '<title>A page</title><p>Its <i>text</i>.</p>'));
  return engines;
}

/** The settings of the plugin that let the server reach it, as JSON. */
export function webSettings({ site, url }: SearchEngines): string {
  const searxng = { address: `${url}${SEARXNG.replace('/search', '')}` };
  return JSON.stringify({ ports: [site.port], allow: ['localhost'], search: { searxng } });
}

/** How the actions of plugins/web-tools are tried at every door. */
export function webCases({ site }: SearchEngines): Readonly<Record<string, DoorCase>> {
  const url = `http://localhost:${site.port}/page`;
  return {
    'web.fetch': {
      wrong: { url: '' },
      right: { url },
      check: ({ t, output }) => {
        t.match(output, { final_url: url, status_code: 200, title: 'A page', text: 'Its text.' });
        t.ok(site.requests.includes('GET /page'));
      },
    },
    'web.search': {
      wrong: { query: 'owls', count: 21 },
      right: { query: 'owls', count: 1 },
      check: ({ t, output }) => t.match(output, { engine: 'SearXNG', results: [{ title: 'Owls at night' }] }),
    },
  };
}
