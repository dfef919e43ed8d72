import { createId, isId } from '../base/ids.ts';
import { Fault } from '../base/fault.ts';
import type { Files } from '../files/files.ts';
import type { Home } from '../files/home.ts';
import { quarantine } from '../files/quarantine.ts';

const FILE = '.boternity/bots.json';
/** The same once more. Only read when the table itself is damaged. */
const COPY = '.boternity/bots.copy.json';

/**
 * Which id belongs to which folder. Ids live in `.boternity/bots.json`, never in the folder, where a copy would carry them.
 */
export class BotIds {
  readonly #files: Files;
  readonly #ids = new Map<string, string>();
  readonly #slugs = new Map<string, string>();
  /** What the file holds. */
  #saved = '';
  #saving: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(files: Files, ids: Iterable<readonly [string, string]>) {
    this.#files = files;
    for (const [slug, id] of ids) this.#set(slug, id);
  }

  /**
   * Reads the table. A damaged one is moved into quarantine and made anew from what can still be read of it and from its copy;
   * that is told as a problem of the home.
   */
  static async load(home: Pick<Home, 'path' | 'files' | 'tellProblem'>): Promise<BotIds> {
    const read = await readTable(home.files, FILE);
    if (!read.damage) {
      const ids = new BotIds(home.files, read.ids);
      // A start that changes nothing writes nothing, once table and copy are the same.
      const copy = await home.files.read(COPY).catch(() => undefined);
      if (copy?.toString() === read.text) ids.#saved = read.text ?? '';
      return ids;
    }
    const copy = await readTable(home.files, COPY);
    if (read.damage === 'it is missing' && copy.ids.size === 0) return new BotIds(home.files, []);
    const ids = new BotIds(home.files, [...read.ids, ...copy.ids]);
    const kept = read.damage === 'it is missing' ? undefined : await moveAside(home);
    await ids.save().catch(() => undefined);
    home.tellProblem({
      file: FILE,
      line: 1,
      column: 1,
      level: 'warning',
      message:
        `${read.damage}; it was made anew with ${ids.#ids.size} ids from ${read.ids.size > 0 ? 'what is left of it and ' : ''}its copy` +
        `; bots without one got a new id${kept === undefined ? '' : `; the damaged one is kept as ${kept}`}`,
    });
    return ids;
  }

  /** The id of a folder; a new one when the folder has none. Call `save` afterwards. */
  of(slug: string): string {
    const known = this.#ids.get(slug);
    if (known !== undefined) return known;
    const id = createId();
    this.#set(slug, id);
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
    this.forget(from);
    this.#set(to, id);
  }

  slugOf(id: string): string | undefined {
    return this.#slugs.get(id);
  }

  forget(slug: string): void {
    this.#slugs.delete(this.#ids.get(slug) ?? '');
    this.#ids.delete(slug);
  }

  /** Writes the table; answers when it is on disk. Callers that come while it is being written share the next write. */
  save(): Promise<void> {
    this.#next ??= this.#saving.then(() => {
      this.#next = undefined;
      return this.#write(`${JSON.stringify(Object.fromEntries(this.#ids), null, 2)}\n`);
    });
    const next = this.#next;
    this.#saving = next.catch(() => undefined);
    return next;
  }

  async #write(text: string): Promise<void> {
    if (text === this.#saved) return;
    await this.#files.write(FILE, text);
    this.#saved = text;
    // Afterwards, so that a copy alone always means damage. Without it nothing is lost as long as the table is well.
    await this.#files.write(COPY, text).catch(() => undefined);
  }

  #set(slug: string, id: string): void {
    if (this.#ids.has(slug) || this.#slugs.has(id)) return;
    this.#ids.set(slug, id);
    this.#slugs.set(id, slug);
  }
}

interface Table {
  readonly ids: ReadonlyMap<string, string>;
  /** What is wrong with the file; absent when nothing is. */
  readonly damage?: string;
  /** What was read, where nothing is wrong with it. */
  readonly text?: string;
}

const unreadable: ReadonlySet<string> = new Set(['FILE_INVALID', 'FILE_UNREADABLE', 'PATH_REFUSED', 'DISK_FAILED']);

async function readTable(files: Files, file: string): Promise<Table> {
  let text: string;
  try {
    const content = await files.read(file);
    if (!content) return { ids: new Map(), damage: 'it is missing' };
    text = content.toString();
  } catch (error) {
    const fault = Fault.from(error);
    // A bad moment is no damage: the table may be well.
    if (!unreadable.has(fault.code)) throw fault;
    return { ids: new Map(), damage: `it cannot be read (${fault.message.replace(/\.$/, '')})` };
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return checked(Object.entries(value), text);
  } catch {
    // told below
  }
  return { ids: salvage(text), damage: 'it is no JSON table' };
}

function checked(entries: readonly (readonly [string, unknown])[], text: string): Table {
  const ids = new Map(entries.filter((entry): entry is [string, string] => isId(String(entry[1]))));
  const wrong = entries.length - new Set(ids.values()).size;
  return wrong === 0 ? { ids, text } : { ids, damage: `${wrong} of its entries are no ids, or stand twice` };
}

/** The pairs that can still be told in a text that is no longer JSON. */
function salvage(text: string): Map<string, string> {
  const pairs = [...text.matchAll(/"([^"\\\n]+)"\s*:\s*"([0-9a-f-]{36})"/g)];
  return new Map(pairs.flatMap(([, slug = '', id = '']) => (isId(id) ? [[slug, id]] : [])));
}

async function moveAside(home: Pick<Home, 'path'>): Promise<string | undefined> {
  return quarantine(home.path, FILE).catch(() => undefined);
}
