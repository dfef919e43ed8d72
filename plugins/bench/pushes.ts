import { execFile } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { environment } from './children.ts';
import { soulOf } from './edits.ts';
import { keepAlive, type Served } from './load.ts';

const run = promisify(execFile);

/**
 * Milliseconds that `git push` of a new SOUL.md takes as a person runs it; when it returns the bot has it, or this throws.
 * Undefined where there is no git.
 */
export async function timePushes(server: Served, folder: string, pushes: number): Promise<number[] | undefined> {
  const clone = path.join(folder, 'clone');
  const git = (...args: string[]): Promise<unknown> =>
    run('git', args, { env: gitEnvironment(folder, server), timeout: 60_000 });
  if (
    !(await git('--version').then(
      () => true,
      () => false,
    ))
  )
    return undefined;
  await git('clone', '-q', `${server.url}/git/assistant.git`, clone);
  const agent = keepAlive();
  const times: number[] = [];
  for (let number = 0; number < pushes; number += 1) {
    const mark = `Push ${number} of ${Date.now()}.`;
    await appendFile(path.join(clone, 'SOUL.md'), `\n${mark}\n`);
    await git('-C', clone, 'commit', '-qam', mark);
    const began = performance.now();
    await git('-C', clone, 'push', '-q');
    times.push(performance.now() - began);
    if (!(await soulOf(server, agent)).includes(mark)) throw new Error('A push was not live when git push returned.');
  }
  agent.destroy();
  return times;
}

/** Git of nobody in particular. The token goes by the environment: other users of the machine can read command lines. */
function gitEnvironment(folder: string, { credentials }: Served): NodeJS.ProcessEnv {
  return {
    ...environment(folder),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Bench',
    GIT_AUTHOR_EMAIL: 'bench@localhost',
    GIT_COMMITTER_NAME: 'Bench',
    GIT_COMMITTER_EMAIL: 'bench@localhost',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: ${credentials.authorization ?? ''}`,
  };
}
