import path from 'node:path';
import { defineAction, Fault, z, type FoundPlugin, type Home, type House } from 'boternity';
import { dependenciesOf, install, uninstall } from '../npm.ts';
import { ownRow, pluginName } from '../view.ts';

declare module 'boternity' {
  interface ActionTypes {
    'plugins.add': ReturnType<typeof addPlugin>;
    'plugins.remove': ReturnType<typeof removePlugin>;
  }
}

export function addPlugin(house: House) {
  return defineAction({
    name: 'plugins.add',
    summary: 'Installs a plugin with npm, without running its scripts, and reads its manifest. It is not turned on.',
    permission: 'settings:admin',
    http: 'POST /plugins',
    cli: 'plugin add <package>',
    status: 201,
    examples: ['bnity plugin add ./weather-1.0.0.tgz', 'bnity plugin add boternity-plugin-weather'],
    input: z.strictObject({
      package: z
        .string()
        .regex(/^(?!-)[^\s\0]+$/, 'write the name of a package, or the path of a folder or a .tgz')
        .describe(
          'Name of a package of npm, with @version if you like, or the path of a folder or a .tgz on the server',
        ),
    }),
    output: z.object({
      plugin: z.string(),
      package: z.string(),
      version: z.string(),
      description: z.string().nullable(),
      capabilities: z.array(z.string()).describe('What it asks for'),
      project: z.string().describe('Folder that it was installed into'),
      problems: z.array(z.string()).describe('file:line: what keeps it from being turned on'),
    }),
    async run({ package: spec }, { signal }) {
      const project = await house.project();
      const before = await dependenciesOf(project);
      await install(spec, project, signal);
      const after = await dependenciesOf(project);
      const names = Object.keys(after).filter((name) => isMeant(name, spec, project, before, after));
      const row = (await house.pluginTable()).find(({ found }) => names.includes(found?.package?.name ?? ''));
      if (!row?.found?.package) {
        const fresh = names.filter((name) => before[name] === undefined);
        for (const name of fresh) await uninstall(name, project, signal);
        throw new Fault(
          'PLUGIN_INVALID',
          `${spec} is no plugin: it is not called boternity-plugin-…, and its package.json has no field "boternity". It was removed again.`,
        );
      }
      const { found } = row;
      return {
        plugin: row.name,
        package: row.found.package.name,
        version: row.found.package.version,
        description: found.manifest?.description ?? null,
        capabilities: [...found.capabilities],
        project,
        problems: found.problems.map(({ file, line, message }) => `${file}:${line}: ${message}`),
      };
    },
  });
}

/** Whether a dependency is what was asked for: new, asked for in another way than before, or this name, folder or archive. */
function isMeant(
  name: string,
  spec: string,
  project: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): boolean {
  const asked = after[name] ?? '';
  const file = asked.startsWith('file:') ? path.resolve(project, asked.slice('file:'.length)) : undefined;
  return before[name] !== asked || file === path.resolve(spec) || spec === name || spec.startsWith(`${name}@`);
}

export function removePlugin(house: House, home: Home) {
  return defineAction({
    name: 'plugins.remove',
    summary: 'Removes a plugin: its settings, the consent to it, and its folder in plugins/ or its package.',
    permission: 'settings:admin',
    http: 'DELETE /plugins/{plugin}',
    cli: 'plugin remove <plugin>',
    confirm: 'This deletes the plugin and its settings; a plugin in plugins/ of the home is deleted with its code.',
    examples: ['bnity plugin remove weather', 'bnity plugin remove weather --force'],
    input: z.strictObject({ plugin: pluginName }),
    output: z.object({ plugin: z.string(), removed: z.string().describe('What was deleted, or the package') }),
    async run({ plugin }, { signal }) {
      const row = await ownRow(house, plugin);
      const { found } = row;
      if (!found && row.origin !== 'home')
        throw new Fault('INPUT_INVALID', `${plugin} comes with the product and cannot be removed.`, {
          hint: `Turn it off: bnity plugin disable ${plugin}`,
        });
      if (row.isWritten) await house.setSetting(`plugins.${plugin}`, undefined);
      await house.forgetConsent(plugin);
      return { plugin, removed: found ? await takeAway(found, home, signal) : 'its settings' };
    },
  });
}

async function takeAway(found: FoundPlugin, home: Home, signal: AbortSignal): Promise<string> {
  const { package: installed, project, place } = found;
  if (installed && project !== undefined) {
    await uninstall(installed.name, project, signal);
    return installed.name;
  }
  await home.files.remove(path.relative(home.path, place).replaceAll(path.sep, '/'));
  return place;
}
