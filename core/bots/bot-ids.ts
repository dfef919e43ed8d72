import { createId, isId } from '../base/ids.ts';
import { Fault } from '../base/fault.ts';
import type { Files } from '../files/files.ts';

const FILE = '.boternity/bots.json';

/**
 * Which id belongs to which folder. Ids live in `.boternity/bots.json`, never in the folder, where a copy would carry them.
 */
export class BotIds {
  readonly #files: Files;
  readonly #ids: Map<string, string>;
  /** What the file holds. */
  #saved: string;
  #saving: Promise<void> = Promise.resolve();

  private constructor(files: Files, ids: Map<string, string>, saved = '') {
    this.#files = files;
    this.#ids = ids;
    this.#saved = saved;
  }

  static async load(files: Files): Promise<BotIds> {
    const content = await files.read(FILE);
    if (!content) return new BotIds(files, new Map());
    try {
      const entries = Object.entries(JSON.parse(content.toString()) as Record<string, unknown>);
      const ids = new Map(entries.filter((entry): entry is [string, string] => isId(String(entry[1]))));
      return new BotIds(files, ids, content.toString());
    } catch (error) {
      throw new Fault('CONFIG_INVALID', `${FILE} is not JSON.`, {
        hint: 'Restore it from a backup, or delete it: bots get new ids.',
        cause: error,
      });
    }
  }

  /** The id of a folder; a new one when the folder has none. Call `save` afterwards. */
  of(slug: string): string {
    let id = this.#ids.get(slug);
    if (!id) this.#ids.set(slug, (id = createId()));
    return id;
  }

  has(slug: string): boolean {
    return this.#ids.has(slug);
  }

  /** Every folder that has an id, also those that are not there now. */
  get slugs(): string[] {
    return [...this.#ids.keys()];
  }

  /** Another name for the folder of a bot. Call `save` afterwards. */
  rename(from: string, to: string): void {
    const id = this.of(from);
    this.#ids.delete(from);
    this.#ids.set(to, id);
  }

  slugOf(id: string): string | undefined {
    for (const [slug, known] of this.#ids) if (known === id) return slug;
    return undefined;
  }

  forget(slug: string): void {
    this.#ids.delete(slug);
  }

  /** Writes the table where it differs from the file; writes of several callers follow each other. */
  save(): Promise<void> {
    const write = this.#saving.then(() => this.#write());
    this.#saving = write.catch(() => undefined);
    return write;
  }

  async #write(): Promise<void> {
    const text = `${JSON.stringify(Object.fromEntries(this.#ids), null, 2)}\n`;
    if (text === this.#saved) return;
    await this.#files.write(FILE, text);
    this.#saved = text;
  }
}
