import { once } from 'node:events';
import {
  beginEvents,
  Scrubber,
  z,
  type Bots,
  type Model,
  type ModelRequest,
  type Route,
  type TapeProviders,
} from 'boternity';
import type { Providers } from '../providers/index.ts';
import type { Listeners } from './listeners.ts';

interface Parts {
  /** Absolute path of the home. */
  readonly home: string;
  readonly bots: Bots;
  readonly providers: Providers;
  readonly listeners: Listeners;
}

/** Sends what goes to services of models and comes back while somebody listens, an event each. */
export function recordingRoute({ home, bots, providers, listeners }: Parts): Route {
  return {
    method: 'GET',
    path: '/api/v1/recording',
    permission: 'server:admin',
    describe: {
      name: 'tapes.record',
      summary: 'Sends each exchange with a service of models from now on, without keys and names.',
      query: z.object({
        bot: z.string().optional().describe('Only those of this bot, by slug or id'),
        provider: z.string().optional().describe('Only those with this provider'),
        conversation: z.string().optional().describe('Only those for this conversation'),
      }),
      answers: { 200: { description: 'Server-sent events, until one side leaves', type: 'text/event-stream' } },
    },
    async handle({ url, response, signal }) {
      const wants = await filterFor(url.searchParams, bots);
      const scrubber = new Scrubber([home, process.cwd()]);
      const tell = (line: object): void => void response.write(`data: ${JSON.stringify(line)}\n\n`);
      beginEvents(response);
      tell({ type: 'ready', providers: pathsOf(providers, scrubber) });
      const leave = listeners.add({ scrubber, wants, tell });
      if (!signal.aborted) await once(signal, 'abort');
      leave();
      response.end();
    },
  };
}

async function filterFor(
  query: URLSearchParams,
  bots: Bots,
): Promise<(model: Model, request: ModelRequest) => boolean> {
  const [bot, provider, conversation] = ['bot', 'provider', 'conversation'].map((name) => query.get(name));
  const { id, slug } = bot ? await bots.get(bot) : {};
  return (model, request) =>
    (!bot || request.bot === id || request.bot === slug) &&
    (!provider || model.provider === provider) &&
    (!conversation || request.about?.conversation === conversation);
}

/** Kinds of providers, and the paths of their addresses: their hosts may tell whose they are. */
function pathsOf(providers: Providers, scrubber: Scrubber): TapeProviders {
  return Object.fromEntries(
    providers.all().map(({ name, type, address }) => {
      const path = URL.parse(address)?.pathname ?? '/';
      return [name, { type, path: path === '/' ? '' : scrubber.text(path) }];
    }),
  );
}
