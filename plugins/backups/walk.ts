import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createHash } from 'node:crypto';
import type { Bots, Home } from 'boternity';
import { inOrder, isNews, whyApart } from './contents.ts';
import { fileNow, type HashedFile } from './read-files.ts';

/** Files that are opened side by side. */
const READ_AT_ONCE = 16;

export interface Left {
  readonly what: string;
  readonly why: string;
}

export interface WalkOptions {
  readonly home: Home;
  readonly bots: Bots;
  readonly withKeys: boolean;
  readonly signal: AbortSignal;
  /** Hears of what does not come along. */
  readonly onLeft: (left: Left) => void;
}

/**
 * Every file of a home that belongs into a backup. The folder of a bot is read while nothing else changes that bot, its seal with it;
 * the rest as it is when it is its turn.
 */
export async function* filesOfHome(options: WalkOptions): AsyncGenerator<HashedFile> {
  const { home, bots } = options;
  const seals = new Map<string, Buffer>();
  for (const name of await namesIn(options, '')) {
    if (name === 'bots') yield* filesOfBots(options, seals);
    else if (name === '.boternity') yield* replaced(walk(options, name), seals);
    else yield* walk(options, name);
  }

  async function* filesOfBots(given: WalkOptions, kept: Map<string, Buffer>): AsyncGenerator<HashedFile> {
    for (const slug of await namesIn(given, 'bots')) {
      if (!bots.slugs.includes(slug)) {
        yield* walk(given, `bots/${slug}`);
        continue;
      }
      const seal = `.boternity/seals/${bots.idOf(slug)}.json`;
      // One that was deleted a moment ago is simply not there any more.
      const release = await hold(bots, slug).catch(() => () => undefined);
      const releaseMemory = await holdMemory(bots, home, slug).catch(() => () => undefined);
      try {
        const content = await home.files.read(seal).catch(() => undefined);
        if (content) kept.set(seal, content);
        yield* walk(given, `bots/${slug}`);
      } finally {
        releaseMemory();
        release();
      }
    }
  }
}

/** Takes a bot, so that nothing changes it until it is released. */
async function hold(bots: Bots, slug: string): Promise<() => void> {
  const held = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const keeper = await bots.keeper(slug);
  void keeper.exclusive(async () => {
    held.resolve();
    await free.promise;
  });
  await held.promise;
  return free.resolve;
}

/** Takes the memory of a bot, where it has one. */
async function holdMemory(bots: Bots, home: Home, slug: string): Promise<() => void> {
  if (!(await home.files.stat(`bots/${slug}/memory/.git`))) return () => undefined;
  const held = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const working = bots.withMemory(slug, async () => {
    held.resolve();
    await free.promise;
  });
  await Promise.race([held.promise, working]);
  return free.resolve;
}

/** A file that was read together with something else is that one, not the one of now. */
async function* replaced(
  files: AsyncIterable<HashedFile>,
  kept: ReadonlyMap<string, Buffer>,
): AsyncGenerator<HashedFile> {
  for await (const file of files) {
    const content = kept.get(file.path);
    if (!content) yield file;
    else {
      const digest = createHash('sha256').update(content).digest('hex');
      yield { ...file, bytes: content.length, content, sha256: () => digest };
    }
  }
}

async function* walk(options: WalkOptions, place: string): AsyncGenerator<HashedFile> {
  options.signal.throwIfAborted();
  const names = await namesIn(options, place);
  if (names.length === 0) {
    const file = await fileNow(path.join(options.home.path, place), place);
    if (file) yield file;
    return;
  }
  for (let at = 0; at < names.length; at += READ_AT_ONCE) {
    const batch = names.slice(at, at + READ_AT_ONCE).map((name) => `${place}/${name}`);
    const read = await Promise.all(batch.map((each) => fileNow(path.join(options.home.path, each), each)));
    for (const [index, file] of read.entries()) {
      if (file) yield file;
      else yield* walk(options, batch[index] ?? '');
    }
  }
}

/** The names in a folder that belong into a backup; empty where there is no folder. */
async function namesIn({ home, withKeys, onLeft }: WalkOptions, folder: string): Promise<string[]> {
  const entries = await readdir(path.join(home.path, folder), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
      throw error;
    },
  );
  const names = entries.filter((entry) => {
    const place = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const isPlain = entry.isFile() || entry.isDirectory();
    const why = whyApart(place, withKeys) ?? (isPlain ? undefined : 'it is a link or no plain file');
    if (why !== undefined && isNews(why)) onLeft({ what: place, why });
    return why === undefined;
  });
  return inOrder(
    folder,
    names.map(({ name }) => name),
  );
}
