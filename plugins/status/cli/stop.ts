import { setTimeout as rest } from 'node:timers/promises';
import { defineOfflineCommand, Fault, findOwner, isAlive, type Owner } from 'boternity';

/** How long a server may take to end by itself, in milliseconds: it lets answers under way come to a point where they can go on. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 50;
/** How long a process that gave its home free may take to be gone, in milliseconds. */
const LAST_MS = 5_000;

/** `bnity server stop`: tells the server of this home to end, and waits until it has. */
export const stopServer = defineOfflineCommand({
  isOffline: true,
  summary: 'Stops the server of this home and waits until it has ended.',
  usage: '',
  flags: [{ flag: '--force', description: 'end it the hard way when it has not ended by itself in time' }],
  examples: ['bnity server stop', 'bnity server stop --home ~/fleet'],
  async run({ flags, home, terminal: { stdout, isJson, signal } }) {
    const folder = await home();
    const owner = await findOwner(folder);
    const say = (state: 'ended' | 'killed' | 'none', sentence: string): number => {
      const told = { home: folder, pid: owner?.pid ?? null, state };
      stdout.write(isJson ? `${JSON.stringify(told)}\n` : `${sentence}\n`);
      return 0;
    };
    if (!owner) return say('none', `No server runs on ${folder}.`);
    if (owner.url === undefined) {
      throw new Fault('HOME_LOCKED', `${folder} is in use by process ${owner.pid}, which has no address yet.`, {
        hint: 'It is a command, or a server that is starting. Try again in a moment.',
      });
    }
    tell(owner, 'SIGTERM');
    if (await hasEnded(folder, owner, PATIENCE_MS, signal))
      return say('ended', `The server at ${owner.url} (process ${owner.pid}) has ended.`);
    const stays = `The server at ${owner.url} (process ${owner.pid}) has not ended in ${PATIENCE_MS / 1_000} seconds.`;
    if (flags.force !== true) throw new Fault('SERVER_STAYS', stays);
    tell(owner, 'SIGKILL');
    if (await hasEnded(folder, owner, PATIENCE_MS, signal))
      return say('killed', `The server at ${owner.url} (process ${owner.pid}) was ended the hard way.`);
    throw new Fault('SERVER_STAYS', stays);
  },
});

function tell({ pid }: Owner, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ESRCH') return;
    if (code !== 'EPERM') throw error;
    throw new Fault('CALLER_DENIED', `Process ${pid} belongs to another user of this machine.`, {
      hint: 'Run this as the user who started the server.',
    });
  }
}

async function hasEnded(home: string, owner: Owner, patienceMs: number, signal: AbortSignal): Promise<boolean> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await rest(LOOK_MS, undefined, { signal })) {
    const now = await findOwner(home);
    if (now?.pid !== owner.pid || now.start !== owner.start) return isGone(owner, signal);
  }
  return false;
}

/** The home is free; the process is a moment later. One that keeps on all the same is not waited for. */
async function isGone(owner: Owner, signal: AbortSignal): Promise<true> {
  for (const deadline = Date.now() + LAST_MS; Date.now() < deadline; await rest(LOOK_MS, undefined, { signal }))
    if (!isAlive(owner)) return true;
  return true;
}
