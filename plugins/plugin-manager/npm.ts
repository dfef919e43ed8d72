import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from 'boternity';

/** Longest run of npm, in milliseconds. */
const PATIENCE_MS = 180_000;
/** How much of what npm says is told, in characters: its end says why. */
const MOST_TOLD = 600;

/** Variables that npm may see: its own, those of the network and of the system. Nothing that was given to this server. */
const passed =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TMPDIR|XDG_\w+|https?_proxy|no_proxy|npm_config_\w+|NPM_TOKEN|NODE_AUTH_TOKEN|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+)$/i;

/** Scripts of packages are not run; the server is no package of its plugins, so it is not installed a second time. */
const always = [
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--legacy-peer-deps',
  '--loglevel=error',
  '--fetch-retries=1',
  '--fetch-retry-mintimeout=1000',
];

/** Installs a package, a folder or an archive into a project, as a copy. Throws PLUGIN_INSTALL in npm's words. */
export function install(spec: string, project: string, signal: AbortSignal): Promise<void> {
  return npm(['install', ...always, '--install-links', '--save', '--', spec], project, signal);
}

export function uninstall(name: string, project: string, signal: AbortSignal): Promise<void> {
  return npm(['uninstall', ...always, '--save', '--', name], project, signal);
}

/** What a project asks for: name → what it asks for. */
export async function dependenciesOf(project: string): Promise<Readonly<Record<string, string>>> {
  try {
    const text = await readFile(path.join(project, 'package.json'), 'utf8');
    const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
    return dependencies;
  } catch {
    return {};
  }
}

async function npm(words: readonly string[], project: string, signal: AbortSignal): Promise<void> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passed.test(name)));
  const ends = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const child = spawn('npm', ['--prefix', project, ...words], {
    cwd: project,
    env: { ...env, npm_config_update_notifier: 'false' },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: ends,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-MOST_TOLD)));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  let code: number | null;
  try {
    code = await promise;
  } catch (error) {
    throw new Fault('PLUGIN_INSTALL', whyNot(error, ends), { cause: error });
  }
  if (code === 0) return;
  const why = said.replaceAll(/^npm (error|ERR!) ?(A complete log .*\n.*)?/gm, '').trim();
  throw new Fault('PLUGIN_INSTALL', `npm could not do it: ${why || `it ended with ${code}`}`);
}

function whyNot(error: unknown, ends: AbortSignal): string {
  if (ends.aborted) return `npm was stopped: it was not done within ${PATIENCE_MS / 60_000} minutes, or nobody waited.`;
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return isMissing
    ? 'There is no npm here. Install it, or put the folder of the plugin into plugins/ of the home, which needs none.'
    : `npm could not be started: ${error instanceof Error ? error.message : String(error)}`;
}
