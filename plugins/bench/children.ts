import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readCliToken } from 'boternity';

const launcher = fileURLToPath(new URL('../../bin/bnity.js', import.meta.url));
const fakeModel = fileURLToPath(new URL('fake-model.ts', import.meta.url));

/** How long a process may take to get ready or to end, in milliseconds. */
const PATIENCE_MS = 60_000;
/** How often a server that is starting is asked, in milliseconds. Asking costs it time too. */
const ASK_EVERY_MS = 3;

const alive = new Set<ChildProcess>();

/** Ends every process that was started here, at once. */
export function endAll(): void {
  for (const child of alive) child.kill('SIGKILL');
}

/** A process of ours with an address. Disposing it ends it. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
}

export interface Server extends Child {
  /** From the start of the process until it took a connection, in milliseconds. */
  readonly listeningMs: number;
  /** … and until /readyz said yes. */
  readonly readyMs: number;
  /** What a request of the owner shows. */
  readonly credentials: Readonly<Record<string, string>>;
}

export interface ServerOptions {
  readonly home: string;
  /** Stands for the folder of the user and for `~/.cache`; the compile cache lies in it. */
  readonly cache: string;
  /** More options for Node: `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** More variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the server as a person would, and asks until it is ready. A free port is chosen beforehand: with port 0 nobody could tell when it began to listen. */
export async function startServer({ home, cache, nodeOptions = [], env = {} }: ServerOptions): Promise<Server> {
  const port = await freePort();
  const command = [...nodeOptions, launcher, 'serve', '--port', String(port), '--home', home];
  const began = performance.now();
  const process = startNode(command, { env: { ...environment(cache), ...env }, cwd: home });
  try {
    const { listeningAt, readyAt } = await untilReady(process, port);
    return {
      pid: pidOf(process),
      url: `http://127.0.0.1:${port}`,
      listeningMs: listeningAt - began,
      readyMs: readyAt - began,
      credentials: { authorization: `Bearer ${(await readCliToken(home)) ?? ''}` },
      [Symbol.asyncDispose]: () => end(process),
    };
  } catch (error) {
    await end(process);
    throw error;
  }
}

/** Starts the fake model in a process of its own. */
export function startFakeModel(args: readonly string[] = []): Promise<Child> {
  return startPrinting(fakeModel, args);
}

/** Starts a script that prints its address first. */
export async function startPrinting(script: string, args: readonly string[]): Promise<Child> {
  const process = startNode([script, ...args], {});
  try {
    return { pid: pidOf(process), url: await lineOf(process), [Symbol.asyncDispose]: () => end(process) };
  } catch (error) {
    await end(process);
    throw error;
  }
}

/** The next line that a process prints; throws with its complaint when it ends instead. */
export async function lineOf(process: ChildProcess): Promise<string> {
  if (!process.stdout) throw new Error('The process has no output.');
  let complaint = '';
  process.stderr?.on('data', (text: Buffer) => (complaint += text.toString()));
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  const take = (piece: Buffer): void => {
    text += piece.toString();
    if (text.endsWith('\n')) resolve(text.trim());
  };
  const late = setTimeout(
    () => reject(new Error(`${process.spawnargs.slice(1, 3).join(' ')} kept silent. ${complaint}`)),
    PATIENCE_MS,
  );
  const gone = (): void => reject(new Error(`${process.spawnargs.slice(1, 3).join(' ')} ended. ${complaint}`));
  process.stdout.on('data', take);
  process.once('exit', gone);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    process.stdout.off('data', take);
    process.off('exit', gone);
  }
}

/** Memory of a process that is resident now, in bytes. NaN where the system does not tell. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  if (status !== undefined) return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  const listed = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => undefined);
  return listed === undefined ? Number.NaN : Number(listed.stdout) * 1024;
}

/** Starts Node with these arguments; it ends with this process. */
export function startNode(command: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(process.execPath, command, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  alive.add(child);
  return child.once('exit', () => void alive.delete(child));
}

/** The few variables that programs need to run at all: no key, port, home or cache of whoever measures. */
export function environment(cache: string): NodeJS.ProcessEnv {
  const needed = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH'];
  const kept = needed.map((name) => [name, process.env[name]] as const).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(kept), HOME: cache, XDG_CACHE_HOME: cache, LLM_DISCOVERY: 'false' };
}

async function untilReady(child: ChildProcess, port: number): Promise<{ listeningAt: number; readyAt: number }> {
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => (complaint += text.toString()));
  child.stdout?.resume();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  try {
    let listeningAt: number | undefined;
    for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(ASK_EVERY_MS)) {
      if (hasEnded(child)) throw new Error(`The server ended with ${child.exitCode ?? child.signalCode}: ${complaint}`);
      const status = await askReady(agent, port);
      if (status !== undefined) listeningAt ??= performance.now();
      if (status === 200) return { listeningAt: listeningAt ?? 0, readyAt: performance.now() };
    }
    throw new Error(`The server was not ready after ${PATIENCE_MS / 1000} s: ${complaint}`);
  } finally {
    agent.destroy();
  }
}

function askReady(agent: http.Agent, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = http.get({ agent, host: '127.0.0.1', port, path: '/readyz' }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    });
    request.once('error', () => resolve(undefined));
  });
}

/** Ends a process and waits until it has. */
export async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(force);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('The process could not be started.');
  return pid;
}
