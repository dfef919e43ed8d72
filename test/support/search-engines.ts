import type { IncomingMessage } from 'node:http';
import { startWebSite, type PageAnswer, type WebSite } from './web-site.ts';

/** What an engine was asked. */
export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Brave Search, SearXNG and Tavily on one loopback address, with answers in the form that theirs have. */
export interface SearchEngines extends AsyncDisposable {
  readonly site: WebSite;
  readonly url: string;
  readonly asked: Asked[];
  /** Lets one engine answer so from now on. */
  answer(path: string, answer: PageAnswer): void;
}

export const BRAVE = '/res/v1/web/search';
export const SEARXNG = '/searxng/search';
export const TAVILY = '/tavily/search';

/** Of a search for owls, shortened. */
const brave = {
  type: 'search',
  query: {
    original: 'owls',
    show_strict_warning: false,
    is_navigational: false,
    country: 'us',
    more_results_available: true,
  },
  mixed: { type: 'mixed', main: [{ type: 'web', index: 0, all: false }], top: [], side: [] },
  web: {
    type: 'search',
    family_friendly: true,
    results: [
      {
        title: 'Owl - Wikipedia',
        url: 'https://en.wikipedia.org/wiki/Owl',
        is_source_local: false,
        description:
          '<strong>Owls</strong> are birds from the order Strigiformes &amp; more than 200 species&#x27; worth',
        page_age: '2026-10-01T12:00:00',
        profile: { name: 'Wikipedia', url: 'https://en.wikipedia.org/wiki/Owl', long_name: 'en.wikipedia.org' },
        language: 'en',
        type: 'search_result',
        subtype: 'generic',
        meta_url: { scheme: 'https', netloc: 'en.wikipedia.org', hostname: 'en.wikipedia.org', path: '› wiki › Owl' },
        age: 'October 1, 2026',
      },
      {
        title: 'The same again',
        url: 'https://en.wikipedia.org/wiki/Owl',
        description: 'twice',
        type: 'search_result',
      },
      { title: 'Odd', url: 'javascript:alert(1)', description: 'no page' },
      { title: 'No address', description: 'nothing' },
      {
        title: 'Barn owls',
        url: 'https://owls.example/barn?a=1&b=2',
        description: 'x'.repeat(2_000),
        extra_snippets: ['more', 'and more'],
      },
    ],
  },
};

const searxng = {
  query: 'owls',
  number_of_results: 0,
  results: [
    {
      url: 'https://owls.example/night',
      title: 'Owls at night',
      content: 'They see in the dark.',
      publishedDate: '2026-09-30T00:00:00',
      engine: 'duckduckgo',
      template: 'default.html',
      parsed_url: ['https', 'owls.example', '/night', '', '', ''],
      engines: ['duckduckgo', 'brave'],
      positions: [1, 2],
      score: 3,
      category: 'general',
    },
    {
      url: 'https://owls.example/day',
      title: 'Owls by day',
      content: null,
      publishedDate: null,
      engine: 'brave',
      score: 1,
    },
    { url: 'https://owls.example/dusk', title: 'Owls at dusk', content: 'Third.', engine: 'brave', score: 0.5 },
  ],
  answers: [],
  corrections: [],
  infoboxes: [],
  suggestions: ['barn owls'],
  unresponsive_engines: [['google', 'timeout']],
};

const tavily = {
  query: 'owls',
  follow_up_questions: null,
  answer: null,
  images: [],
  results: [
    {
      title: 'Owl facts',
      url: 'https://owls.example/facts',
      content: 'Owls turn their heads.',
      score: 0.87,
      raw_content: null,
    },
  ],
  response_time: 1.2,
};

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): PageAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

export async function startSearchEngines(): Promise<SearchEngines> {
  const site = await startWebSite();
  const asked: Asked[] = [];
  const answer = (path: string, { status = 200, headers, body }: PageAnswer): void =>
    site.set(path, (request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => void pieces.push(piece));
      request.on('end', () => {
        asked.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(pieces).toString() });
        response.writeHead(status, headers).end(body);
      });
    });
  answer(BRAVE, json(brave));
  answer(SEARXNG, json(searxng));
  answer(TAVILY, json(tavily));
  return {
    site,
    url: `http://127.0.0.1:${site.port}`,
    asked,
    answer,
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  };
}
