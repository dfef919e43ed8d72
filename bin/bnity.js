#!/usr/bin/env node
// Starts Boternity. Plain old JavaScript: an older Node must be able to read this file and say what to install.
import fs from 'fs';
import module from 'module';
import os from 'os';
import path from 'path';
import { fileURLToPath } from 'url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const argv = process.argv.slice(2);

if (!isNewEnough(process.versions.node)) startWithOwnNode();
else if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) printVersion();
else if (argv[0] === '__complete') complete();
else start();

function isNewEnough(version) {
  const parts = version.split('.').map(Number);
  return parts[0] > 24 || (parts[0] === 24 && parts[1] >= 12);
}

function printVersion() {
  console.log(JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version);
}

/** A shell that completes a word waits for it: nothing is loaded that this does not need, and no trouble is told. */
function complete() {
  enableCompileCache();
  import(`../core/cli/complete.${kindOfSource()}`).then((found) => found.complete(argv.slice(1))).catch(() => {});
}

/** A clone holds TypeScript, a published package the JavaScript made from it. */
function kindOfSource() {
  return fs.existsSync(path.join(root, 'core/cli/main.ts')) ? 'ts' : 'js';
}

function start() {
  enableCompileCache();
  const kind = kindOfSource();
  import(`../core/cli/main.${kind}`)
    .then(({ main }) =>
      main(argv, {
        standardPlugins: () => import(`../plugins/standard.${kind}`),
        commands: () => import(`../plugins/commands.${kind}`),
      }),
    )
    .catch((error) => {
      console.error(error);
      process.exitCode = 1;
    });
}

/** Compiled code is kept from start to start, per user. Without a place for it, starts are only slower. */
function enableCompileCache() {
  try {
    const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
    if (isEnabled(path.join(cache, 'boternity', 'compile'))) return;
  } catch {
    // An account without a home folder.
  }
  try {
    const shared = path.join(os.tmpdir(), `boternity-compile-${os.userInfo().uid}`);
    if (isOwn(shared)) isEnabled(shared);
  } catch {
    // Nor a temporary folder of its own.
  }
}

function isEnabled(directory) {
  const { status } = module.enableCompileCache(directory);
  return status !== module.constants.compileCacheStatus.FAILED;
}

/** The temporary folder belongs to everybody, and what lies in a compile cache is run: take only what this user made. */
function isOwn(directory) {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = fs.lstatSync(directory);
  return uid === os.userInfo().uid && (mode & 0o077) === 0;
}

function startWithOwnNode() {
  const node = findOwnNode();
  if (!node) return refuse();
  import('child_process').then(({ spawn }) => {
    const child = spawn(node, [...process.execArgv, fileURLToPath(import.meta.url), ...argv], { stdio: 'inherit' });
    passSignals(child);
    child.on('error', refuse);
    child.on('exit', (code, signal) => {
      process.removeAllListeners(signal || 'exit');
      if (signal) process.kill(process.pid, signal);
      else process.exitCode = code;
    });
  }, refuse);
}

/** The Node that `npm ci` brought into a clone; never the one that is running this. */
function findOwnNode() {
  const modules = path.join(root, 'node_modules');
  const isNode = (name) => /^node-(linux|darwin|win|aix|sunos)/.test(name);
  const platforms = fs.existsSync(modules) ? fs.readdirSync(modules).filter(isNode) : [];
  const found = [
    path.join(modules, '.bin', 'node'),
    ...platforms.map((name) => path.join(modules, name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')),
  ];
  const isOther = (file) => fs.existsSync(file) && fs.realpathSync(file) !== fs.realpathSync(process.execPath);
  return found.find(isOther);
}

/** A terminal sends its own Ctrl+C to the child too; passed on it would arrive twice. */
function passSignals(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    const isFromTerminal = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
    process.on(signal, isFromTerminal ? () => {} : () => child.kill(signal));
  }
}

function refuse() {
  const clone = fs.existsSync(path.join(root, 'tools', 'node'))
    ? 'run "npm ci" in this folder, which brings Node 24 along, or install Node'
    : 'install it';
  console.error(
    `Boternity needs Node 24.12 or newer and this is Node ${process.versions.node}: ${clone} on Debian and Ubuntu ` +
      'with the packages of NodeSource (setup_24.x), on macOS with "brew install node", elsewhere from nodejs.org.',
  );
  process.exitCode = 1;
}
