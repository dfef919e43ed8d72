import type { PluginEntry } from 'boternity';
import conversations from './conversations/index.ts';
import demo from './demo/index.ts';
import fleet from './fleet/index.ts';
import gitPush from './git-push/index.ts';
import localOwner from './local-owner/index.ts';
import models from './models/index.ts';
import openAiCompatible from './openai-compatible/index.ts';
import providers from './providers/index.ts';
import settings from './settings/index.ts';
import status from './status/index.ts';
import time from './time/index.ts';

/** What runs unless settings.yaml or boternity.config.ts say otherwise. */
const standard: readonly PluginEntry[] = [
  localOwner(),
  fleet(),
  settings(),
  providers(),
  models(),
  openAiCompatible(),
  demo(),
  time(),
  conversations(),
  gitPush(),
  status(),
];
export default standard;
