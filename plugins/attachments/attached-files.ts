import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  createId,
  Fault,
  isId,
  isMissingFile,
  makeFolder,
  syncFolder,
  writeAtomically,
  type Bots,
  type Content,
  type Home,
} from 'boternity';
import type { Attachment, AttachmentKeeper, Conversations } from '../conversations/index.ts';
import type { Documents } from '../storage/index.ts';
import { contentOf, tokensOf, type Read } from './content.ts';

/** How long a file waits to be sent, in milliseconds. */
const WAIT_MS = 24 * 3_600_000;
/** All files of a bot that wait, in bytes. */
const MOST_WAITING = 500 * 1024 * 1024;

interface Options {
  readonly home: Home;
  readonly bots: Bots;
  readonly documents: Documents;
  readonly conversations: Conversations;
}

/** A file that was brought, and what is known of it. */
export interface Kept extends Attachment {
  readonly read: Read;
}

/**
 * Files on their way into conversations, and those that are there: each in a folder named by its id, first among those that wait
 * for their message (`.boternity/staging/attachments/<bot>/`), then at the conversation (`data/<slug>/conversations/<id>/attachments/`).
 */
export class AttachedFiles implements AttachmentKeeper {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Takes a file that came until its message is sent. Throws STORAGE_FULL. */
  async keep(bot: string, name: string, { file, bytes }: Awaited<ReturnType<Documents['receive']>>): Promise<Kept> {
    if (bytes + (await this.#waiting(bot)) > MOST_WAITING)
      throw new Fault('STORAGE_FULL', 'Too many files of this bot wait for their message to be sent.');
    const id = createId();
    const place = path.join(this.#staged(bot), id);
    await mkdir(place, { recursive: true });
    await rename(file, path.join(place, name));
    return this.#known(place, id, name);
  }

  /** Drops a file that was not sent. */
  async drop(bot: string, id: string): Promise<void> {
    if (!isId(id)) return;
    await rm(path.join(this.#staged(bot), id), { recursive: true, force: true });
    await rm(this.#cache(id), { force: true });
  }

  /** Throws ATTACHMENT_MISSING for one that is not there, or that was brought for another bot. */
  async take(bot: string, conversation: string, ids: readonly string[]): Promise<Attachment[]> {
    const taken: Attachment[] = [];
    for (const id of ids) {
      if (!isId(id)) throw missing(id);
      const place = path.join(await this.#folder(conversation), id);
      if ((await nameIn(place)) === undefined) await this.#move(path.join(this.#staged(bot), id), place);
      const { read: _, ...attachment } = await this.#known(place, id, (await nameIn(place)) ?? '');
      taken.push(attachment);
    }
    return taken;
  }

  async contentOf(conversation: string, attachment: Attachment, most: number): Promise<Content[]> {
    const { id, name } = attachment;
    try {
      const place = path.join(await this.#folder(conversation), id);
      const read = await this.#read(path.join(place, name), id, name);
      return await contentOf(attachment, { file: path.join(place, name), read, most });
    } catch (error) {
      this.#options.home.log.warn('An attachment cannot be read', { conversation, attachment: id, error });
      return contentOf(attachment, { file: '', read: { text: '', state: 'failed', problem: 'It is gone.' }, most });
    }
  }

  /** Where a file of a conversation lies, and its name. Throws ATTACHMENT_MISSING. */
  async find(conversation: string, id: string): Promise<{ readonly file: string; readonly name: string }> {
    const place = path.join(await this.#folder(conversation), isId(id) ? id : '-');
    const name = await nameIn(place);
    if (name === undefined) throw missing(id);
    return { file: path.join(place, name), name };
  }

  /** Drops what waited too long. */
  async sweep(): Promise<void> {
    const { home } = this.#options;
    const root = path.join(home.path, '.boternity', 'staging', 'attachments');
    for (const bot of await namesIn(root)) {
      for (const id of await namesIn(path.join(root, bot))) {
        const facts = await stat(path.join(root, bot, id)).catch(() => undefined);
        if (facts && Date.now() - facts.mtimeMs > WAIT_MS) await this.drop(bot, id);
      }
    }
  }

  async #known(place: string, id: string, name: string): Promise<Kept> {
    const { documents } = this.#options;
    const file = path.join(place, name);
    const { size: bytes } = await stat(file);
    const read = await this.#read(file, id, name);
    const media = documents.mediaOf(name);
    return { id, name, bytes, media, tokens: tokensOf(media, read), read };
  }

  /** Read once; what was read is kept beside the files and made again when it is gone. */
  async #read(file: string, id: string, name: string): Promise<Read> {
    const cached = await readFile(this.#cache(id), 'utf8').catch(() => undefined);
    if (cached !== undefined) {
      try {
        return JSON.parse(cached) as Read;
      } catch {
        // it is read again
      }
    }
    const read = await this.#options.documents.read(file, name);
    if (read.state === 'none') return read;
    await makeFolder(path.dirname(this.#cache(id)));
    await writeAtomically(this.#cache(id), JSON.stringify(read));
    return read;
  }

  async #move(from: string, to: string): Promise<void> {
    const name = await nameIn(from);
    if (name === undefined) throw missing(path.basename(to));
    await synced(path.join(from, name));
    await makeFolder(path.dirname(to));
    // Sent twice at once, the other one has moved it.
    await rename(from, to).catch((error: unknown) => {
      if (!isMissingFile(error)) throw Fault.from(error);
    });
    await syncFolder(path.dirname(to));
  }

  async #waiting(bot: string): Promise<number> {
    let bytes = 0;
    for (const id of await namesIn(this.#staged(bot))) {
      const place = path.join(this.#staged(bot), id);
      const name = await nameIn(place);
      const facts = name === undefined ? undefined : await stat(path.join(place, name)).catch(() => undefined);
      bytes += facts?.size ?? 0;
    }
    return bytes;
  }

  async #folder(conversation: string): Promise<string> {
    const slug = await this.#options.conversations.botOf(conversation);
    if (slug === undefined) throw new Fault('CONVERSATION_MISSING', `There is no conversation "${conversation}".`);
    return path.join(this.#options.home.path, 'data', slug, 'conversations', conversation, 'attachments');
  }

  #staged(bot: string): string {
    return path.join(this.#options.home.path, '.boternity', 'staging', 'attachments', bot);
  }

  #cache(id: string): string {
    return path.join(this.#options.home.path, '.boternity', 'cache', 'attachments', `${id}.json`);
  }
}

async function synced(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function nameIn(folder: string): Promise<string | undefined> {
  return (await namesIn(folder))[0];
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (isMissingFile(error)) return [];
    throw Fault.from(error);
  });
}

function missing(id: string): Fault {
  return new Fault('ATTACHMENT_MISSING', `There is no attachment ${JSON.stringify(id.slice(0, 60))}.`);
}
