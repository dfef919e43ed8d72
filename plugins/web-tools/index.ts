import { definePlugin, Fault, Registry } from 'boternity';
import type { SecretCheck } from '../vault/actions.ts';
import type {} from '../vault/index.ts';
import { fetchPage, searchWeb } from './actions.ts';
import { webConfig } from './config.ts';
import { Limiter } from './limiter.ts';
import { createRetriever } from './retrieve.ts';
import type { SearchBackend, WebSearch } from './search/backend.ts';
import { braveSearch } from './search/brave.ts';
import { searxngSearch } from './search/searxng.ts';
import { tavilySearch } from './search/tavily.ts';

export type * from './search/backend.ts';

declare module 'boternity' {
  interface Services {
    webSearch: WebSearch;
  }
}

/** Lets bots and people read pages of the web and search it. */
export default definePlugin({
  name: 'web-tools',
  needs: ['home', 'actions', 'vault'],
  provides: ['webSearch'],
  config: webConfig,
  setup(context, config) {
    const { home, actions, vault } = context;
    const { search } = config;
    const parts = { limiter: new Limiter(config.perMinute), log: home.log };
    const backends = new Registry<SearchBackend>('search back end');
    backends.add(context, 'searxng', searxngSearch({ address: search.searxng?.address, timeoutMs: search.timeoutMs }));
    backends.add(context, 'brave', braveSearch({ ...search.brave, timeoutMs: search.timeoutMs, vault }));
    backends.add(context, 'tavily', tavilySearch({ ...search.tavily, timeoutMs: search.timeoutMs, vault }));
    actions.add(fetchPage(parts, createRetriever(config)), searchWeb(parts, backends, search.backend));
    context.provide('webSearch', (consumer) => ({ add: (key, backend) => backends.add(consumer, key, backend) }));
    context.wrap('secret.check', async (next, name, bot) => {
      const users = [...backends].map(([, backend]) => backend).filter(({ secret }) => secret === name);
      return [...(await next(name, bot)), ...(await Promise.all(users.map((backend) => tryOut(backend, bot))))];
    });
  },
});

/** One small search, to see whether a key that was just set is taken. */
async function tryOut(backend: SearchBackend, bot: string | undefined): Promise<SecretCheck> {
  try {
    await backend.search({ query: 'owl', count: 1, bot, signal: AbortSignal.timeout(20_000) });
    return { provider: backend.title, ok: true, message: `${backend.title} takes it: a search was answered.` };
  } catch (error) {
    return { provider: backend.title, ok: false, message: Fault.from(error).message };
  }
}
