import { execFile } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createClient, type Client } from '../core/ui/client.ts';
import type { Served } from '../plugins/bench/load.ts';

/** The owner of a server, as a client. */
export function ownerOf({ url, credentials }: Served): Client {
  return createClient({
    url,
    fetch: (input, init) => fetch(input, { ...init, headers: { ...(init?.headers as object), ...credentials } }),
  });
}

/** Makes one change, and waits until it and all `size` memories that lay there are in history: they are committed behind it. */
export async function untilCommitted(home: string, client: Client, size: number): Promise<void> {
  await client.call('memories.create', { bot: 'assistant', text: 'The first one that is told' });
  const gitDir = path.join(home, 'bots/assistant/memory/.git');
  const list = promisify(execFile);
  for (let count = 0; count <= size;) {
    await sleep(2_000);
    const found = await list('git', ['--git-dir', gitDir, 'ls-tree', '-r', '--name-only', 'memory'], {
      maxBuffer: 2 ** 28,
    });
    count = found.stdout.split('\n').length - 1;
  }
}
