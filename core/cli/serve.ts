import module from 'node:module';
import type { Caller } from '../actions/caller.ts';
import { boot, type RunningHouse } from '../boot/boot.ts';
import type { FoundHome } from '../boot/find-home.ts';
import { Fault } from '../base/fault.ts';
import type { SettingsFile } from '../boot/settings.ts';
import { version } from '../boot/package-root.ts';
import type { ActionView } from '../server/list-actions.ts';
import type { Terminal } from './command.ts';
import { boundNewSpace, returnMemoryWhenIdle } from './memory-limits.ts';
import { openLogFile } from './log-file.ts';
import { isSafe } from '../boot/env-files.ts';
import type { Outfit } from './outfit.ts';

export interface ServeOptions {
  readonly host?: string;
  readonly port?: string;
  /** Plugins of the product alone. */
  readonly safe?: boolean;
}

/** How long answers and requests under way may take to their end, in milliseconds; the rest of the stop closes files and connections. */
const DRAIN_MS = 6_500;
/** After how long a stop is given up and the process ends, in milliseconds: service managers kill after ten seconds. */
const STOP_MS = 9_500;

/** Runs the server until it is told to stop. */
export async function serve(home: FoundHome, options: ServeOptions, outfit: Outfit, terminal: Terminal): Promise<void> {
  const given = givenBy(options, process.env.PORT);
  const { log, close } = openLogFile(home.path, terminal.stderr);
  const report = (error: unknown): void => log.error('A promise was rejected and nobody cared', { error });
  let isEnding = false;
  const crash = (error: unknown): void => {
    // What goes wrong while it ends changes nothing any more.
    if (isEnding) return;
    isEnding = true;
    log.error('The server met an error that nobody caught, and ends', { error });
    void end(close);
  };
  process.on('unhandledRejection', report);
  process.on('uncaughtException', crash);
  let late: NodeJS.Timeout | undefined;
  try {
    const standardPlugins = async () => (await outfit.standardPlugins()).default;
    await using house = await boot({
      home,
      standardPlugins,
      given,
      log,
      announce: true,
      isSafe: options.safe === true || isSafe(),
    });
    await greet(house, terminal);
    // Written now, because a server that is killed would leave no cache for the next start.
    module.flushCompileCache();
    using _ = returnMemoryWhenIdle();
    using _bound = boundNewSpace();
    followCommands(house, outfit, terminal.signal);
    await stopped(terminal.signal);
    terminal.stderr.write('\nStopping: what is under way may end. A second signal ends it at once.\n');
    late = setTimeout(() => crash(new Error(`The server did not stop within ${STOP_MS / 1_000} seconds.`)), STOP_MS);
    await house.drain(AbortSignal.timeout(DRAIN_MS));
  } finally {
    // By now everything is closed, because `await using` comes before; what keeps the process all the same is not waited for.
    late?.unref();
    process.off('unhandledRejection', report);
    process.off('uncaughtException', crash);
    await close();
  }
}

/** The end of a process that met an error: what it had to say is on disk first. */
async function end(close: () => Promise<void>): Promise<void> {
  await close();
  process.exit(1);
}

function givenBy(options: ServeOptions, environmentPort: string | undefined): SettingsFile {
  const port = options.port ?? environmentPort;
  if (port !== undefined && !/^\d{1,5}$/.test(port))
    throw new Fault('USAGE_WRONG', `"${port}" is no port.`, { hint: 'Give a number from 0 to 65535.' });
  return {
    ...(port !== undefined && { port: Number(port) }),
    ...(options.host !== undefined && { host: options.host }),
  };
}

/** Who prints the greeting: it asks the actions directly, because a request to oneself would load a client into the server. */
const greeter: Caller = { kind: 'program', id: 'serve', name: 'serve', grants: ['*'] };
/** Bots that the greeting names; the rest is not even read. */
const GREETED_BOTS = 10;

/** Rest after the last change of the commands before they are kept, in milliseconds. */
const COMMANDS_MS = 1_000;

async function greet(house: RunningHouse, terminal: Terminal): Promise<void> {
  const ask = (action: string, input: object): Promise<unknown> =>
    house.actions.run(action, {
      door: 'cli',
      caller: greeter,
      input,
      signal: terminal.signal,
      progress: () => undefined,
    });
  const setup = await setupLink(ask);
  if (terminal.isJson) {
    const told = {
      url: house.url,
      page: house.page,
      home: house.home,
      pid: process.pid,
      ...(setup !== undefined && { setup }),
    };
    terminal.stdout.write(`${JSON.stringify(told)}\n`);
    return;
  }
  const lines = [`Boternity ${version}`, `  page   ${house.page}`, `  home   ${house.home}`];
  if (house.replaced)
    lines.push(`  note   took the place of process ${house.replaced.pid}, which ended without a word`);
  if (house.isSafe)
    lines.push('  note   safe mode: plugins of the home, of packages and of boternity.config.ts do not run');
  try {
    const { model, update } = (await ask('server.status', {})) as Greeted;
    lines.push(`  model  ${model.id ?? 'none'}. ${model.why}`);
    if (update !== null) lines.push(`  note   ${update}`);
    const { bots } = (await ask('bots.list', { limit: GREETED_BOTS + 1 })) as { bots: GreetedBot[] };
    lines.push(...bots.slice(0, GREETED_BOTS).map(lineOf));
    if (bots.length > GREETED_BOTS) lines.push('         … and more: bnity list');
  } catch (error) {
    lines.push(`  note   ${Fault.from(error).message}`);
  }
  if (setup !== undefined) {
    lines.push(
      '',
      'Open this link to make the owner account. It works once, within a day; a new one: bnity setup-link',
      setup,
    );
  }
  terminal.stdout.write(`${lines.join('\n')}\nCtrl+C stops.\n`);
}

/** The link by which the first visitor becomes the owner; undefined when there is one already. */
async function setupLink(ask: (action: string, input: object) => Promise<unknown>): Promise<string | undefined> {
  try {
    const { state } = (await ask('accounts.show', {})) as { state: string };
    return state === 'none' ? ((await ask('setup.link', {})) as { url: string }).url : undefined;
  } catch {
    // Somebody else tells who asks, or the disk is full: then there is no link to show.
    return undefined;
  }
}

/** Keeps the commands for completion as they are, a moment after each change. */
function followCommands(house: RunningHouse, outfit: Outfit, signal: AbortSignal): void {
  const keep = async (): Promise<void> => {
    const ask = { door: 'cli' as const, caller: greeter, input: {}, signal, progress: () => undefined };
    const listed = (await house.actions.run('actions.list', ask)) as { actions: ActionView[] };
    const { keepCommands } = await import('./keep-commands.ts');
    await keepCommands(house.home, listed.actions, outfit);
  };
  let waiting: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(waiting);
    // Nothing depends on it, so whatever stands in the way is left for the next time.
    waiting = setTimeout(() => void keep().catch(() => undefined), COMMANDS_MS).unref();
  };
  house.followActions(soon);
  soon();
}

interface Greeted {
  readonly model: { readonly id: string | null; readonly why: string };
  readonly update: string | null;
}

interface GreetedBot {
  readonly emoji: string;
  readonly slug: string;
  readonly folder: string;
  readonly problems: number;
}

function lineOf({ emoji, slug, folder, problems }: GreetedBot): string {
  return `  bot    ${emoji} ${slug}  ${folder}${problems > 0 ? '  (has problems: bnity check)' : ''}`;
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
