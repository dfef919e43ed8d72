import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../../base/fault.ts';
import type { GitVersion } from './repository.ts';

/** The oldest git that can merge without a work tree. */
const OLDEST = [2, 38] as const;
/** How many short calls run at once. */
const AT_ONCE = 4;
const OUTPUT_BYTES = 64 << 20;
const TIMEOUT_MS = 120_000;
const STDERR_BYTES = 16 << 10;

export interface GitCall {
  readonly args: readonly string[];
  /** Which repository: GIT_DIR and its kin. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
}

export interface GitRun extends GitCall {
  readonly input?: string | Uint8Array;
  /** Output beyond this many bytes is a fault, or is cut where `cut` says so. */
  readonly most?: number;
  readonly cut?: boolean;
  readonly timeoutMs?: number;
}

export interface GitOutput {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly isCut: boolean;
}

/** What no configuration may bring back. */
const settings: Readonly<Record<string, string>> = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.untrackedCache': 'false',
  'core.attributesFile': '/dev/null',
  'core.excludesFile': '/dev/null',
  'core.commitGraph': 'false',
  'core.multiPackIndex': 'false',
  'core.pager': 'cat',
  'core.editor': 'false',
  'core.sshCommand': 'false',
  'core.askPass': '',
  'core.quotePath': 'false',
  'core.fsync': 'all',
  'core.bigFileThreshold': '16m',
  'credential.helper': '',
  'diff.external': '',
  'gc.auto': '0',
  'log.showSignature': 'false',
  'maintenance.auto': 'false',
  'pack.threads': '1',
  'pack.useBitmaps': 'false',
  'pack.windowMemory': '64m',
  'protocol.allow': 'never',
  'submodule.recurse': 'false',
};

/** The git program. Every call runs with an environment and a configuration that are wholly ours, and is killed at disposal. */
export class GitProgram implements AsyncDisposable {
  readonly #empty: string;
  readonly #alive = new Set<ChildProcess>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #isClosed = false;
  #made: Promise<unknown> | undefined;
  #version: Promise<GitVersion> | undefined;

  /** `empty` is a folder that stays empty: it stands for the home of the user. */
  constructor(empty: string) {
    this.#empty = empty;
  }

  /** Asked once; again only while there is none, because a person may install it. */
  async version(): Promise<GitVersion> {
    this.#version ??= this.#askVersion();
    const found = await this.#version;
    if (found.version === undefined) this.#version = undefined;
    return found;
  }

  /** Runs git to its end. A code other than 0 is an answer; throws GIT_MISSING, or GIT_FAILED when it took too long or said too much. */
  async run(call: GitRun): Promise<GitOutput> {
    await this.#slot();
    try {
      return await this.#runNow(call);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  /** Throws GIT_MISSING when git is absent or too old. */
  async expect(): Promise<void> {
    const { ok, why } = await this.version();
    if (!ok) throw new Fault('GIT_MISSING', why ?? 'git cannot be used.');
  }

  /** Starts git and hands over its pipes. The caller ends it, or aborts `signal`; in the end disposal does. */
  async start(call: GitCall): Promise<ChildProcess> {
    if (this.#isClosed) throw new Fault('SCOPE_CLOSED', 'The repositories are closed.');
    call.signal?.throwIfAborted();
    await (this.#made ??= mkdir(this.#empty, { recursive: true }));
    const config = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const child = spawn('git', [...config, ...call.args], {
      cwd: call.cwd,
      env: { ...this.#environment(), ...call.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that what git starts ends with it.
      detached: true,
    });
    this.#alive.add(child);
    const abort = (): void => endGroup(child);
    call.signal?.addEventListener('abort', abort, { once: true });
    child.once('close', () => {
      this.#alive.delete(child);
      call.signal?.removeEventListener('abort', abort);
    });
    // A git that ends early closes its end of the pipe; what it has to say comes by its exit code.
    child.stdin?.on('error', () => undefined);
    await once(child, 'spawn').catch((error: NodeJS.ErrnoException) => {
      this.#alive.delete(child);
      if (error.code === 'ENOENT') throw new Fault('GIT_MISSING', 'git is not installed on this machine.');
      throw Fault.from(error);
    });
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const children = [...this.#alive];
    const ends = children.map((child) => once(child, 'close').catch(() => undefined));
    for (const child of children) endGroup(child);
    await Promise.all(ends);
  }

  async #slot(): Promise<void> {
    if (this.#running >= AT_ONCE) return new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }

  async #runNow({
    input,
    most = OUTPUT_BYTES,
    cut = false,
    timeoutMs = TIMEOUT_MS,
    ...call
  }: GitRun): Promise<GitOutput> {
    const child = await this.start(call);
    const timer = setTimeout(() => endGroup(child), timeoutMs);
    const began = performance.now();
    const out = gather(child.stdout, most, () => endGroup(child));
    const problems = gather(child.stderr, STDERR_BYTES, () => undefined);
    child.stdin?.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(timer);
    call.signal?.throwIfAborted();
    const isCut = out.bytes > most;
    const name = call.args.find((arg) => !arg.startsWith('-')) ?? '';
    if (isCut && !cut) throw new Fault('GIT_FAILED', `git ${name} answered with more than ${most} bytes.`);
    if (code === null && !isCut) {
      const why = performance.now() - began >= timeoutMs ? `took longer than ${timeoutMs / 1000} s` : 'was ended';
      throw new Fault('GIT_FAILED', `git ${name} ${why}.`);
    }
    const stderr = Buffer.concat(problems.pieces).toString().trim();
    return { code: code ?? 0, stdout: Buffer.concat(out.pieces).subarray(0, most), stderr, isCut };
  }

  async #askVersion(): Promise<GitVersion> {
    try {
      const { stdout } = await this.run({ args: ['--version'], env: {}, cwd: path.parse(process.cwd()).root });
      const version = /(\d+)\.(\d+)[\d.]*/.exec(stdout.toString());
      const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
      const ok = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
      const why = `git ${version?.[0] ?? ''} is too old; ${OLDEST.join('.')} or newer is needed.`;
      return { ok, ...(version && { version: version[0] }), ...(!ok && { why }) };
    } catch (error) {
      return { ok: false, why: Fault.from(error).message };
    }
  }

  #environment(): Record<string, string> {
    // A relative entry would find a program in the folder of a bot.
    const places = (process.env['PATH'] ?? '').split(path.delimiter).filter((place) => path.isAbsolute(place));
    return {
      PATH: places.join(path.delimiter),
      HOME: this.#empty,
      XDG_CONFIG_HOME: this.#empty,
      LC_ALL: 'C',
      TZ: 'UTC',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_SYSTEM: '/dev/null',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_NO_LAZY_FETCH: '1',
      GIT_PROTOCOL_FROM_USER: '0',
      GIT_ALLOW_PROTOCOL: 'none',
      GIT_LITERAL_PATHSPECS: '1',
      GIT_PAGER: 'cat',
      GIT_EDITOR: 'false',
    };
  }
}

/** Ends a child and what it has started. */
export function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function gather(
  stream: NodeJS.ReadableStream | null,
  most: number,
  full: () => void,
): { pieces: Buffer[]; bytes: number } {
  const found = { pieces: new Array<Buffer>(), bytes: 0 };
  stream?.on('data', (piece: Buffer) => {
    if (found.bytes <= most) found.pieces.push(piece);
    found.bytes += piece.length;
    if (found.bytes > most) full();
  });
  return found;
}
