import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin, z } from 'boternity';
import type {} from '../openai/index.ts';
import type {} from '../providers/index.ts';
import { compatibleKind } from './kind.ts';
import { Lookout } from './lookout.ts';
import { presetSchema } from './presets.ts';

/** How long the start waits for servers of this machine to answer, in milliseconds. */
const FIRST_LOOK_MS = 250;

const address = z.url({ protocol: /^https?$/ }).transform((given) => given.replace(/\/+$/, ''));

/** Talks with every service that speaks OpenAI's Chat Completions: servers of this machine and hosted ones. */
export default definePlugin({
  name: 'openai-compatible',
  needs: ['house', 'openAi', 'providers'],
  config: z.strictObject({
    discover: z.boolean().optional().describe('false: nobody looks for servers of models on this machine'),
    places: z
      .array(z.strictObject({ preset: presetSchema, address }))
      .optional()
      .describe('Where to look; at their usual ports when absent'),
    everySeconds: z.number().min(1).max(86_400).default(120).describe('How often is looked'),
  }),
  async setup(context, { discover, places, everySeconds }) {
    const { house, openAi, providers } = context;
    providers.addKind(compatibleKind(openAi));
    const isWanted = discover ?? process.env.LLM_DISCOVERY !== 'false';
    if (!house.isServer || !isWanted) return;
    const lookout = new Lookout({ openAi, providers, places, signal: context.signal });
    const look = (): void => void lookout.look();
    const timer = setInterval(look, everySeconds * 1_000).unref();
    context.defer(() => clearInterval(timer));
    context.on('providers.changed', look);
    // So that the greeting names what is there: nobody waits longer for a port that keeps silent.
    await Promise.race([lookout.look(), sleep(FIRST_LOOK_MS, undefined, { ref: false })]);
  },
});
