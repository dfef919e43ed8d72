import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { readCliToken } from '../../core/files/cli-token.ts';
import { folderAt, temporaryFolder, type Folder, type Product, type Ran } from './product.ts';

/** How long a git may take, in milliseconds. */
const PATIENCE_MS = 60_000;

/** What a person's git does without any configuration of this machine. */
function environment(home: string, extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(GIT_|SSH_|.*_proxy$)/i.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Petra Pusher',
    GIT_AUTHOR_EMAIL: 'petra@example.org',
    GIT_COMMITTER_NAME: 'Petra Pusher',
    GIT_COMMITTER_EMAIL: 'petra@example.org',
    ...extra,
  };
}

export interface GitOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the real git to its end. Its words are in `stderr`, also what the server says. */
export async function git(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<Ran> {
  const child = spawn('git', args, { cwd, env: environment(cwd, options.env), stdio: ['pipe', 'pipe', 'pipe'] });
  const heard = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (heard.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (heard.stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(late);
  return { code, ...heard };
}

/** A repository of a person: a folder and git in it. */
export class Clone implements AsyncDisposable {
  readonly files: Folder;

  constructor(files: Folder) {
    this.files = files;
  }

  /** Runs git; gives what it printed. Throws with its words when it fails. */
  async git(...args: readonly string[]): Promise<string> {
    const ran = await git(this.files.path, args);
    if (ran.code !== 0) throw new Error(`git ${args.join(' ')} ended with ${ran.code}: ${ran.stderr}`);
    return ran.stdout.trim();
  }

  /** Runs git, however it ends. */
  try(args: readonly string[], options: GitOptions = {}): Promise<Ran> {
    return git(this.files.path, args, options);
  }

  /** Writes files (undefined removes one) and commits everything; gives the commit. */
  async commit(files: Readonly<Record<string, string | undefined>>, message = 'A change'): Promise<string> {
    for (const [file, text] of Object.entries(files)) {
      if (text === undefined) await this.git('rm', '-qr', file);
      else await this.files.write(file, text);
    }
    await this.git('add', '-A', '-f');
    await this.git('commit', '-q', '--allow-empty', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** Pushes, however it ends. */
  push(...args: readonly string[]): Promise<Ran> {
    return this.try(['push', ...(args.length > 0 ? args : ['origin', 'HEAD:main'])]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.files[Symbol.asyncDispose]();
  }
}

/** Where git finds a bot, or its memory. The token goes along as the password; without one that of the owner; null: none. */
export async function remoteOf(product: Product, place: string, token?: string | null): Promise<string> {
  const url = new URL(`/git/${place}`, product.url);
  const password = token === undefined ? await readCliToken(product.home) : token;
  if (typeof password === 'string') Object.assign(url, { username: 'anybody', password });
  return url.href;
}

/** Clones a repository into a temporary folder. */
export async function cloneOf(product: Product, place: string, token?: string | null): Promise<Clone> {
  const outer = await temporaryFolder();
  const ran = await git(outer.path, ['clone', '-q', await remoteOf(product, place, token), 'clone']);
  if (ran.code !== 0) {
    await outer[Symbol.asyncDispose]();
    throw new Error(`git clone ended with ${ran.code}: ${ran.stderr}`);
  }
  const inner = folderAt(path.join(outer.path, 'clone'));
  return new Clone({ ...inner, [Symbol.asyncDispose]: () => outer[Symbol.asyncDispose]() });
}

/** A new repository with a remote, for a bot that does not exist. */
export async function freshClone(remote: string): Promise<Clone> {
  const clone = new Clone(await temporaryFolder());
  await clone.git('init', '-q', '-b', 'main');
  await clone.git('remote', 'add', 'origin', remote);
  return clone;
}
