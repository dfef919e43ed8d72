import { CallError, msg, navigate, pathTo, str, type Client } from 'boternity/ui';
import type { ConversationPage } from '../views.ts';
import type { Deed } from './deeds.ts';
import { slashCommands } from './slash-commands.ts';

/** What a command needs of the conversation that it was written in. */
export interface SlashPlace {
  readonly client: Client;
  readonly page: ConversationPage;
  readonly do: (deed: Deed) => void;
  readonly stop: () => void;
  readonly inspect: () => void;
  readonly map: () => void;
  readonly remove: () => void;
  readonly say: (text: string, tone?: 'danger') => void;
  /** Has the person choose; what was chosen is done. */
  readonly choose: (heading: string, choices: readonly Choice[]) => void;
}

export interface Choice {
  readonly label: string;
  readonly about?: string | undefined;
  readonly isCurrent?: boolean | undefined;
  readonly run?: (() => void) | undefined;
}

type Command = (place: SlashPlace, rest: string) => void | Promise<void>;

const commands: Readonly<Record<string, Command>> = {
  new: ({ page }) => navigate(`${pathTo('conversations')}?bot=${encodeURIComponent(page.bot.slug)}`),
  model,
  persona,
  async remember({ client, page, say }, text) {
    await client.call('memories.create', { bot: page.bot.id, text });
    say(msg('Remembered.'));
  },
  memory: ({ page }, text) => navigate(memoryPage(page, text)),
  forget: ({ page }, text) => navigate(memoryPage(page, text)),
  stop: ({ stop }) => stop(),
  retry: (place) => ofLastAnswer(place, 'messages.retry'),
  regenerate: (place) => ofLastAnswer(place, 'messages.regenerate'),
  edit({ page, do: doIt, say }, text) {
    const last = page.nodes.findLast(({ kind }) => kind === 'user');
    if (last) doIt({ action: 'messages.edit', message: last.id, text });
    else say(msg('There is no message yet.'));
  },
  async compact({ client, page, say }) {
    const { nodes } = await client.call('conversations.compact', { conversation: page.id, lane: page.lane });
    say(msg(str`Prompts hold a summary of ${nodes} messages from now on; you still see them.`));
  },
  inspect: ({ inspect }) => inspect(),
  branch: (place, title) => begin(place, 'branch', title),
  checkpoint: (place, title) => begin(place, 'checkpoint', title),
  branches: ({ map }) => map(),
  title: ({ do: doIt }, title) => doIt({ action: 'conversations.rename', lane: 'main', title: title.slice(0, 200) }),
  export: ({ client, page }, rest) => download(client, page, rest.startsWith('json') ? 'json' : 'markdown'),
  archive: ({ do: doIt }) => doIt({ action: 'conversations.archive', lane: 'main' }),
  delete: ({ remove }) => remove(),
  help: ({ choose }) =>
    choose(
      msg('Commands'),
      slashCommands().map(({ name, usage, about }) => ({
        label: `/${name}${usage === undefined ? '' : ` ${usage}`}`,
        about,
      })),
    ),
};

/** Carries out a command that was written in place of a message. Never throws: what goes wrong is said. */
export async function carryOutSlash(place: SlashPlace, name: string, rest: string): Promise<void> {
  try {
    await commands[name]?.(place, rest);
  } catch (thrown) {
    const { message, hint } = CallError.from(thrown);
    place.say([message, hint].filter(Boolean).join(' '), 'danger');
  }
}

/** Has a conversation saved as a file. */
export async function download(client: Client, page: ConversationPage, format: 'markdown' | 'json'): Promise<void> {
  const { name, text } = await client.call('conversations.export', { conversation: page.id, lane: page.lane, format });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function model(place: SlashPlace, name: string): Promise<void> {
  const { client, page, choose } = place;
  const set = async (wanted: string): Promise<void> => {
    await client.call('bots.configure', { bot: page.bot.id, model: wanted });
    place.say(msg(str`${page.bot.name} answers with ${wanted} from now on.`));
  };
  if (name !== '') return set(name);
  const { models } = await client.call('models.list', {});
  const now = page.nodes.findLast(({ run }) => run)?.run;
  choose(
    msg('Which model shall answer?'),
    models.map(({ id, provider }) => ({
      label: id,
      about: msg(str`via ${provider}`),
      isCurrent: now?.model === id && now.provider === provider,
      run: () => void tried(place, () => set(`${provider}/${id}`)),
    })),
  );
}

async function persona(place: SlashPlace, name: string): Promise<void> {
  const { client, page, choose, say } = place;
  const set = async (wanted?: string): Promise<void> => {
    await client.call('conversations.persona', {
      conversation: page.id,
      ...(wanted !== undefined && { persona: wanted }),
    });
    say(
      wanted === undefined
        ? msg(str`${page.bot.name} speaks as itself from the next answer on.`)
        : msg(str`${page.bot.name} speaks as ${wanted} from the next answer on.`),
    );
  };
  if (name !== '') return set(name);
  const { files } = (await client.call('files.list', { bot: page.bot.id })) as {
    readonly files: readonly { readonly path: string }[];
  };
  const names = new Set(files.flatMap(({ path }) => /^personas\/([^/]+)\//.exec(path)?.[1] ?? []));
  if (names.size === 0) return say(msg(str`${page.bot.name} has no personas.`));
  choose(msg('As whom shall it speak?'), [
    {
      label: page.bot.name,
      about: msg('as itself'),
      isCurrent: page.persona === null,
      run: () => void tried(place, () => set()),
    },
    ...[...names].map((each) => ({
      label: each,
      isCurrent: page.persona === each,
      run: () => void tried(place, () => set(each)),
    })),
  ]);
}

async function tried({ say }: SlashPlace, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    say(CallError.from(thrown).message, 'danger');
  }
}

function ofLastAnswer({ page, do: doIt, say }: SlashPlace, action: 'messages.retry' | 'messages.regenerate'): void {
  const last = page.nodes.findLast(({ kind }) => kind === 'agent');
  if (last) doIt({ action, message: last.id });
  else say(msg('There is no answer yet.'));
}

function begin({ page, do: doIt, say }: SlashPlace, kind: 'branch' | 'checkpoint', title: string): void {
  const known = page.lanes.find((lane) => title !== '' && lane.title === title && kind === 'branch');
  const from = page.nodes.findLast((node) => node.kind === 'agent' && node.finishedAt !== null);
  if (known) navigate(pathTo('conversations', page.id, 'branches', known.id));
  else if (from) doIt({ action: 'branches.create', from: from.id, kind, title: title.slice(0, 200) });
  else say(msg('There is no answer yet behind which it could begin.'));
}

function memoryPage({ bot }: ConversationPage, text: string): string {
  return pathTo('memory', bot.slug) + (text === '' ? '' : `?${new URLSearchParams({ text }).toString()}`);
}
