import path from 'node:path';
import { defineAction, Fault, z, type Home, type House } from 'boternity';
import { templateOf } from '../template.ts';

declare module 'boternity' {
  interface ActionTypes {
    'plugins.create': ReturnType<typeof createPlugin>;
  }
}

export function createPlugin(house: House, home: Home) {
  return defineAction({
    name: 'plugins.create',
    summary:
      'Writes a new plugin that works into plugins/ of the home: code, manifest and a test. It is not turned on.',
    permission: 'settings:admin',
    http: 'POST /plugins/new',
    cli: 'plugin new <name>',
    status: 201,
    examples: ['bnity plugin new weather'],
    input: z.strictObject({
      name: z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,59}$/, 'use a to z, digits and dashes, a letter first')
        .describe('Its name, which is that of its folder, its command and its route'),
    }),
    output: z.object({ plugin: z.string(), folder: z.string(), files: z.array(z.string()) }),
    async run({ name }) {
      const isTaken = (await house.pluginTable()).some((each) => each.name === name);
      if (isTaken) throw new Fault('NAME_TAKEN', `There is a plugin "${name}" already.`);
      const files = Object.entries(templateOf(name, house)).map(([file, text]) => [`plugins/${name}/${file}`, text]);
      for (const [file = '', text = ''] of files) await home.files.write(file, text);
      const folder = path.join(home.path, 'plugins', name);
      return { plugin: name, folder, files: files.map(([file = '']) => file) };
    },
  });
}
