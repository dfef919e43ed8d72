import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { defineOfflineCommand, Fault, findOwner } from 'boternity';

/** Programs that show an address in the browser of this user, by the name of the system. */
const openers: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};
const elsewhere = ['xdg-open'];

/** `bnity open`: shows the page of the server that runs on this home. */
export const openPage = defineOfflineCommand({
  isOffline: true,
  summary: 'Opens the page of the running server in the browser, and prints its address.',
  usage: '',
  examples: ['bnity open', 'bnity open --home ~/fleet'],
  async run({ home, terminal: { stdout, stderr, isJson } }) {
    const folder = await home();
    const owner = await findOwner(folder);
    if (owner?.url === undefined) throw new Fault('SERVER_MISSING', `No server runs on ${folder}.`);
    const url = reachable(owner.url);
    const isOpened = await show(url);
    stdout.write(isJson ? `${JSON.stringify({ url, opened: isOpened })}\n` : `${url}\n`);
    if (!isOpened && !isJson) stderr.write('No browser could be started here: open the address yourself.\n');
    return 0;
  },
});

/** A server that listens everywhere is reached here by the address of this machine itself. */
function reachable(url: string): string {
  const address = new URL(url);
  if (/^(0\.0\.0\.0|\[::\])$/.test(address.hostname)) address.hostname = '127.0.0.1';
  return address.href.replace(/\/$/, '');
}

async function show(url: string): Promise<boolean> {
  const [program = '', ...words] = openers[process.platform] ?? elsewhere;
  const child = spawn(program, [...words, url], { stdio: 'ignore', detached: true });
  // The browser outlives the command that opened it.
  child.unref();
  try {
    await once(child, 'spawn');
    return true;
  } catch {
    return false;
  }
}
