import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, realpathSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TextKind } from '../types.ts';
import type { Answer, Ask, Reading } from './reading.ts';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
/** A process that nobody asks for so long is ended, in milliseconds. */
const IDLE_MS = 20_000;

export interface ReaderLimits {
  readonly seconds: number;
  readonly megabytes: number;
}

/**
 * Reads documents in a process of its own, one after the other: started when there is something to read, ended soon after. Whatever a
 * document does to that process, it fails alone.
 */
export class DocumentReader implements Disposable {
  readonly #limits: ReaderLimits;
  #queue: Promise<unknown> = Promise.resolve();
  #child: ChildProcess | undefined;
  #rest: NodeJS.Timeout | undefined;
  #last = 0;

  constructor(limits: ReaderLimits) {
    this.#limits = limits;
  }

  /** Never rejects because of a document: that it cannot be read is the answer. Rejects where the file is gone. */
  read(file: string, kind: TextKind): Promise<Reading> {
    const reading = this.#queue.then(() => this.#read(file, kind));
    this.#queue = reading.catch(() => undefined);
    return reading;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#rest);
    this.#child?.kill('SIGKILL');
  }

  async #read(file: string, kind: TextKind): Promise<Reading> {
    clearTimeout(this.#rest);
    const { size } = await stat(file);
    const child = (this.#child ??= this.#start());
    const id = (this.#last += 1);
    const { promise, resolve } = Promise.withResolvers<Reading>();
    let isLate = false;
    const hear = (answer: Answer): void => void (answer.id === id && resolve(answer.reading));
    const leave = (): void => resolve(failed(isLate ? this.#tooLong() : this.#tooMuch()));
    child.on('message', hear).once('exit', leave).once('error', leave);
    const late = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, this.#limits.seconds * 1_000);
    try {
      child.send({ id, kind, bytes: size } satisfies Ask, () => undefined);
      const sent = this.#send(file, size, child);
      sent.catch(() => child.kill('SIGKILL'));
      const reading = await promise;
      await sent.catch(() => undefined);
      return reading;
    } finally {
      clearTimeout(late);
      child.off('message', hear).off('exit', leave).off('error', leave);
      this.#rest = setTimeout(() => this.#child?.kill('SIGKILL'), IDLE_MS).unref();
    }
  }

  /** As many bytes as were announced: a file that shrinks meanwhile ends the process, one that grows is cut. */
  async #send(file: string, size: number, child: ChildProcess): Promise<void> {
    if (size === 0 || !child.stdin) return;
    const source = createReadStream(file, { end: size - 1 });
    for await (const piece of source as AsyncIterable<Buffer>) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (!child.stdin.write(piece)) await Promise.race([once(child.stdin, 'drain'), once(child, 'exit')]);
    }
    if (source.bytesRead < size) throw new Error('The file was changed while it was read.');
  }

  #start(): ChildProcess {
    const heap = Math.floor(this.#limits.megabytes * 0.75);
    const child = fork(WORKER, [String(this.#limits.megabytes)], {
      env: {},
      execArgv: [
        '--permission',
        ...ownFolders().map((each) => `--allow-fs-read=${each}`),
        '--allow-worker',
        `--max-old-space-size=${heap}`,
      ],
      stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    });
    child.stdin?.on('error', () => undefined);
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    child.on('error', () => undefined);
    // It ends with the server, and keeps nobody from ending.
    child.unref();
    child.channel?.unref();
    return child;
  }

  #tooLong(): string {
    return `It takes longer than ${this.#limits.seconds} seconds to read.`;
  }

  #tooMuch(): string {
    return `It needs more than ${this.#limits.megabytes} MB of memory to read.`;
  }
}

/** Where the program of that process lies: this plugin, and the packages beside and above it; links with what they lead to. */
function ownFolders(): string[] {
  const plugin = path.dirname(path.dirname(WORKER));
  const folders = [plugin];
  for (let at = plugin; at !== path.dirname(at); at = path.dirname(at)) {
    const modules = path.join(at, 'node_modules');
    if (existsSync(modules)) folders.push(modules);
  }
  return [...new Set(folders.flatMap((folder) => [folder, realpathSync(folder)]))];
}

function failed(problem: string): Reading {
  return { state: 'failed', parts: [], problem };
}
