import { dayOf, z } from 'boternity';
import type { Ask } from './ask.ts';
import type { Spend } from './spend.ts';
import { botLine, conversationLine, memoryLine, pluginLine, providerLine, runLine, type Dashboard } from './views.ts';

const LATEST = 8;
const MOST_WAITING = 50;

/** Everything for the first page, read side by side. */
export async function gather(ask: Ask, spend: Spend): Promise<Omit<Dashboard, 'mayCompare'>> {
  const [conversations, waiting, bots, quarantine, plugins, runs, providers, spent, pages] = await Promise.all([
    conversationsOf(ask, { limit: LATEST }),
    conversationsOf(ask, { limit: MOST_WAITING, waiting: true }),
    botsOf(ask),
    quarantineOf(ask),
    pluginsOf(ask),
    runsOf(ask),
    ask.of('providers.status', {}, z.object({ providers: z.array(providerLine) })),
    spend.read(ask),
    ask.of('panels.list', {}, z.object({ panels: z.array(z.object({ path: z.string() })) })),
  ]);
  return {
    conversations,
    waiting,
    bots,
    quarantine,
    plugins,
    runs,
    providers: providers?.providers ?? null,
    spend: spent,
    pages: pages?.panels.map(({ path }) => path) ?? [],
    failures: ask.failures,
  };
}

async function conversationsOf(ask: Ask, input: object): Promise<Dashboard['conversations']> {
  const form = z.object({ conversations: z.array(conversationLine) });
  return (await ask.of('conversations.list', input, form))?.conversations ?? null;
}

async function botsOf(ask: Ask): Promise<Dashboard['bots']> {
  const found = await ask.of('bots.list', {}, z.object({ bots: z.array(botLine) }));
  if (!found) return null;
  const troubled = found.bots.filter(({ problems, waiting }) => problems + waiting > 0);
  return { count: found.bots.length, troubled: troubled.slice(0, MOST_WAITING) };
}

async function quarantineOf(ask: Ask): Promise<Dashboard['quarantine']> {
  const form = z.object({ memories: z.array(memoryLine.extend({ state: z.string() })) });
  const found = await ask.of('sharedMemories.review', {}, form);
  if (!found) return null;
  const held = found.memories.filter(({ state }) => state === 'quarantined');
  return held.slice(0, MOST_WAITING).map(({ state: _state, ...rest }) => rest);
}

async function pluginsOf(ask: Ask): Promise<Dashboard['plugins']> {
  const found = await ask.of('plugins.list', {}, z.object({ plugins: z.array(pluginLine) }));
  return found?.plugins.filter(({ state }) => state !== 'running') ?? null;
}

async function runsOf(ask: Ask): Promise<Dashboard['runs']> {
  const yesterday = new Date();
  yesterday.setDate(yesterday.getDate() - 1);
  const input = { from: dayOf(yesterday), limit: LATEST };
  return (await ask.of('usage.list', input, z.object({ calls: z.array(runLine) })))?.calls ?? null;
}
