import { editFile, type Author, type Home } from 'boternity';
import type { Memory } from '../memory-file.ts';
import type { Batches } from './batches.ts';
import type { MemoryFolder } from './memory-folder.ts';

/** Whether a path in the folder `memory` belongs to the diary, which nobody searches. */
export function isDiary(path: string): boolean {
  return path.split('/')[0] === 'diary';
}

/** What a bot remembered on a day, as a text for people: `diary/<yyyy-mm-dd>.md`. It is only ever added to. */
export class Diary {
  readonly #home: Home;
  readonly #folder: MemoryFolder;
  readonly #batches: Batches;

  constructor(home: Home, folder: MemoryFolder, batches: Batches) {
    this.#home = home;
    this.#folder = folder;
    this.#batches = batches;
  }

  /** Adds a line to the day of a memory; what stands there, people's edits too, stays. */
  async note(memory: Memory, by: Author, why: string): Promise<void> {
    const day = memory.created_at.slice(0, 10);
    const path = `diary/${day}.md`;
    this.#batches.expect(path);
    const text = await editFile(this.#home.files, this.#folder.place(path), (before) => {
      const begun = before.trim() === '' ? `# ${day}\n` : before;
      return `${begun}${begun.endsWith('\n') ? '' : '\n'}${lineOf(memory)}\n`;
    });
    this.#batches.add({ path, text, by, why });
  }
}

function lineOf({ text, created_at, source }: Memory): string {
  const where = source.conversation === undefined ? '' : ` (conversation ${source.conversation})`;
  return `- ${created_at.slice(11, 16)} ${text.replaceAll(/\s+/g, ' ')}${where}`;
}
