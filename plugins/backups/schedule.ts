import { rm, statfs } from 'node:fs/promises';
import { Fault, makeFolder, z, type Home } from 'boternity';
import type { BackupMaker } from './make.ts';
import { outdated, type RotationLimits } from './rotation.ts';
import { sizeOf } from './size.ts';
import { listBackups, type Backup } from './write-backup.ts';

const FILE = '.boternity/backups.json';
/** How often the clock is looked at, in milliseconds: a machine that slept finds out that something is due. */
const LOOK_MS = 30_000;
/** After a failure it is tried again so much later, in milliseconds. */
const AGAIN_MS = 60 * 60_000;
/** Bytes that stay free on the disk whatever happens. */
const SPARE_BYTES = 1_000_000_000;
/** A backup that is due for longer is told of, in milliseconds. */
const DAY_MS = 24 * 60 * 60_000;

const kept = z.object({
  /** Since when backups are made here: what would have been due before is not missed. */
  since: z.string(),
  at: z.string().optional(),
  failed: z.object({ at: z.string(), message: z.string() }).optional(),
});
type Kept = z.infer<typeof kept>;

export interface ScheduleOptions extends RotationLimits {
  readonly home: Home;
  readonly folder: string;
  readonly maker: BackupMaker;
  readonly every: 'day' | 'off';
  /** Time of the day on this machine, `hh:mm`. */
  readonly time: string;
  /** Rest after the start before something that was missed is made up for, in milliseconds. */
  readonly restMs: number;
}

/** Makes a backup each day, checks it, and removes those whose time has come. */
export class Schedule implements AsyncDisposable {
  readonly #options: ScheduleOptions;
  readonly #stop = new AbortController();
  #kept: Kept | undefined;
  /** When the last try failed; another start or other settings are worth another try at once. */
  #failedMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  /** Begins to look at the clock. For a server that goes on. */
  begin(): void {
    const { every, restMs } = this.#options;
    if (every === 'off') return;
    // From now on, not from the first look on.
    void this.#read().catch(() => undefined);
    const look = (): void => {
      this.#running = this.#look().catch((error: unknown) =>
        this.#options.home.log.error('The automatic backup failed', { error }),
      );
      void this.#running.then(() => {
        if (!this.#stop.signal.aborted) this.#timer = setTimeout(look, LOOK_MS).unref();
      });
    };
    this.#timer = setTimeout(look, restMs).unref();
  }

  /** When the last automatic backup was made, when the next is due, and why the last try failed. */
  async state(): Promise<{ last: string | null; next: string | null; failed: { at: string; message: string } | null }> {
    const { every, time } = this.#options;
    const { at, failed, since } = await this.#read();
    const next = every === 'off' ? null : dueAfter(new Date(at ?? since), time).toISOString();
    return { last: at ?? null, next, failed: failed ?? null };
  }

  /** Since how many milliseconds there should have been a backup and was none; 0 while all is well. */
  async lateMs(now = Date.now()): Promise<number> {
    const { next } = await this.state();
    return next === null ? 0 : Math.max(0, now - Date.parse(next) - DAY_MS);
  }

  /** Why the last try failed, as far as it is known without a look at the disk. */
  get failure(): string | undefined {
    return this.#kept?.failed?.message;
  }

  /** Removes the automatic backups whose time has come, and gives them. */
  async prune(): Promise<Backup[]> {
    const { folder } = this.#options;
    const gone = outdated(
      (await listBackups(folder)).filter(({ automatic }) => automatic),
      this.#options,
    );
    for (const { file } of gone) await rm(file, { force: true });
    return gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#stop.abort(new Fault('INTERRUPTED', 'The server stops.'));
    await this.#running;
  }

  async #look(): Promise<void> {
    const { maker, time } = this.#options;
    const { at, since } = await this.#read();
    const now = Date.now();
    if (now < dueAfter(new Date(at ?? since), time).getTime() || maker.isRunning) return;
    if (this.#failedMs !== undefined && now - this.#failedMs < AGAIN_MS) return;
    try {
      await this.#assertRoom();
      const made = await maker.make({
        withKeys: false,
        isAutomatic: true,
        signal: this.#stop.signal,
        onProgress: () => undefined,
      });
      await this.#write({ since, at: made.at });
      const gone = await this.prune();
      this.#options.home.log.info('A backup was made and checked', {
        name: made.name,
        bytes: made.bytes,
        removed: gone.length,
      });
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#failedMs = now;
      const { message } = Fault.from(error);
      await this.#write({ since, ...(at !== undefined && { at }), failed: { at: new Date().toISOString(), message } });
      throw error;
    }
  }

  /** Throws BACKUP_FAILED when the next one, as large as the last, would leave too little of the disk. */
  async #assertRoom(): Promise<void> {
    const { folder } = this.#options;
    await makeFolder(folder);
    const { bavail, bsize } = await statfs(folder);
    const [last] = await listBackups(folder);
    const free = bavail * bsize - (last?.bytes ?? 0);
    if (free >= SPARE_BYTES) return;
    throw new Fault('BACKUP_FAILED', `${folder} has too little room: ${sizeOf(bavail * bsize)} are free.`, {
      hint: 'Free some space, keep fewer backups, or choose another folder with plugins.backups.folder.',
    });
  }

  async #read(): Promise<Kept> {
    if (this.#kept) return this.#kept;
    const { files, log } = this.#options.home;
    const content = await files.read(FILE);
    try {
      if (content) return (this.#kept = kept.parse(JSON.parse(content.toString())));
    } catch (error) {
      log.warn(`${FILE} cannot be read and is begun anew`, { error });
    }
    await this.#write({ since: new Date().toISOString() });
    return this.#read();
  }

  async #write(value: Kept): Promise<void> {
    this.#kept = value;
    await this.#options.home.files.write(FILE, `${JSON.stringify(value)}\n`);
  }
}

/** The first instant after another at which the clock of this machine shows a time. */
export function dueAfter(last: Date, time: string): Date {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const due = new Date(last.getFullYear(), last.getMonth(), last.getDate(), hours, minutes);
  if (due <= last) due.setDate(due.getDate() + 1);
  return due;
}
