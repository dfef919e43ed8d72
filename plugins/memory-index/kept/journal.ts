import { open, type FileHandle } from 'node:fs/promises';
import { encodeFrame } from './frames.ts';
import type { Change } from './changes.ts';

/**
 * Changes one after the other at the end of a file. An append answers when the system has it: it outlives the process. It is not waited
 * for the disk, because a cache that lost its end after a power failure is found out by whoever owns the entries.
 */
export class ChangeJournal {
  readonly #handle: FileHandle;
  #bytes: number;

  private constructor(handle: FileHandle, bytes: number) {
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /** Opens a file, new or existing, of which so many bytes are good. The rest is cut off. */
  static async open(file: string, goodBytes: number): Promise<ChangeJournal> {
    const handle = await open(file, goodBytes === 0 ? 'w' : 'r+');
    await handle.truncate(goodBytes);
    return new ChangeJournal(handle, goodBytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** One at a time. What rejects leaves nothing behind. */
  async append(change: Change, bytes?: Uint8Array): Promise<void> {
    const frame = encodeFrame(change, bytes);
    try {
      for (let done = 0; done < frame.length;) {
        done += (await this.#handle.write(frame, done, frame.length - done, this.#bytes + done)).bytesWritten;
      }
    } catch (error) {
      await this.#handle.truncate(this.#bytes).catch(() => undefined);
      throw error;
    }
    this.#bytes += frame.length;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
