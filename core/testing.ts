/** The public test kit, for plugins of the house and of third parties. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import actionsPlugin from './actions/actions.ts';
import { createLog } from './base/log.ts';
import { ownerFetch } from './cli/owner-fetch.ts';
import botsPlugin from './bots/bots.ts';
import { boot, type RunningHouse } from './boot/boot.ts';
import checksPlugin from './boot/checks.ts';
import { createDiskFiles } from './files/disk.ts';
import type { Files } from './files/files.ts';
import homePlugin from './files/home.ts';
import { Kernel } from './kernel/kernel.ts';
import type { Services } from './kernel/names.ts';
import { definePlugin, type PluginEntry } from './kernel/plugin.ts';

export { scriptedModel } from './agent/scripted-model.ts';
export type { ScriptedAnswer, ScriptedCall, ScriptedModel, ScriptedStep } from './agent/scripted-model.ts';
export { memoryIndexContract } from './agent/memory-index-contract.ts';
export type { MemoryIndexUnderTest } from './agent/memory-index-stage.ts';
export { providerContract } from './agent/provider-contract.ts';
export { RETRY_AFTER_SECONDS } from './agent/provider-stage.ts';
export type { Lack, ProviderStage, ProviderUnderTest, ServiceAnswer, StageOptions } from './agent/provider-stage.ts';
export { readTape, type Exchange, type Tape } from './agent/tape/format.ts';
export { replayTape, type Replay, type ReplayOptions } from './agent/tape/replay.ts';
export { filesContract } from './files/files-contract.ts';
export { createMemoryFiles } from './files/memory.ts';
export { createDiskFiles } from './files/disk.ts';
export { Kernel } from './kernel/kernel.ts';

export interface TestKernelOptions {
  /** Files of the home before anything starts: path → text. */
  readonly files?: Readonly<Record<string, string>>;
  readonly watch?: boolean;
  /** Wraps the store of the home: to count calls, or to break them. */
  readonly wrap?: (files: Files) => Files;
  /** Hears of errors without a caller. Default: they are thrown at the end. */
  readonly report?: (error: unknown, where: string) => void;
}

/** A kernel with home, actions and bots in a temporary folder, and the plugins under test. Disposing it removes the folder. */
export interface TestKernel extends AsyncDisposable {
  readonly kernel: Kernel;
  /** Absolute path of the home. */
  readonly home: string;
  /** A running service, seen by a consumer named "test". Throws when nobody provides it. */
  service<Name extends keyof Services>(name: Name): Promise<Services[Name]>;
}

export async function testKernel(
  plugins: readonly PluginEntry[] = [],
  options: TestKernelOptions = {},
): Promise<TestKernel> {
  await using undo = new AsyncDisposableStack();
  const home = await temporaryHome(undo, options.files ?? {});
  const disk = createDiskFiles(home);
  const problems: unknown[] = [];
  const kernel = undo.use(new Kernel({ report: options.report ?? ((error) => problems.push(error)) }));
  const log = createLog(() => undefined);
  await kernel.load(
    homePlugin({ path: home, watch: options.watch ?? true, log, files: options.wrap?.(disk) ?? disk }),
    actionsPlugin(),
    checksPlugin(),
    botsPlugin(),
    ...plugins,
  );
  const stack = undo.move();
  return {
    kernel,
    home,
    service: (name) => serviceOf(kernel, name),
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync();
      if (problems.length > 0) throw problems[0];
    },
  };
}

export interface TestHouseOptions extends Omit<TestKernelOptions, 'report'> {
  readonly plugins: readonly PluginEntry[];
  /** How long a plugin's setup may take, in milliseconds. Default 10,000. */
  readonly startTimeoutMs?: number;
}

export interface TestHouse extends RunningHouse {
  /** A request as the owner; the place may be a path. */
  readonly fetch: (place: string, init?: RequestInit) => Promise<Response>;
  /** The lines so far. */
  readonly log: readonly string[];
}

/** A whole server in a temporary home on a free port of the loopback address, with a log that is kept. */
export async function testHouse(options: TestHouseOptions): Promise<TestHouse> {
  await using undo = new AsyncDisposableStack();
  const home = await temporaryHome(undo, options.files ?? {});
  const log: string[] = [];
  const disk = createDiskFiles(home);
  const house = undo.use(
    await boot({
      home: { path: home, config: path.join(home, 'boternity.config.ts') },
      standardPlugins: async () => options.plugins,
      given: { host: '127.0.0.1', port: 0, watch: options.watch ?? true },
      files: options.wrap?.(disk) ?? disk,
      log: createLog((line) => log.push(line)),
      ...(options.startTimeoutMs !== undefined && { startTimeoutMs: options.startTimeoutMs }),
    }),
  );
  const asOwner = ownerFetch(home);
  const stack = undo.move();
  return {
    ...house,
    log,
    fetch: (place, init) => asOwner(new URL(place, house.url), init),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The files of a bot, for `files` of a test: a soul that says nothing special, and what is given. */
export function botFolder(slug: string, files: Readonly<Record<string, string>> = {}): Record<string, string> {
  const all = { 'SOUL.md': `---\nname: ${JSON.stringify(slug)}\n---\n\nYou are calm.\n`, ...files };
  return Object.fromEntries(Object.entries(all).map(([file, text]) => [`bots/${slug}/${file}`, text]));
}

async function temporaryHome(undo: AsyncDisposableStack, files: Readonly<Record<string, string>>): Promise<string> {
  const home = await mkdtemp(path.join(tmpdir(), 'boternity-'));
  undo.defer(() => rm(home, { recursive: true, force: true }));
  const disk = createDiskFiles(home);
  for (const [file, text] of Object.entries(files)) await disk.write(file, text);
  return home;
}

async function serviceOf<Name extends keyof Services>(kernel: Kernel, name: Name): Promise<Services[Name]> {
  let found: Services[Name] | undefined;
  const asker = definePlugin<Name>({
    name: `test of ${name}`,
    needs: [name],
    setup(context) {
      found = (context as Pick<Services, Name>)[name];
    },
  });
  await kernel.load(asker());
  if (found === undefined) throw new Error(`Nobody provides the service "${name}".`);
  return found;
}
