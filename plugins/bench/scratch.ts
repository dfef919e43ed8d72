import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder that is gone when it is disposed of. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
}

export async function makeScratch(): Promise<Scratch> {
  const folder = await mkdtemp(path.join(tmpdir(), 'boternity-bench-'));
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Lets the model at this address answer for all bots of a home, as fast as somebody asks. */
export async function useModel(home: string, address: string): Promise<void> {
  await writeFile(
    path.join(home, 'providers.yaml'),
    `providers:\n  fake:\n    type: openai-compatible\n    address: ${address}\n    models: [fake]\n`,
  );
  await writeFile(
    path.join(home, 'settings.yaml'),
    'model: fake\nplugins:\n  conversations: { messagesPerMinute: 0, stopsPerMinute: 0 }\n',
  );
}

/** How Linux numbers a file system that lies in memory. */
const TMPFS = 0x01021994;

/** Whether what is written there never comes to a disk. */
export async function isInMemory(folder: string): Promise<boolean> {
  return process.platform === 'linux' && (await statfs(folder)).type === TMPFS;
}
