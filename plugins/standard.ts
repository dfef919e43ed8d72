import type { PluginEntry } from 'boternity';
import bundles from './bundles/index.ts';
import conversations from './conversations/index.ts';
import demo from './demo/index.ts';
import files from './files/index.ts';
import fleet from './fleet/index.ts';
import imports from './imports/index.ts';
import localOwner from './local-owner/index.ts';
import memory from './memory/index.ts';
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
  imports(),
  bundles(),
  files(),
  memory(),
  settings(),
  providers(),
  models(),
  openAiCompatible(),
  demo(),
  time(),
  conversations(),
  status(),
];
export default standard;
