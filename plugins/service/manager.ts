import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import { Fault } from 'boternity';
import type { ServiceDescription } from './description.ts';
import { labelOf, launchdPlist, printedBy } from './launchd-plist.ts';
import { systemdUnit } from './systemd-unit.ts';

/** What runs services of one user on this system. Every function throws SERVICE_FAILED with the words of its program. */
export interface Manager {
  readonly kind: ManagerKind;
  /** Where the description of the service lies. */
  readonly file: string;
  readonly text: string;
  /** Throws SERVICE_UNSUPPORTED, with the reason, where it cannot be reached. */
  reach(): Promise<void>;
  /** Takes up the file that was written, starts the service, now and with every session. */
  start(): Promise<void>;
  /** Ends the service and forgets it, before its file goes. */
  forget(): Promise<void>;
  /** After its file has gone. */
  settle(): Promise<void>;
  /** How it is, by the names that the manager uses. */
  state(): Promise<Record<string, string>>;
  /** The program that shows what the service printed, with its words. */
  logs(lines: number, isFollowed: boolean): readonly [string, ...string[]];
  /** What a person should know once it is installed; undefined when there is nothing. */
  advice(): Promise<string | undefined>;
}

export const managerKinds = ['systemd', 'launchd'] as const;
export type ManagerKind = (typeof managerKinds)[number];

/** The service manager of this system. Throws SERVICE_UNSUPPORTED. */
export function managerKindHere(): ManagerKind {
  if (process.platform === 'linux') return 'systemd';
  if (process.platform === 'darwin') return 'launchd';
  throw new Fault('SERVICE_UNSUPPORTED', `No service manager of ${process.platform} is known here.`);
}

export function managerOf(kind: ManagerKind, service: ServiceDescription): Manager {
  return kind === 'systemd' ? systemd(service) : launchd(service);
}

function systemd(service: ServiceDescription): Manager {
  const unit = `${service.name}.service`;
  const folder = process.env['XDG_CONFIG_HOME'] ?? path.join(homedir(), '.config');
  const control = (...words: string[]): Promise<string> => run('systemctl', ['--user', ...words]);
  return {
    kind: 'systemd',
    file: path.join(folder, 'systemd/user', unit),
    text: systemdUnit(service),
    async reach() {
      await control('show-environment').catch((error: unknown) => {
        const { message } = Fault.from(error);
        throw new Fault('SERVICE_UNSUPPORTED', `The systemd of this user cannot be reached: ${message}`);
      });
    },
    async start() {
      await control('daemon-reload');
      await control('enable', '--now', unit);
    },
    async forget() {
      await control('disable', '--now', unit);
    },
    async settle() {
      await control('daemon-reload');
    },
    async state() {
      const wanted = 'ActiveState,SubState,UnitFileState,MainPID,ExecMainStatus,NRestarts,ActiveEnterTimestamp';
      const told = await control('show', unit, `--property=${wanted}`);
      return Object.fromEntries(told.trim().split('\n').map(pairOf));
    },
    logs: (lines, isFollowed) => [
      'journalctl',
      '--user',
      `--unit=${unit}`,
      `--lines=${lines}`,
      ...(isFollowed ? ['--follow'] : ['--no-pager']),
    ],
    async advice() {
      const { username } = userInfo();
      const told = await run('loginctl', ['show-user', username, '--property=Linger']).catch(() => '');
      if (told.trim() === 'Linger=yes') return undefined;
      return `It ends when you log out. To have it run from the start of the machine on: loginctl enable-linger ${username}`;
    },
  };
}

function launchd(service: ServiceDescription): Manager {
  const domain = `gui/${process.getuid?.() ?? 501}`;
  const label = labelOf(service);
  const file = path.join(homedir(), 'Library/LaunchAgents', `${label}.plist`);
  const control = (...words: string[]): Promise<string> => run('launchctl', words);
  return {
    kind: 'launchd',
    file,
    text: launchdPlist(service),
    async reach() {
      await control('print', domain).catch((error: unknown) => {
        const { message } = Fault.from(error);
        throw new Fault('SERVICE_UNSUPPORTED', `The launchd of this user cannot be reached: ${message}`);
      });
    },
    async start() {
      // One that is loaded already keeps its old text until it is let go.
      await control('bootout', `${domain}/${label}`).catch(() => undefined);
      await control('bootstrap', domain, file);
    },
    async forget() {
      await control('bootout', `${domain}/${label}`);
    },
    settle: () => Promise.resolve(),
    async state() {
      const told = await control('print', `${domain}/${label}`);
      const pairs = [...told.matchAll(/^\t(state|pid|last exit code|runs) = (.*)$/gm)];
      return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
    },
    logs: (lines, isFollowed) => ['tail', '-n', String(lines), ...(isFollowed ? ['-f'] : []), printedBy(service)],
    advice: () => Promise.resolve(undefined),
  };
}

/** What a program printed. Throws SERVICE_FAILED with its last words. */
async function run(program: string, words: readonly string[]): Promise<string> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const what = `${program} ${words.join(' ')}`;
  const [code] = (await once(child, 'close').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? `there is no program ${program}` : error.message;
    throw new Fault('SERVICE_FAILED', `${what}: ${why}.`);
  })) as [number | null];
  if (code === 0) return said.out;
  throw new Fault(
    'SERVICE_FAILED',
    `${what}: ${(said.err || said.out).trim().split('\n').at(-1) || `ended with ${code}`}`,
  );
}

function pairOf(line: string): [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}
