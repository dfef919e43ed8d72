import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCliToken } from '../core/files/cli-token.ts';

export const root = path.resolve(import.meta.dirname, '..');

/** How long a process may take to get ready or to end, in milliseconds. */
const PATIENCE_MS = 60_000;
/** How often a server that is starting is asked, in milliseconds. Asking costs it time too. */
const ASK_EVERY_MS = 3;

const alive = new Set<ChildProcess>();
process.once('SIGINT', leaveNothing);
process.once('SIGTERM', leaveNothing);

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
  /** CPU time it had used by then. Unlike the times it hardly depends on what else runs here. */
  readonly readyCpuMs: number;
}

export interface ServerOptions {
  readonly home: string;
  /** Stands for `~/.cache`; the compile cache lies in it. */
  readonly cache: string;
  /** More options for Node: `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** More variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the server as a person would, and asks until it is ready. A free port is chosen beforehand: with port 0 nobody could tell when it began to listen. */
export async function startServer({ home, cache, nodeOptions = [], env = {} }: ServerOptions): Promise<Server> {
  const port = await freePort();
  const command = [...nodeOptions, path.join(root, 'bin/bnity.js'), 'serve', '--port', String(port), '--home', home];
  const began = performance.now();
  const process = start(command, { env: { ...environment(cache), ...env }, cwd: home });
  try {
    const { listeningAt, readyAt } = await untilReady(process, port);
    return {
      pid: pidOf(process),
      url: `http://127.0.0.1:${port}`,
      listeningMs: listeningAt - began,
      readyMs: readyAt - began,
      credentials: { authorization: `Bearer ${(await readCliToken(home)) ?? ''}` },
      readyCpuMs: await cpuMs(pidOf(process)),
      [Symbol.asyncDispose]: () => end(process),
    };
  } catch (error) {
    await end(process);
    throw error;
  }
}

/** Starts the fake model of this folder in a process of its own. */
export function startFakeModel(args: readonly string[] = []): Promise<Child> {
  return startPrinting('fake-model.ts', args);
}

/** Starts a script of this folder that prints its address first. */
export async function startPrinting(script: string, args: readonly string[]): Promise<Child> {
  const process = start([path.join(root, 'bench', script), ...args], { cwd: root });
  try {
    return { pid: pidOf(process), url: await lineOf(process), [Symbol.asyncDispose]: () => end(process) };
  } catch (error) {
    await end(process);
    throw error;
  }
}

/** Starts a script of this folder that is ready when it has printed a line, and answers every line that it is given. */
export async function startAnswering(
  script: string,
  args: readonly string[],
): Promise<AsyncDisposable & { readonly pid: number; ask(): Promise<string> }> {
  const process = start([path.join(root, 'bench', script), ...args], { cwd: root });
  try {
    await lineOf(process);
  } catch (error) {
    await end(process);
    throw error;
  }
  return {
    pid: pidOf(process),
    ask: () => {
      process.stdin?.write('\n');
      return lineOf(process);
    },
    [Symbol.asyncDispose]: () => end(process),
  };
}

/** The next line that a process prints; throws with its complaint when it ends instead. */
async function lineOf(process: ChildProcess): Promise<string> {
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

/** Runs `node` with these arguments to its end. Gives the milliseconds it took. */
export async function timeNode(command: readonly string[], cache: string): Promise<number> {
  const began = performance.now();
  const process = start(command, { env: environment(cache), cwd: root });
  const [code] = (await once(process, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`node ${command.join(' ')} ended with ${code}.`);
  return performance.now() - began;
}

/** Memory of a process that is resident now, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** CPU time a process has used so far, user and system, all threads, in milliseconds. Counted in steps of 10. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name of the program stands in parentheses and may hold anything; fields 14 and 15 come after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function start(command: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(process.execPath, command, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  alive.add(child);
  return child.once('exit', () => void alive.delete(child));
}

/** A benchmark that is stopped takes its processes with it. */
function leaveNothing(): void {
  for (const child of alive) child.kill('SIGKILL');
  process.exit(130);
}

/** Only what a user's shell would hold: no port, home or compile cache of whoever runs the benchmark. */
function environment(cache: string): NodeJS.ProcessEnv {
  const {
    PORT: _port,
    BOTERNITY_HOME: _home,
    NODE_COMPILE_CACHE: _cache,
    NODE_OPTIONS: _options,
    ...rest
  } = process.env;
  return { ...rest, XDG_CACHE_HOME: cache };
}

async function untilReady(child: ChildProcess, port: number): Promise<{ listeningAt: number; readyAt: number }> {
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => (complaint += text.toString()));
  child.stdout?.resume();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  try {
    let listeningAt: number | undefined;
    for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(ASK_EVERY_MS)) {
      if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}: ${complaint}`);
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

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(force);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('The process could not be started.');
  return pid;
}
