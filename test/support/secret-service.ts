import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { ensureDebian } from './debian.ts';
import { until } from './product.ts';

const PASSWORD = 'password of the keyring';

/** A session bus of its own with a real Secret Service on it: gnome-keyring. */
export interface SecretService extends AsyncDisposable {
  /** Variables by which programs find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Stores an entry of the service "boternity" as another program would. */
  store(account: string, value: string): void;
  /** What an entry holds; undefined when there is none, or when it is locked. */
  lookup(account: string): string | undefined;
}

/** Why there can be no Secret Service on this machine; undefined when there can. */
export function lacksSecretService(): string | undefined {
  if (process.platform !== 'linux') return 'a Secret Service is a thing of Linux';
  try {
    ensureDebian('dbus-run-session', 'dbus');
    ensureDebian('gnome-keyring-daemon', 'gnome-keyring');
    ensureDebian('secret-tool', 'libsecret-tools');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Starts it on a folder that keeps its keyring. Locked, it opens nothing: there is nobody whom it could ask. */
export async function startSecretService(folder: string, isLocked = false): Promise<SecretService> {
  const places = { HOME: folder, XDG_RUNTIME_DIR: folder, XDG_DATA_HOME: folder, XDG_CACHE_HOME: folder };
  const daemon = `gnome-keyring-daemon --foreground ${isLocked ? '' : '--unlock'} --components=secrets`;
  const child = spawn('dbus-run-session', ['--', 'sh', '-c', `echo "$DBUS_SESSION_BUS_ADDRESS"; exec ${daemon}`], {
    env: { ...process.env, ...places },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdin.end(PASSWORD);
  const env = { DBUS_SESSION_BUS_ADDRESS: await until('the session bus', () => /^unix:\S+/m.exec(said)?.[0]) };
  const run = (program: string, words: readonly string[], input = ''): { status: number | null; stdout: string } =>
    spawnSync(program, words, { env: { ...process.env, ...places, ...env }, input, encoding: 'utf8', timeout: 10_000 });
  await until('the Secret Service', () => run('dbus-send', hasOwner).stdout.includes('true'));
  const attributes = (account: string): string[] => ['service', 'boternity', 'username', account];
  return {
    env,
    store(account, value) {
      const words = ['store', '--label=boternity', ...attributes(account), 'target', 'default'];
      if (run('secret-tool', words, value).status !== 0) throw new Error(`${account} could not be stored`);
    },
    lookup(account) {
      const { status, stdout } = run('secret-tool', ['lookup', ...attributes(account)]);
      return status === 0 ? stdout : undefined;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(child, 'close');
      process.kill(-(child.pid ?? 0), 'SIGTERM');
      await closed;
    },
  };
}

const hasOwner = [
  '--session',
  '--print-reply',
  '--dest=org.freedesktop.DBus',
  '/org/freedesktop/DBus',
  'org.freedesktop.DBus.NameHasOwner',
  'string:org.freedesktop.secrets',
];
