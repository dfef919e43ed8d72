import { boot, type RunningHouse } from '../boot/boot.ts';
import type { FoundHome } from '../boot/find-home.ts';
import { Fault } from '../base/fault.ts';
import type { SettingsFile } from '../boot/settings.ts';
import { version } from '../boot/package-root.ts';
import { createClient } from '../ui/client.ts';
import type { Terminal } from './command.ts';
import { openLogFile } from './log-file.ts';
import type { Outfit } from './outfit.ts';

export interface ServeOptions {
  readonly host?: string;
  readonly port?: string;
}

/** Runs the server until it is told to stop. */
export async function serve(home: FoundHome, options: ServeOptions, outfit: Outfit, terminal: Terminal): Promise<void> {
  const given = givenBy(options, process.env.PORT);
  const { log, close } = openLogFileOrFault(home.path, terminal);
  const report = (error: unknown): void => log.error('A promise was rejected and nobody cared', { error });
  process.on('unhandledRejection', report);
  try {
    const standardPlugins = async () => (await outfit.standardPlugins()).default;
    await using house = await boot({ home, standardPlugins, given, log, announce: true });
    await greet(house, terminal);
    await stopped(terminal.signal);
    terminal.stderr.write('\nStopping.\n');
  } finally {
    process.off('unhandledRejection', report);
    await close();
  }
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

function openLogFileOrFault(home: string, terminal: Terminal): ReturnType<typeof openLogFile> {
  try {
    return openLogFile(home, terminal.stderr);
  } catch (error) {
    throw new Fault('HOME_UNWRITABLE', `The home folder ${home} cannot be written: ${Fault.from(error).message}`, {
      cause: error,
    });
  }
}

async function greet(house: RunningHouse, terminal: Terminal): Promise<void> {
  const client = createClient({ url: house.url });
  if (terminal.isJson) {
    terminal.stdout.write(`${JSON.stringify({ url: house.url, home: house.home, pid: process.pid })}\n`);
    return;
  }
  const lines = [`Boternity ${version}`, `  page   ${house.url}`, `  home   ${house.home}`];
  if (house.replaced)
    lines.push(`  note   took the place of process ${house.replaced.pid}, which ended without a word`);
  try {
    const status = (await client.call('server.status', {})) as { model: { id: string | null; why: string } };
    lines.push(`  model  ${status.model.id ?? 'none'}. ${status.model.why}`);
    const { bots } = (await client.call('bots.list', {})) as {
      bots: { emoji: string; slug: string; folder: string; problems: number }[];
    };
    for (const bot of bots)
      lines.push(
        `  bot    ${bot.emoji} ${bot.slug}  ${bot.folder}${bot.problems > 0 ? '  (has problems: bnity check)' : ''}`,
      );
  } catch (error) {
    lines.push(`  note   ${Fault.from(error).message}`);
  }
  terminal.stdout.write(`${lines.join('\n')}\nCtrl+C stops.\n`);
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
