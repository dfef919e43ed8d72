import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Fault, isId, isMissingFile, system, type Author, type Home } from 'boternity';
import type { StorageConfig } from './config.ts';
import type { Version } from './history.ts';
import type { StoredFiles } from './stored-files.ts';
import { digestOf } from './versioned-folder.ts';

const HOUR_MS = 3_600_000;
/** Uploads that have landed and are remembered, for those who did not hear it. */
const MOST_LANDED = 1_000;

/** What is known of an upload, as the store of the tus server keeps it. */
interface Kept {
  readonly size?: number;
  readonly creation_date?: string;
  readonly metadata?: Readonly<Record<string, string | null>>;
}

export interface Landed {
  readonly name: string;
  readonly bytes: number;
  readonly version: Version;
}

interface Options {
  readonly home: Home;
  readonly files: StoredFiles;
  readonly config: StorageConfig;
  /** Whether there is a bot with this id. */
  readonly isBot: (id: string) => boolean;
}

/**
 * What is being uploaded: `.boternity/staging/storage/<bot>/<upload>`, beside it what is known of it. An upload that is whole becomes a
 * file of its bot; one that was broken off waits for its next piece for some hours.
 */
export class Uploads {
  readonly #options: Options;
  readonly #root: string;
  readonly #landed = new Map<string, Landed>();
  /** Landings under way: two requests for the same one wait for the same. */
  readonly #landing = new Map<string, Promise<Landed>>();

  constructor(options: Options) {
    this.#options = options;
    this.#root = path.join(options.home.path, '.boternity', 'staging', 'storage');
  }

  folder(bot: string): string {
    return path.join(this.#root, bot);
  }

  /** An upload that has become a file lately. */
  landed(bot: string, upload: string): Landed | undefined {
    return this.#landed.get(`${bot} ${upload}`);
  }

  /** Whether all of an upload is here; undefined when there is no such upload. */
  async isWhole(bot: string, upload: string): Promise<boolean | undefined> {
    const { offset, bytes } = (await this.progress(bot, upload).catch(() => undefined)) ?? {};
    return offset === undefined ? undefined : offset === bytes;
  }

  /** How much of an upload is here, and how much it will be. Throws UPLOAD_MISSING. */
  async progress(bot: string, upload: string): Promise<{ offset: number; bytes: number }> {
    const kept = await this.#kept(bot, upload);
    const file = kept && (await stat(path.join(this.folder(bot), upload)).catch(undefinedIfMissing));
    if (!file) throw new Fault('UPLOAD_MISSING', `There is no upload "${upload}" any more.`);
    return { offset: file.size, bytes: kept.size ?? 0 };
  }

  /** Makes a whole upload a file. One that can never become one is dropped, and the fault says why. */
  land(bot: string, upload: string, by: Author): Promise<Landed> {
    const key = `${bot} ${upload}`;
    const done = this.#landed.get(key);
    if (done) return Promise.resolve(done);
    let landing = this.#landing.get(key);
    if (!landing) {
      landing = this.#land(bot, upload, by).finally(() => this.#landing.delete(key));
      this.#landing.set(key, landing);
    }
    return landing;
  }

  async drop(bot: string, upload: string): Promise<void> {
    const place = path.join(this.folder(bot), upload);
    await Promise.all([rm(place, { force: true }), rm(`${place}.json`, { force: true })]);
    this.#options.files.announce(bot, upload, 0);
  }

  /** Looks after everything that was left: whole uploads land, what is too old goes, the rest is counted. */
  async sweep(signal: AbortSignal): Promise<void> {
    const { home, isBot } = this.#options;
    for (const bot of await namesIn(this.#root)) {
      if (!isBot(bot)) await rm(this.folder(bot), { recursive: true, force: true });
      for (const name of isBot(bot) ? await namesIn(this.folder(bot)) : []) {
        if (signal.aborted) return;
        const upload = name.replace(/\.json$/, '');
        if (!isId(upload)) continue;
        await this.#lookAfter(bot, upload).catch((error: unknown) =>
          home.log.warn('An upload could not be looked after', { bot, upload, error }),
        );
      }
    }
  }

  async #lookAfter(bot: string, upload: string): Promise<void> {
    const { config, files } = this.#options;
    const kept = await this.#kept(bot, upload);
    const begun = Date.parse(kept?.creation_date ?? '');
    const whole = await this.isWhole(bot, upload);
    if (whole === true) return void (await this.land(bot, upload, authorOf(kept)));
    if (whole === undefined || !(Date.now() - begun < config.uploadHours * HOUR_MS)) return this.drop(bot, upload);
    files.announce(bot, upload, kept?.size ?? 0);
  }

  async #land(bot: string, upload: string, by: Author): Promise<Landed> {
    const { files } = this.#options;
    const file = path.join(this.folder(bot), upload);
    const kept = await this.#kept(bot, upload);
    const name = kept?.metadata?.filename ?? '';
    const bytes = kept?.size ?? 0;
    // What it announced is what it brings.
    files.announce(bot, upload, 0);
    try {
      const version = await files.put(bot, name, { file, sha256: await digestOf(file), bytes }, by);
      const landed: Landed = { name: name.normalize('NFC'), bytes, version };
      this.#remember(`${bot} ${upload}`, landed);
      await this.drop(bot, upload);
      return landed;
    } catch (error) {
      const fault = Fault.from(error);
      if (fault.row.status < 500) await this.drop(bot, upload);
      throw fault;
    }
  }

  #remember(key: string, landed: Landed): void {
    this.#landed.set(key, landed);
    const [oldest] = this.#landed.keys();
    if (this.#landed.size > MOST_LANDED && oldest !== undefined) this.#landed.delete(oldest);
  }

  async #kept(bot: string, upload: string): Promise<Kept | undefined> {
    const text = await readFile(path.join(this.folder(bot), `${upload}.json`), 'utf8').catch(undefinedIfMissing);
    try {
      return text === undefined ? undefined : (JSON.parse(text) as Kept);
    } catch {
      return undefined;
    }
  }
}

/** Who began an upload, in what is kept beside it. Only the server writes these. */
export function markedBy({ kind, id, name }: Author): Record<string, string> {
  return { by_kind: kind, by_id: id, by_name: name };
}

function authorOf(kept: Kept | undefined): Author {
  const { by_kind: kind, by_id: id, by_name: name } = kept?.metadata ?? {};
  if (!id || !name || (kind !== 'person' && kind !== 'token' && kind !== 'bot' && kind !== 'program')) return system;
  return { kind, id, name };
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => undefinedIfMissing(error) ?? []);
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isMissingFile(error)) throw error;
}
