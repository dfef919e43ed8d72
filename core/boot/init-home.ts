import { lstatSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../base/fault.ts';
import { makeFolder } from '../files/disk.ts';
import { writeAtomically } from '../files/replace-file.ts';
import { CONFIG_FILE } from './config-file.ts';
import { HOME_VERSION } from './home-version.ts';
import { SETTINGS_FILE } from './settings.ts';

const OWN = '.boternity';
const folders = [OWN, 'bots', 'data', 'plugins', 'skills', 'workflows'];

/** A home that is made by this program has its layout. */
const VERSION_LINE = `# Version of the layout of this home; bnity migrate raises it.\nversion: ${HOME_VERSION}\n`;

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
# Keys never stand here: name the secret (bnity secret set OPENAI_API_KEY) or the environment variable that holds them.
# For example:
#
# providers:
#   local:
#     type: openai-compatible
#     address: http://127.0.0.1:11434/v1
#     models: [llama3.2]
#   openai:
#     key: OPENAI_API_KEY
#     models: [gpt-5-mini]
#   anthropic: {}
`,
};

const envExample = `# Copy this file to .env and fill in what you have. It is read at the start, here and in the folder where you start the server; variables that are
# set otherwise win. Every name of a secret may end in _FILE and then names a file that holds it. Better kept: bnity secret set OPENAI_API_KEY
#
# Keys: a provider whose key is there is there by itself.
# ANTHROPIC_API_KEY=
# OPENAI_API_KEY=
# OPENROUTER_API_KEY=
# GEMINI_API_KEY=
# MISTRAL_API_KEY=
# ZAI_API_KEY=
# AWS_BEARER_TOKEN_BEDROCK=
# AWS_ACCESS_KEY_ID=
# AWS_SECRET_ACCESS_KEY=
# AWS_SESSION_TOKEN=
# AWS_REGION=
#
# Any service that speaks OpenAI's Chat Completions:
# LLM_PROVIDER_BASE_URL=https://models.example.com/v1
# LLM_PROVIDER_NAME=example
# LLM_PROVIDER_TYPE=openai-compatible
# LLM_PROVIDER_API_KEY=
# LLM_PROVIDER_MODELS=one-model,another-model
#
# A local Ollama at another address than http://127.0.0.1:11434:
# OLLAMA_HOST=
#
# Where traces go, if anywhere: a collector that takes OTLP over HTTP.
# OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
# OTEL_EXPORTER_OTLP_HEADERS=
#
# Keys of web searches:
# BRAVE_API_KEY=
# TAVILY_API_KEY=
#
# The server itself:
# PORT=4242
# BOTERNITY_HOME=
# BOTERNITY_VAULT_PASSWORD=
`;

const ignored = `# What must not be shared when this folder is kept in git: secrets, caches, and what people and bots said.
.env
.boternity/
data/
node_modules/
`;

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
    const wanted = Object.entries({
      ...files,
      '.env.example': envExample,
      '.gitignore': ignored,
      ...(options.withConfig && { [CONFIG_FILE]: config }),
    });
    for (const [name, content] of wanted) {
      const place = path.join(home, name);
      if (isThere(place)) continue;
      // Bots that were there before may be of any version: such a home names none, and is looked through by bnity migrate.
      const isNew = name === SETTINGS_FILE && made.includes('bots/');
      await writeAtomically(place, isNew ? `${content}\n${VERSION_LINE}` : content);
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
