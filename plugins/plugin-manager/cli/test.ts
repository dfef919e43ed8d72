import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { defineOfflineCommand, Fault, ownModule } from 'boternity';

/** `bnity plugin test <plugin>`: its own tests, with `boternity` meaning this product though nothing is installed beside it. */
export const testPlugin = defineOfflineCommand({
  summary: 'Runs the tests of a plugin in plugins/ of the home, with boternity/testing at hand. No server is needed.',
  usage: '<plugin>',
  examples: ['bnity plugin test weather'],
  isOffline: true,
  async run({ args: [name = ''], home, terminal }) {
    const folder = path.join(await home(), 'plugins', path.basename(name));
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    const files = names.filter((file) => /\.test\.[cm]?[jt]s$/.test(file) && !file.includes('node_modules'));
    if (files.length === 0) {
      throw new Fault('PLUGIN_MISSING', `${folder} has no tests: no file there ends in .test.ts.`);
    }
    const tests = files.map((file) => path.join(folder, file));
    const child = spawn(process.execPath, ['--import', ownModule('test-loader').href, '--test', ...tests], {
      cwd: folder,
      env: { ...process.env, BOTERNITY_TESTED: folder },
      stdio: 'inherit',
      signal: terminal.signal,
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? 1;
  },
});
