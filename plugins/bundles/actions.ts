import { defineAction, z } from 'boternity';
import { bundleOf, type BundleParts } from './bundle.ts';
import { manifestSchema } from './manifest.ts';

declare module 'boternity' {
  interface ActionTypes {
    'bots.manifest': ReturnType<typeof showManifest>;
  }
}

export function showManifest(parts: BundleParts) {
  return defineAction({
    name: 'bots.manifest',
    summary: 'Shows what an export of a bot would hold: files, hashes, shared skills, what looks like a key.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}/manifest',
    cli: 'manifest <bot>',
    examples: ['bnity manifest assistant', 'bnity manifest assistant --json'],
    input: z.strictObject({ bot: z.string().min(1).describe('Slug or id of a bot') }),
    output: z.object({
      manifest: manifestSchema,
      suspects: z
        .array(z.object({ file: z.string(), line: z.number(), what: z.string() }))
        .describe('Places that look like a key; an export is refused until they are gone or allowed'),
      missing: z.array(z.string()).describe('Shared skills that bot.yaml names and that are nowhere'),
    }),
    async run({ bot }) {
      const { manifest, suspects, missing } = await bundleOf(bot, parts);
      return { manifest, suspects: [...suspects], missing: [...missing] };
    },
  });
}
