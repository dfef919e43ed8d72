import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Files } from '../../files/files.ts';
import { editFile } from '../../files/edit-file.ts';
import type { FoundPlugin } from './find.ts';

export const CONSENTS_FILE = '.boternity/plugins.json';

const consentSchema = z.object({
  /** What was consented to, in order. */
  capabilities: z.array(z.string()),
  /** SHA-256 over where it comes from and what it asks for: another digest asks again. */
  digest: z.string(),
  at: z.string(),
  /** Name of who consented, or `settings.yaml` where that was edited. */
  by: z.string(),
});
const fileSchema = z.object({ v: z.literal(1), plugins: z.record(z.string(), consentSchema) });

/** That a person looked at what a plugin asks for and let it in. */
export type Consent = Readonly<z.output<typeof consentSchema>>;

/** The consents of a home, in `.boternity/plugins.json`. A file that cannot be read holds none: then everything asks again. */
export class Consents {
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  async all(): Promise<ReadonlyMap<string, Consent>> {
    const text = (await this.#files.read(CONSENTS_FILE).catch(() => undefined))?.toString();
    return new Map(Object.entries(readFrom(text)));
  }

  async give(plugin: FoundPlugin, by: string): Promise<void> {
    const { name, capabilities } = plugin;
    const consent = { capabilities: [...capabilities], digest: digestOf(plugin), at: new Date().toISOString(), by };
    await this.#change((consents) => ({ ...consents, [name]: consent }));
  }

  /** Nothing is written where there is none. */
  async forget(name: string): Promise<void> {
    if (!(await this.all()).has(name)) return;
    await this.#change(({ [name]: _gone, ...others }) => others);
  }

  async #change(edit: (consents: Record<string, Consent>) => Record<string, Consent>): Promise<void> {
    await editFile(this.#files, CONSENTS_FILE, (text) => {
      const plugins = edit(readFrom(text));
      return `${JSON.stringify({ v: 1, plugins }, null, 2)}\n`;
    });
  }
}

/** Whether a consent is one to this plugin as it lies there now. */
export function isConsented(plugin: FoundPlugin, consent: Consent | undefined): boolean {
  return consent?.digest === digestOf(plugin);
}

function digestOf({ origin, package: from, capabilities }: FoundPlugin): string {
  return createHash('sha256')
    .update(JSON.stringify([origin, from?.name ?? null, capabilities]))
    .digest('hex');
}

function readFrom(text: string | undefined): Record<string, Consent> {
  try {
    const checked = fileSchema.safeParse(JSON.parse(text ?? ''));
    return checked.success ? checked.data.plugins : {};
  } catch {
    return {};
  }
}
