import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cloneOf, git, remoteOf } from './git-client.ts';
import type { Product } from './product.ts';

/** Something that writes, and remembers what was acknowledged. */
export interface Writer {
  readonly name: string;
  /** One write. Rejects when the server is gone; then it may have happened or not. */
  write(product: Product): Promise<void>;
  /** Throws when something that was acknowledged is not there. */
  check(product: Product): Promise<void>;
}

/** Bots that the writer of bots keeps at most. */
const MOST_BOTS = 4;
/** Messages after which a new conversation is begun. */
const MESSAGES_EACH = 20;

/** Everything that writes over a door of the server, each with a bot of its own. */
export async function createWriters(product: Product, undo: AsyncDisposableStack): Promise<readonly Writer[]> {
  for (const name of ['Configured', 'Edited', 'Pushed', 'Remembering']) {
    await product.client.call('bots.create', { name });
  }
  return [
    messages(),
    numbered('settings', setSetting, settingNow),
    numbered('settings of a bot', configure, configuredNow),
    numbered('files', editFile, fileNow),
    numbered('providers', addProvider, providerNow),
    numbered('secrets', setSecret, secretNow),
    bots(),
    memories(),
    await pushes(product, undo),
  ];
}

/** Writes one number after the other into one place: what stands there is the last that was answered, or a later one. */
function numbered(
  name: string,
  put: (product: Product, number: number) => Promise<unknown>,
  now: (product: Product) => Promise<number>,
): Writer {
  let tried = 0;
  let acknowledged = 0;
  return {
    name,
    async write(product) {
      tried += 1;
      const number = tried;
      await put(product, number);
      acknowledged = number;
    },
    async check(product) {
      const found = await now(product);
      if (!(found >= acknowledged && found <= tried))
        throw new Error(`${name}: ${found} stands there; ${acknowledged} was answered and ${tried} tried`);
    },
  };
}

const setSetting = (product: Product, number: number): Promise<unknown> =>
  product.client.call('settings.set', { key: 'plugins.nobody', value: { number } });

async function settingNow(product: Product): Promise<number> {
  const { settings } = await product.client.call('settings.list', {});
  const value = settings.find(({ key }) => key === 'plugins.nobody')?.value as { number: number } | undefined;
  return value?.number ?? 0;
}

const configure = (product: Product, number: number): Promise<unknown> =>
  product.client.call('bots.configure', { bot: 'configured', set: [`model.max_tokens=${number}`] });

async function configuredNow(product: Product): Promise<number> {
  const { settings } = await product.client.call('bots.show', { bot: 'configured' });
  return (settings.value.model as { max_tokens?: number } | undefined)?.max_tokens ?? 0;
}

const editFile = (product: Product, number: number): Promise<unknown> =>
  product.client.call('files.write', { bot: 'edited', path: 'AGENT.md', text: `Version ${number}\n`.repeat(200) });

async function fileNow(product: Product): Promise<number> {
  const folder = path.join(product.home, 'bots/edited');
  const lines = (await readFile(path.join(folder, 'AGENT.md'), 'utf8')).trimEnd().split('\n');
  const found = new Set(lines);
  if (found.size > 1 && lines[0]?.startsWith('Version'))
    throw new Error(`AGENT.md is torn: ${[...found].join(' and ')}`);
  return Number(/^Version (\d+)$/.exec(lines[0] ?? '')?.[1] ?? 0);
}

const addProvider = (product: Product, number: number): Promise<unknown> =>
  product.client.call('providers.add', {
    name: 'numbered',
    address: 'http://127.0.0.1:9/v1',
    models: [`model-${number}`],
  });

async function providerNow(product: Product): Promise<number> {
  const { providers } = await product.client.call('providers.list', {});
  return Number(providers.find(({ name }) => name === 'numbered')?.models[0]?.slice('model-'.length) ?? 0);
}

const setSecret = (product: Product, number: number): Promise<unknown> =>
  product.client.call('secrets.set', {
    name: 'SOAKED',
    value: `a long secret ${String(number).padStart(4, '0')}`,
    check: false,
  });

async function secretNow(product: Product): Promise<number> {
  const { secrets } = await product.client.call('secrets.list', {});
  return Number(secrets.find(({ name }) => name === 'SOAKED')?.preview.slice(-4) ?? 0);
}

