import { lstatSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../base/fault.ts';
import { makeFolder } from '../files/disk.ts';
import { writeAtomically } from '../files/replace-file.ts';
import { CONFIG_FILE } from './config-file.ts';

const OWN = '.boternity';
const folders = [OWN, 'bots', 'data', 'plugins', 'skills', 'workflows'];

const files = {
  'settings.yaml': `# Settings of this server. Edit here, on the page or with: bnity settings set <key> <value>
# boternity.config.ts wins over this file. For example:
#
# port: 4242
# model: gpt-5-mini
# plugins:
#   mock: true
`,
  'providers.yaml': `# Where models come from. Edit here or with: bnity provider add <name> --address <url>
# Keys never stand here: name the secret that holds them (bnity secret set OPENAI_API_KEY), or with key_env an environment
# variable. For example:
#
# providers:
#   local:
#     type: openai-compatible
#     address: http://127.0.0.1:11434/v1
#     models: [llama3.2]
#   openai:
#     type: openai-compatible
#     address: https://api.openai.com/v1
#     key: OPENAI_API_KEY
#     models: [gpt-5-mini]
`,
};

const config = `import { defineConfig } from 'boternity';

/** What is fixed here cannot be changed by page or command line; settings.yaml holds the rest. */
export default defineConfig({});
`;

/** Gives a folder the layout of a home. Nothing that exists is touched. Throws HOME_UNWRITABLE. Answers what it made. */
export async function initHome(home: string, options: { readonly withConfig: boolean }): Promise<string[]> {
  const made: string[] = [];
  try {
    for (const folder of folders) {
      const place = path.join(home, folder);
      if (isThere(place)) continue;
      await makeFolder(place);
      // It holds what lets people in; nobody else on this machine has a look at it.
      if (folder === OWN) await chmod(place, 0o700);
      made.push(`${folder}/`);
    }
    const wanted = Object.entries({ ...files, ...(options.withConfig && { [CONFIG_FILE]: config }) });
    for (const [name, content] of wanted) {
      const place = path.join(home, name);
      if (isThere(place)) continue;
      await writeAtomically(place, content);
      made.push(name);
    }
  } catch (error) {
    const fault = Fault.from(error);
    throw new Fault('HOME_UNWRITABLE', `The home folder ${home} cannot be written: ${fault.message}`, { cause: error });
  }
  return made;
}

/** Also a link that leads nowhere is something that exists, and is left for its owner to look at. */
function isThere(place: string): boolean {
  return lstatSync(place, { throwIfNoEntry: false }) !== undefined;
}
