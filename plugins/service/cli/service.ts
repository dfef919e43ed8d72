import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { defineOfflineCommand, Fault, findOwner, writeAtomically, type OfflineCall } from 'boternity';
import { describeService } from '../description.ts';
import { managerKindHere, managerKinds, managerOf, type Manager, type ManagerKind } from '../manager.ts';

/** `bnity service install`: the server of this home runs from now on by itself. */
export const installService = defineOfflineCommand({
  isOffline: true,
  summary: 'Has the system run the server of this home: a user unit of systemd, or an agent of launchd.',
  usage: '',
  flags: [{ flag: '--print [manager]', description: 'only print the file, of systemd or launchd; nothing is changed' }],
  examples: ['bnity service install', 'bnity service install --print', 'bnity service install --print launchd'],
  async run({ flags, home, terminal: { stdout, isJson } }) {
    const folder = await home();
    const service = describeService(folder);
    if (flags.print !== undefined) {
      const { kind, file, text } = managerOf(kindOf(flags.print), service);
      stdout.write(isJson ? `${JSON.stringify({ kind, file, text })}\n` : text);
      return 0;
    }
    if (!existsSync(path.join(folder, '.boternity'))) throw new Fault('HOME_MISSING', `${folder} is no home.`);
    const manager = managerOf(managerKindHere(), service);
    await manager.reach();
    const isNew = !existsSync(manager.file);
    const owner = await findOwner(folder);
    if (isNew && owner) {
      throw new Fault('HOME_LOCKED', `${folder} is in use by process ${owner.pid}, so a service could not start.`, {
        hint: 'Stop that server first: bnity server stop',
      });
    }
    await mkdir(path.dirname(manager.file), { recursive: true });
    await writeAtomically(manager.file, manager.text);
    await manager.start();
    const advice = await manager.advice();
    const told = { name: service.name, file: manager.file, home: folder, advice: advice ?? null };
    stdout.write(isJson ? `${JSON.stringify(told)}\n` : wordsFor(told));
    return 0;
  },
});

/** `bnity service status`: what the service manager says of it. */
export const serviceStatus = defineOfflineCommand({
  isOffline: true,
  summary: 'Shows what the service manager says of the service of this home.',
  usage: '',
  examples: ['bnity service status', 'bnity service status --json'],
  async run({ home, terminal: { stdout, isJson } }) {
    const { manager, name } = await installed(home);
    const state = await manager.state();
    const isOld = (await readFile(manager.file, 'utf8')) !== manager.text;
    const told = { name, file: manager.file, ...state };
    const pairs = Object.entries(told).map(([key, value]) => `${key.padEnd(22)} ${value}\n`);
    const note = isOld ? 'The file is not what this version would write: bnity service install\n' : '';
    stdout.write(isJson ? `${JSON.stringify({ ...told, isOld })}\n` : pairs.join('') + note);
    return 0;
  },
});

/** `bnity service logs`: what the server printed under the service manager; `bnity logs` shows what it wrote down. */
export const serviceLogs = defineOfflineCommand({
  isOffline: true,
  summary: 'Shows what the service printed, reasons for a failed start too.',
  usage: '',
  flags: [
    { flag: '-f, --follow', description: 'go on with what comes, until Ctrl+C' },
    { flag: '-n, --lines <count>', description: 'so many of the last lines; 50 when absent' },
  ],
  examples: ['bnity service logs', 'bnity service logs -f'],
  async run({ flags, home, terminal }) {
    const { manager } = await installed(home);
    const lines = flags.lines === undefined ? 50 : Number(flags.lines);
    if (!Number.isSafeInteger(lines) || lines < 0)
      throw new Fault('USAGE_WRONG', `"${String(flags.lines)}" is no number of lines.`);
    const [program, ...words] = manager.logs(lines, flags.follow === true);
    const child = spawn(program, words, { stdio: ['ignore', 'inherit', 'inherit'] });
    const stop = (): void => void child.kill('SIGTERM');
    terminal.signal.addEventListener('abort', stop, { once: true });
    const [code] = (await once(child, 'close').catch(() => {
      throw new Fault('SERVICE_FAILED', `There is no program ${program}.`);
    })) as [number | null];
    return terminal.signal.aborted ? 0 : (code ?? 1);
  },
});

/** `bnity service uninstall`: ends the service and forgets it; the home stays as it is. */
export const uninstallService = defineOfflineCommand({
  isOffline: true,
  summary: 'Stops the service of this home and removes it. The home stays as it is.',
  usage: '',
  examples: ['bnity service uninstall'],
  async run({ home, terminal: { stdout, isJson } }) {
    const { manager, name } = await installed(home);
    await manager.forget();
    await rm(manager.file);
    await manager.settle();
    stdout.write(isJson ? `${JSON.stringify({ name, removed: manager.file })}\n` : `Removed ${manager.file}\n`);
    return 0;
  },
});

async function installed(home: OfflineCall['home']): Promise<{ manager: Manager; name: string }> {
  const folder = await home();
  const service = describeService(folder);
  const manager = managerOf(managerKindHere(), service);
  if (!existsSync(manager.file)) throw new Fault('SERVICE_MISSING', `${folder} has no service.`);
  await manager.reach();
  return { manager, name: service.name };
}

function kindOf(given: unknown): ManagerKind {
  if (given === true) return managerKindHere();
  const kind = managerKinds.find((each) => each === given);
  if (kind) return kind;
  throw new Fault('USAGE_WRONG', `"${String(given)}" is no service manager; there are: ${managerKinds.join(', ')}.`);
}

function wordsFor(told: { name: string; file: string; home: string; advice: string | null }): string {
  const advice = told.advice === null ? '' : `${told.advice}\n`;
  return `${told.name} runs now and with every session: ${told.file}\n${advice}Look after it with: bnity service status, bnity service logs\n`;
}
