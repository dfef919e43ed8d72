import type { PluginEntry } from 'boternity';
import botDoctor from './bot-doctor/index.ts';
import backups from './backups/index.ts';
import bundles from './bundles/index.ts';
import conversations, { conversationSearch } from './conversations/index.ts';
import demo from './demo/index.ts';
import files from './files/index.ts';
import doctor from './doctor/index.ts';
import feed from './feed/index.ts';
import fleet from './fleet/index.ts';
import gitPush from './git-push/index.ts';
import imports from './imports/index.ts';
import memory from './memory/index.ts';
import models from './models/index.ts';
import openAiCompatible from './openai-compatible/index.ts';
import openAiDoor from './openai-door/index.ts';
import prompts from './prompts/index.ts';
import providers from './providers/index.ts';
import search from './search/index.ts';
import settings from './settings/index.ts';
import signIn, { signInPages } from './sign-in/index.ts';
import skills from './skills/index.ts';
import status from './status/index.ts';
import time from './time/index.ts';
import vault from './vault/index.ts';
import webTools from './web-tools/index.ts';

/** What runs unless settings.yaml or boternity.config.ts say otherwise. */
const standard: readonly PluginEntry[] = [
  signIn(),
  fleet(),
  imports(),
  bundles(),
  backups(),
  files(),
  memory(),
  prompts(),
  skills(),
  search(),
  settings(),
  vault(),
  providers(),
  models(),
  openAiCompatible(),
  demo(),
  time(),
  webTools(),
  conversations(),
  feed(),
  conversationSearch(),
  openAiDoor(),
  gitPush(),
  status(),
  signInPages(),
  doctor(),
  botDoctor(),
];
export default standard;
