import { existsSync } from 'node:fs';
import path from 'node:path';
import { Fault, tapeOf, writeAtomically, writeTape, type Exchange, type TapeProviders } from 'boternity';

/** The file of a tape that is being recorded: whole after every exchange, whatever happens next. */
export class TapeFile {
  readonly place: string;
  readonly #exchanges = new Map<number, Exchange>();
  #providers: TapeProviders = {};
  #writing = Promise.resolve();

  constructor(file: string, isForced: boolean) {
    this.place = path.resolve(file);
    if (!isForced && existsSync(this.place)) throw new Fault('FILE_EXISTS', `${this.place} is there already.`);
  }

  get count(): number {
    return this.#exchanges.size;
  }

  know(providers: TapeProviders): void {
    this.#providers = providers;
  }

  add(number: number, exchange: Exchange): void {
    this.#exchanges.set(number, exchange);
    this.#writing = this.#writing.then(() => writeAtomically(this.place, writeTape(this.#tape())));
  }

  /** Answers when all of it is on disk. */
  written(): Promise<void> {
    return this.#writing;
  }

  #tape(): ReturnType<typeof tapeOf> {
    const inOrder = [...this.#exchanges].toSorted(([a], [b]) => a - b).map(([, exchange]) => exchange);
    return tapeOf(this.#providers, inOrder);
  }
}
