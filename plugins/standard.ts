import type { PluginEntry } from 'boternity';
import anthropic from './anthropic/index.ts';
import botDoctor from './bot-doctor/index.ts';
import attachments from './attachments/index.ts';
import backups from './backups/index.ts';
import bedrock from './bedrock/index.ts';
import bundles from './bundles/index.ts';
import conversations, { conversationSearch } from './conversations/index.ts';
import claudeCli from './claude-cli/index.ts';
import codex from './codex/index.ts';
import dashboard from './dashboard/index.ts';
import demo from './demo/index.ts';
import files from './files/index.ts';
import doctor from './doctor/index.ts';
import feed from './feed/index.ts';
import fleet from './fleet/index.ts';
import gemini from './gemini/index.ts';
import gitPush from './git-push/index.ts';
import imports from './imports/index.ts';
import logFiles from './log-files/index.ts';
import local from './local/index.ts';
import logs from './logs/index.ts';
import memory from './memory/index.ts';
import memoryIndex from './memory-index/index.ts';
import migrations from './migrations/index.ts';
import mistral from './mistral/index.ts';
import models from './models/index.ts';
import notifications from './notifications/index.ts';
import openAi from './openai/index.ts';
import openAiCompatible from './openai-compatible/index.ts';
import openAiDoor from './openai-door/index.ts';
import openRouter from './openrouter/index.ts';
import pluginManager from './plugin-manager/index.ts';
import prompts from './prompts/index.ts';
import providers, { providerPages } from './providers/index.ts';
import reachDoctor from './reach-doctor/index.ts';
import search from './search/index.ts';
import sentenceModels from './sentence-models/index.ts';
import settings from './settings/index.ts';
import sharedMemory from './shared-memory/index.ts';
import signIn, { signInPages } from './sign-in/index.ts';
import skills from './skills/index.ts';
import status from './status/index.ts';
import storage from './storage/index.ts';
import tapes from './tapes/index.ts';
import time from './time/index.ts';
import traces from './traces/index.ts';
import usage from './usage/index.ts';
import vault, { vaultPages } from './vault/index.ts';
import webTools from './web-tools/index.ts';
import zai from './zai/index.ts';

/** What runs unless settings.yaml or boternity.config.ts say otherwise. */
const standard: readonly PluginEntry[] = [
  signIn(),
  fleet(),
  imports(),
  bundles(),
  backups(),
  files(),
  memory(),
  memoryIndex(),
  sharedMemory(),
  storage(),
  prompts(),
  skills(),
  search(),
  settings(),
  vault(),
  models(),
  usage(),
  providers(),
  openAi(),
  mistral(),
  zai(),
  openRouter(),
  openAiCompatible(),
  anthropic(),
  bedrock(),
  gemini(),
  local(),
  sentenceModels(),
  claudeCli(),
  codex(),
  demo(),
  time(),
  webTools(),
  conversations(),
  attachments(),
  traces(),
  logFiles(),
  notifications(),
  tapes(),
  feed(),
  conversationSearch(),
  openAiDoor(),
  gitPush(),
  status(),
  logs(),
  migrations(),
  pluginManager(),
  dashboard(),
  signInPages(),
  providerPages(),
  vaultPages(),
  doctor(),
  botDoctor(),
  reachDoctor(),
];
export default standard;