function messages(): Writer {
  /** Conversation → texts that were answered. */
  const sent = new Map<string, string[]>();
  let conversation = '';
  let number = 0;
  return {
    name: 'messages',
    async write(product) {
      const isFull = (sent.get(conversation)?.length ?? MESSAGES_EACH) >= MESSAGES_EACH;
      if (isFull) {
        conversation = (await product.client.call('conversations.create', { bot: 'assistant' })).id;
        sent.set(conversation, []);
      }
      number += 1;
      const text = `Message ${number}`;
      await product.client.call('messages.send', { conversation, text });
      sent.get(conversation)?.push(text);
    },
    async check(product) {
      // The last ones are those that a kill can have hit; older ones were looked at before.
      for (const [id, texts] of [...sent].slice(-3)) {
        const { nodes } = await product.client.call('conversations.show', { conversation: id });
        const found = nodes.filter(({ kind }) => kind === 'user').map(({ text }) => text);
        const lost = texts.filter((text) => !found.includes(text));
        if (lost.length > 0) throw new Error(`messages: ${lost.join()} of conversation ${id} are lost`);
        const kept = found.filter((text) => texts.includes(text));
        if (kept.join() !== texts.join()) throw new Error(`messages: their order is ${kept.join()}`);
      }
    },
  };
}

function bots(): Writer {
  const living = new Map<string, string>();
  const gone = new Set<string>();
  const unsure = new Set<string>();
  let number = 0;
  return {
    name: 'bots',
    async write({ client }) {
      const [oldest] = living.keys();
      if (living.size >= MOST_BOTS && oldest !== undefined) {
        living.delete(oldest);
        unsure.add(oldest);
        await client.call('bots.delete', { bot: oldest });
        gone.add(oldest);
        return;
      }
      number += 1;
      const { id, slug } = await client.call('bots.create', { name: `Soaked ${number}` });
      living.set(slug, id);
    },
    async check({ client, home }) {
      const found = new Map((await client.call('bots.list', {})).bots.map(({ slug, id }) => [slug, id]));
      for (const [slug, id] of living) {
        if (found.get(slug) !== id) throw new Error(`bots: ${slug} is ${found.get(slug)}, not ${id}`);
        const { code } = await git(path.join(home, 'bots', slug), ['rev-parse', 'main']);
        if (code !== 0) throw new Error(`bots: ${slug} has no first commit`);
      }
      for (const slug of gone) if (found.has(slug)) throw new Error(`bots: ${slug} was deleted and is back`);
      // A bot whose creation or deletion nobody answered may be there; it is whole then, and goes now.
      for (const slug of found.keys()) {
        if (!slug.startsWith('soaked') || living.has(slug)) continue;
        await client.call('bots.show', { bot: slug });
        await client.call('bots.delete', { bot: slug });
      }
      gone.clear();
      unsure.clear();
    },
  };
}

function memories(): Writer {
  const files = new Map<string, string>();
  let number = 0;
  return {
    name: 'memories',
    async write({ client }) {
      number += 1;
      const text = `The number ${number} was here.`;
      const memory = await client.call('memories.create', { bot: 'remembering', text });
      files.set(memory.path, text);
    },
    async check({ home }) {
      for (const [file, text] of files) {
        const kept = JSON.parse(await readFile(path.join(home, 'bots/remembering', file), 'utf8')) as { text: string };
        if (kept.text !== text) throw new Error(`memories: ${file} says ${kept.text}`);
      }
    },
  };
}

async function pushes(product: Product, undo: AsyncDisposableStack): Promise<Writer> {
  const clone = undo.use(await cloneOf(product, 'pushed.git'));
  let acknowledged = '';
  let number = 0;
  return {
    name: 'pushes',
    async write(product) {
      number += 1;
      const commit = await clone.commit({
        'data/number.txt': `${number}\n`,
        [`data/${number % 7}.txt`]: `${number}\n`,
      });
      await clone.git('remote', 'set-url', 'origin', await remoteOf(product, 'pushed.git'));
      const { code, stderr } = await clone.push();
      if (code !== 0) throw new Error(`git push ended with ${code}: ${stderr}`);
      acknowledged = commit;
    },
    async check({ home }) {
      if (acknowledged === '') return;
      const folder = path.join(home, 'bots/pushed');
      const kept = await git(folder, ['merge-base', '--is-ancestor', acknowledged, 'main']);
      if (kept.code !== 0) throw new Error(`pushes: ${acknowledged} is not in main: ${kept.stderr}`);
      const { stdout } = await git(folder, ['status', '--porcelain']);
      if (stdout !== '') throw new Error(`pushes: the folder is not what main says: ${stdout}`);
    },
  };
}
