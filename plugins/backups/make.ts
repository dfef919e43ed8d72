import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Fault, type Bots, type Home } from 'boternity';
import { checkBackup } from './check-backup.ts';
import { writeBackup, type Written } from './write-backup.ts';

export interface MakeOptions {
  readonly withKeys: boolean;
  /** Made by the server itself: such a one is checked after it is written, and goes away when its time has come. */
  readonly isAutomatic: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (files: number, bytes: number) => void;
}

/** Makes backups of one home, never two at once. */
export class BackupMaker {
  readonly #parts: { readonly home: Home; readonly bots: Bots; readonly folder: string };
  #isRunning = false;

  constructor(parts: { readonly home: Home; readonly bots: Bots; readonly folder: string }) {
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Throws BACKUP_RUNNING, BACKUP_FAILED, and ARCHIVE_INVALID when what was written cannot be read again. */
  async make(options: MakeOptions): Promise<Written> {
    if (this.#isRunning) throw new Fault('BACKUP_RUNNING', 'A backup is being written already.');
    this.#isRunning = true;
    try {
      const written = await writeBackup({ ...this.#parts, ...options });
      if (options.isAutomatic) await this.#check(written);
      return written;
    } finally {
      this.#isRunning = false;
    }
  }

  /** One that cannot be read is worse than none: somebody would trust it. */
  async #check({ file, files }: Written): Promise<void> {
    try {
      const checked = await checkBackup({ open: () => createReadStream(file) });
      if (checked.files !== files) throw new Fault('ARCHIVE_INVALID', `It holds ${checked.files} files of ${files}.`);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }
}
