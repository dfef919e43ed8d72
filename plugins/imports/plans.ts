import { Fault, Registry, type Scope } from 'boternity';
import type { ImportFormat, ImportSource, Wishes } from './format.ts';
import type { Planned } from './plan-view.ts';
import type { Staging } from './staging.ts';

/** How long a plan waits for its person, and how many wait at once. */
const LIFE_MS = 60 * 60_000;
const MAX_PLANS = 20;

interface Kept {
  readonly id: string;
  readonly format: ImportFormat;
  readonly source: ImportSource;
  readonly wishes: Wishes;
  readonly expiresAt: Date;
}

/** Imports that were looked at and wait for a word. They are forgotten after an hour and at the end of the server. */
export class Plans {
  readonly formats = new Registry<ImportFormat>('import format');
  readonly #staging: Staging;
  readonly #kept = new Map<string, Kept>();

  constructor(staging: Staging, scope: Scope) {
    this.#staging = staging;
    const sweep = setInterval(() => void this.#sweep(), LIFE_MS / 4).unref();
    scope.defer(() => clearInterval(sweep));
  }

  /** Takes an upload as what it is. Throws IMPORT_REFUSED when it is nothing that is known. */
  async add(upload: string, name: string, format: string | undefined, wishes: Wishes): Promise<Planned> {
    await this.#sweep();
    if (this.#kept.size >= MAX_PLANS)
      throw new Fault('IMPORT_REFUSED', `${MAX_PLANS} imports wait already; apply or discard some.`);
    const source = await this.#staging.unpack(upload, name);
    try {
      const kept: Kept = {
        id: upload,
        format: await this.#formatOf(source, format),
        source,
        wishes,
        expiresAt: new Date(Date.now() + LIFE_MS),
      };
      const planned = await this.#plan(kept);
      this.#kept.set(upload, kept);
      return planned;
    } catch (error) {
      await this.#staging.drop(upload);
      throw error;
    }
  }

  /** Throws IMPORT_MISSING. */
  async get(id: string): Promise<Planned> {
    const kept = this.#kept.get(id);
    if (!kept) throw new Fault('IMPORT_MISSING', `There is no import "${id.slice(0, 60)}".`);
    return this.#plan(kept);
  }

  list(): { id: string; format: string; source: string; expiresAt: string }[] {
    return Array.from(this.#kept.values(), ({ id, format, source, expiresAt }) => ({
      id,
      format: format.name,
      source: source.name,
      expiresAt: expiresAt.toISOString(),
    }));
  }

  async drop(id: string): Promise<void> {
    if (!this.#kept.delete(id)) throw new Fault('IMPORT_MISSING', `There is no import "${id.slice(0, 60)}".`);
    await this.#staging.drop(id);
  }

  /** Made anew each time: what waits holds no contents in memory. */
  async #plan({ id, format, source, wishes, expiresAt }: Kept): Promise<Planned> {
    return { id, format, source, expiresAt, slug: wishes.slug, draft: await format.draft(source, wishes) };
  }

  async #formatOf(source: ImportSource, wanted: string | undefined): Promise<ImportFormat> {
    const formats = Array.from(this.formats, ([, format]) => format).toSorted((a, b) => a.order - b.order);
    const names = formats.map(({ name }) => name).join(', ');
    if (wanted !== undefined) {
      const found = formats.find(({ name }) => name === wanted);
      if (found) return found;
      throw new Fault('IMPORT_REFUSED', `"${wanted}" is no format that is known here; there are: ${names}.`);
    }
    for (const format of formats) if (await format.claims(source)) return format;
    const first = [...source.files.keys()].slice(0, 3).join(', ');
    throw new Fault(
      'IMPORT_REFUSED',
      `"${source.name}" is nothing that is known here (${source.files.size === 0 ? 'it is empty' : `it holds ${first} …`}).`,
      { hint: `Known are: ${formats.map(({ title }) => title).join('; ')}. Name one with --format.` },
    );
  }

  async #sweep(): Promise<void> {
    for (const { id, expiresAt } of this.#kept.values()) if (expiresAt.getTime() < Date.now()) await this.drop(id);
  }
}
