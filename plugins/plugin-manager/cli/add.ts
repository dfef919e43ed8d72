import { existsSync } from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'boternity';

/** `bnity plugin add <package>`: a path is meant from here, not from where the server runs. */
export const addPlugin = defineCommand({
  summary: 'Installs a plugin with npm, without running its scripts, and reads its manifest. It is not turned on.',
  usage: '<package>',
  examples: [
    'bnity plugin add boternity-plugin-weather',
    'bnity plugin add ./weather',
    'bnity plugin add weather-1.0.0.tgz',
  ],
  async run({ args: [given = ''], client, terminal }) {
    const isPath = /^[./~]|\.tgz$/.test(given) || (!given.startsWith('@') && given.includes('/') && existsSync(given));
    const added = await client.call(
      'plugins.add',
      { package: isPath ? path.resolve(given) : given },
      { signal: terminal.signal },
    );
    if (terminal.isJson) {
      terminal.stdout.write(`${JSON.stringify(added)}\n`);
      return 0;
    }
    const { plugin, package: name, version, project, description, capabilities, problems } = added;
    const lines = [
      `${name} ${version} is in ${project}.`,
      ...(description === null ? [] : [description]),
      `It asks for: ${capabilities.join(', ') || 'nothing'}`,
      ...problems.map((problem) => `problem: ${problem}`),
      `Turn it on with: bnity plugin enable ${plugin}`,
    ];
    terminal.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  },
});
