import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownerFetch } from '../../core/cli/owner-fetch.ts';
import { readCliToken } from '../../core/files/cli-token.ts';
import { createClient, type Client } from '../../core/ui/client.ts';

export const launcher = path.resolve(import.meta.dirname, '../../bin/bnity.js');

/** Longest start of a server and longest run of a command, in milliseconds. */
const PATIENCE_MS = 20_000;

/** What a command came to. `code` is null when a signal ended it. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** All of its standard input; empty when absent. */
  readonly input?: string;
  readonly cwd?: string;
  /** Beside the variables of this process; undefined removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface ProductOptions {
  /** An existing home, which stays at the end. By default an empty folder that is removed. */
  readonly home?: string;
  /** Files of the home before the start: path → text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Flags of `bnity serve`; `--port 0` by default. */
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A temporary folder; disposing removes it with all it holds. */
export interface Folder extends AsyncDisposable {
  readonly path: string;
  /** Writes a file as an editor without any care would, and makes the folders above it. */
  write(file: string, content: string | Uint8Array): Promise<void>;
  /** The text of a file; undefined when there is none. */
  read(file: string): Promise<string | undefined>;
}

export async function temporaryFolder(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'boternity-test-'));
  const made = folderAt(folder);
  for (const [file, text] of Object.entries(files)) await made.write(file, text);
  return { ...made, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

export function folderAt(folder: string): Pick<Folder, 'path' | 'write' | 'read'> {
  return {
    path: folder,
    async write(file, content) {
      const place = path.join(folder, file);
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, content);
    },
    read: (file) => readFile(path.join(folder, file), 'utf8').catch(() => undefined),
  };
}

/** Runs `bnity` as a child process to its end. */
export async function bnity(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = launch(args, options);
  const heard = listen(child);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input ?? '');
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(late);
  return { code, ...heard };
}

/** The real server as a child process. Disposing ends it, however the test went, and removes its temporary home. */
export class Product implements AsyncDisposable {
  readonly files: Folder;
  readonly #options: ProductOptions;
  #child: ChildProcess | undefined;
  #heard = { stdout: '', stderr: '' };
  #url = '';

  constructor(files: Folder, options: ProductOptions) {
    this.files = files;
    this.#options = options;
  }

  get home(): string {
    return this.files.path;
  }

  /** Where it listens; another address after every start. */
  get url(): string {
    return this.#url;
  }

  /** The owner's, with the credentials that the command line uses. */
  get client(): Client {
    return createClient({ url: this.#url, fetch: ownerFetch(this.home) });
  }

  /** A request as the owner of this home, with the credentials that the command line uses. */
  fetch(place: string, init: RequestInit = {}): Promise<Response> {
    return ownerFetch(this.home)(new URL(place, this.#url), init);
  }

  /** What a request of the owner shows, for those that fetch cannot make. */
  async credentials(): Promise<Record<string, string>> {
    return { authorization: `Bearer ${(await readCliToken(this.home)) ?? ''}` };
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** What it has printed since its last start. */
  get heard(): Readonly<Pick<Ran, 'stdout' | 'stderr'>> {
    return this.#heard;
  }

  /** Starts the server and waits until it tells the home its address. Throws with its own words when it ends before. */
  async start(): Promise<void> {
    const child = launch(['serve', ...(this.#options.args ?? ['--port', '0']), '--home', this.home], this.#options);
    this.#child = child;
    this.#heard = listen(child);
    child.stdin?.end();
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(10)) {
      if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}: ${this.#heard.stderr}`);
      const owner = await this.owner();
      if (owner?.pid !== child.pid || owner?.url === undefined) continue;
      this.#url = owner.url;
      return;
    }
    throw new Error(`The server did not start in time: ${this.#heard.stderr}`);
  }

  /** What `.boternity/server.json` says; undefined when it is not there or unreadable. */
  async owner(): Promise<{ pid?: number; url?: string } | undefined> {
    try {
      return JSON.parse((await this.files.read('.boternity/server.json')) ?? '') as { pid?: number; url?: string };
    } catch {
      return undefined;
    }
  }

  /** Runs `bnity` on this home. */
  cli(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return bnity([...args, '--home', this.home], options);
  }

  /** The command's answer as JSON. Throws with its own words when it fails. */
  async cliJson(args: readonly string[], options: RunOptions = {}): Promise<unknown> {
    const ran = await this.cli([...args, '--json'], options);
    if (ran.code !== 0) throw new Error(`bnity ${args.join(' ')} ended with ${ran.code}: ${ran.stderr}`);
    return JSON.parse(ran.stdout);
  }

  /** The end of a power cut: no handler runs, nothing is flushed. */
  kill9(): Promise<Ran> {
    return this.#end('SIGKILL');
  }

  /** What Ctrl+C or a service manager does. */
  stop(signal: 'SIGINT' | 'SIGTERM' = 'SIGTERM'): Promise<Ran> {
    return this.#end(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGKILL');
    await this.files[Symbol.asyncDispose]();
  }

  async #end(signal: NodeJS.Signals): Promise<Ran> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'close');
    }
    return { code: child?.exitCode ?? null, ...this.#heard };
  }
}

export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  await using undo = new AsyncDisposableStack();
  const { home, files = {} } = options;
  const kept = home === undefined ? undefined : { ...folderAt(home), [Symbol.asyncDispose]: async () => undefined };
  const folder = kept ?? (await temporaryFolder());
  for (const [file, text] of Object.entries(files)) await folder.write(file, text);
  const product = undo.use(new Product(folder, options));
  await product.start();
  undo.move();
  return product;
}

const children = new Set<ChildProcess>();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

function launch(args: readonly string[], { cwd, env }: RunOptions): ChildProcess {
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: cwd ?? tmpdir(),
    env: environment(env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

/** Keychain and servers of models of whoever runs the tests are left alone, and so is npm's registry. */
const apart = {
  DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nobody/home',
  LLM_DISCOVERY: 'false',
  NO_UPDATE_NOTIFIER: '1',
};

/** The variables of this process without those that change what the product does. */
export function environment(changes: RunOptions['env'] = {}): NodeJS.ProcessEnv {
  const unwanted =
    /^(BOTERNITY_|LLM_|AWS_|OTEL_|OLLAMA_|PORT$|NODE_OPTIONS$|TAP|FORCE_COLOR$|NO_COLOR$)|_API_KEY(_FILE)?$/;
  const kept = Object.entries(process.env).filter(([name]) => !unwanted.test(name));
  return { ...Object.fromEntries(kept), ...apart, ...changes };
}

function listen(child: ChildProcess): { stdout: string; stderr: string } {
  const heard = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (heard.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (heard.stderr += text));
  return heard;
}

/** Waits until something is so, and gives what it then is. Throws when it is not in time. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  patienceMs = 20_000,
): Promise<T> {
  for (const deadline = Date.now() + patienceMs; ; await sleep(10)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Not in ${patienceMs} ms: ${what}`);
  }
}
