import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { Kernel } from '../../../core/kernel/kernel.ts';
import { createModuleLoader } from '../../../core/kernel/modules.ts';
import { definePlugin, type Plugin } from '../../../core/kernel/plugin.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';

const packageRoot = new URL('../../../', import.meta.url);
const asFolder = (folder: string): URL => pathToFileURL(`${folder}${path.sep}`);

await t.test('a changed file below a raised folder is imported anew, with all below it', async (t) => {
  const home = t.testdir({
    plugins: {
      greeter: { 'index.ts': "export { word } from './word.ts';", 'word.ts': "export const word: string = 'hello';" },
      other: { 'index.ts': 'export const made = {};' },
    },
  });
  using loader = createModuleLoader(packageRoot, asFolder(home));
  const greeter = path.join(home, 'plugins/greeter/index.ts');
  const other = path.join(home, 'plugins/other/index.ts');
  t.equal((await loader.import(greeter))['word'], 'hello');
  const { made } = await loader.import(other);

  await writeFile(path.join(home, 'plugins/greeter/word.ts'), "export const word: string = 'hei';");
  t.equal((await loader.import(greeter))['word'], 'hello', 'nothing is fresh before the folder is raised');
  loader.raise(`${path.join(home, 'plugins/greeter')}${path.sep}`);
  t.equal((await loader.import(greeter))['word'], 'hei');
  t.equal((await loader.import(other))['made'], made, 'the neighbour is the same module as before');

  await writeFile(path.join(home, 'plugins/greeter/word.ts'), "export const word: string = 'moi';");
  loader.raise(`${path.join(home, 'plugins/greeter')}${path.sep}`);
  t.equal((await loader.import(greeter))['word'], 'moi', 'and again');
});

await t.test('a raised file is imported anew, and not the files whose names begin like it', async (t) => {
  const home = t.testdir({
    'boternity.config.ts': 'export default 1;',
    'boternity.config.ts.old.ts': 'export const made = {};',
  });
  using loader = createModuleLoader(packageRoot, asFolder(home));
  const config = path.join(home, 'boternity.config.ts');
  const { made } = await loader.import(`${config}.old.ts`);
  await loader.import(config);
  await writeFile(config, 'export default 2;');
  loader.raise(config);
  t.equal((await loader.import(config))['default'], 2);
  t.equal((await loader.import(`${config}.old.ts`))['made'], made);
});

await t.test('"boternity" is the running package in any folder, with nothing installed beside it', async (t) => {
  const home = await farFolder(t);
  const code = "export { definePlugin } from 'boternity';";
  for (const file of ['without.ts', 'index.ts', 'deep.ts']) await writeFile(path.join(home, file), code);
  await t.rejects(import(pathToFileURL(path.join(home, 'without.ts')).href), { code: 'ERR_MODULE_NOT_FOUND' });
  using loader = createModuleLoader(packageRoot, asFolder(home));
  t.equal((await loader.import(path.join(home, 'index.ts')))['definePlugin'], definePlugin);
});

await t.test('a home behind a symbolic link works as well', async (t) => {
  const real = await farFolder(t);
  const home = path.join(await farFolder(t), 'linked');
  await symlink(real, home);
  await writeFile(path.join(real, 'index.ts'), "export { definePlugin } from 'boternity';");
  await writeFile(path.join(real, 'word.ts'), "export default 'hello';");
  using loader = createModuleLoader(packageRoot, asFolder(home));
  t.equal((await loader.import(path.join(home, 'index.ts')))['definePlugin'], definePlugin);
});

await t.test('changed code replaces the running plugin, and broken code leaves it running', async (t) => {
  const home = t.testdir({ plugins: { bell: { 'index.ts': bell('ding') } } });
  using loader = createModuleLoader(packageRoot, asFolder(home));
  await using kernel = new Kernel();
  const rung: string[] = [];
  const rings = globalThis as { rings?: string[] };
  rings.rings = rung;
  t.teardown(() => delete rings.rings);
  const index = path.join(home, 'plugins/bell/index.ts');
  const reload = async (): Promise<void> => {
    const loaded = await loader.import(index);
    await kernel.load((loaded['default'] as Plugin<StandardSchemaV1>)());
  };
  const edit = async (text: string): Promise<void> => {
    await writeFile(index, text);
    loader.raise(`${path.dirname(index)}${path.sep}`);
    await reload();
  };

  await reload();
  await edit(bell('dong'));
  t.strictSame(rung, ['ding', 'stop ding', 'dong']);
  await t.rejects(edit('this is not code'), 'the import comes first');
  t.strictSame(rung, ['ding', 'stop ding', 'dong'], 'and fails before anything stops');
  await edit(bell('crack', "throw new Error('cracked');"));
  t.strictSame(rung.slice(3), ['stop dong', 'crack', 'stop crack', 'dong'], 'the old one returns');
  t.match([...kernel.status()], [{ state: 'running', error: { message: 'cracked' } }]);
});

/** A folder outside this package, where its name means nothing. */
async function farFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'boternity-home-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

function bell(sound: string, then = ''): string {
  return `
    import { definePlugin } from 'boternity';
    const rung: string[] = (globalThis as { rings?: string[] }).rings ?? [];
    export default definePlugin({
      name: 'bell',
      setup(context) {
        context.defer(() => void rung.push('stop ${sound}'));
        rung.push('${sound}');
        ${then}
      },
    });`;
}
