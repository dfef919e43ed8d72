import { execFile } from 'node:child_process';
import { readdir, readFile, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { isMissingFile, type Finding, type Home } from 'boternity';

const run = promisify(execFile);
const MB = 1024 * 1024;

/** Folders that are watched for one bot: its root, and the folders of its program where it has them. */
const WATCHES_PER_BOT = 10;
/** No clock that is right shows an earlier time. */
const EARLIEST = Date.UTC(2026, 0, 1);
/** How far ahead a file may be before it says something about the clock, in milliseconds. */
const AHEAD_MS = 5 * 60 * 1000;

export async function nodeOld(version = process.versions.node): Promise<Finding[]> {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 12)) return [];
  return [{ level: 'error', message: `This is Node ${version}.`, advice: 'Install Node 24.12 or newer.' }];
}

export async function gitMissing(): Promise<Finding[]> {
  if ((await gitVersion()) !== undefined) return [];
  const message = 'There is no git, so bots have no history and nobody can push to them.';
  return [{ level: 'warning', message, advice: 'Install git 2.38 or newer.' }];
}

export async function gitOld(): Promise<Finding[]> {
  const version = await gitVersion();
  const [major = 0, minor = 0] = (version ?? '2.38').split('.').map(Number);
  if (major > 2 || (major === 2 && minor >= 38)) return [];
  const message = `This is git ${version}; history and push need 2.38.`;
  return [{ level: 'warning', message, advice: 'Install git 2.38 or newer.' }];
}

async function gitVersion(): Promise<string | undefined> {
  const told = await run('git', ['--version'], { timeout: 5_000 }).catch(() => undefined);
  return told && (/(\d+\.\d+[\d.]*)/.exec(told.stdout)?.[1] ?? '0');
}

export async function diskLow(home: Home): Promise<Finding[]> {
  const { bavail, bsize, files, ffree } = await statfs(home.path);
  const free = Math.floor((bavail * bsize) / MB);
  const advice = 'Free some space, or move the home to another disk.';
  if (files > 0 && ffree < 1_000)
    return [{ level: 'error', message: `The disk of the home has room for ${ffree} more files.`, advice }];
  if (free >= 1_000) return [];
  return [{ level: free < 100 ? 'error' : 'warning', message: `The disk of the home has ${free} MB left.`, advice }];
}

/** Edits of bots are noticed by watches, of which Linux gives each user only so many. `limits` is the folder that tells them. */
export async function watchesLow(home: Home, limits = '/proc/sys/fs/inotify'): Promise<Finding[]> {
  const text = await readFile(path.join(limits, 'max_user_watches'), 'utf8').catch(() => '');
  const allowed = Number(text.trim());
  if (text === '' || Number.isNaN(allowed)) return [];
  const bots = (await home.files.list('bots')).filter(({ kind }) => kind === 'folder').length;
  const wanted = bots * WATCHES_PER_BOT + 100;
  if (allowed >= wanted) return [];
  return [
    {
      level: 'warning',
      message: `The system watches ${allowed} folders for a user, and ${bots} bots want about ${wanted}. Edits beyond that are seen late.`,
      advice: `As root: sysctl -w fs.inotify.max_user_watches=${wanted * 2}, and keep it in /etc/sysctl.d/.`,
    },
  ];
}

export async function clockWrong(home: Home): Promise<Finding[]> {
  const now = Date.now();
  const advice = 'Set the clock of this machine, best by a time service: ids and history follow it.';
  if (now < EARLIEST) return [{ level: 'error', message: `The clock says ${new Date(now).toISOString()}.`, advice }];
  const ahead = (await agesOf(home)).filter(({ at }) => at > now + AHEAD_MS);
  return ahead.slice(0, 1).map(({ file, at }) => ({
    level: 'warning',
    message: `${file} was written at ${new Date(at).toISOString()}, which is still to come: the clock is wrong, or was.`,
    advice,
  }));
}

/** Files that the server writes often, with the time of their last change. */
async function agesOf(home: Home): Promise<{ file: string; at: number }[]> {
  const logs = await readdir(path.join(home.path, '.boternity/logs')).catch(() => []);
  const files = [
    '.boternity/bots.json',
    'settings.yaml',
    'providers.yaml',
    ...logs.map((log) => `.boternity/logs/${log}`),
  ];
  const ages = await Promise.all(
    files.map(async (file) => {
      const found = await stat(path.join(home.path, file)).catch((error: unknown) => {
        if (isMissingFile(error)) return undefined;
        throw error;
      });
      return found ? [{ file, at: found.mtimeMs }] : [];
    }),
  );
  return ages.flat();
}
