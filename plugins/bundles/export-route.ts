import { pipeline } from 'node:stream/promises';
import { Fault, z, type Actions, type Route } from 'boternity';
import { bundleOf, type Bundle, type BundleParts } from './bundle.ts';

/** Sends a bot as an archive. What looks like a key keeps it here, unless the caller says otherwise. */
export function exportRoute(parts: BundleParts, actions: Actions): Route {
  return {
    method: 'GET',
    path: '/api/v1/bots/{bot}/export',
    permission: 'bots:read',
    bot: async ({ bot }) => bot,
    describe: {
      name: 'bots.export',
      summary: 'Sends a bot as an archive: its committed files and the shared skills it uses.',
      params: { bot: { description: 'Slug or id of a bot', example: 'assistant' } },
      query: z.object({
        allow_secrets: z.enum(['true', 'false']).optional().describe('Send it although it holds what looks like a key'),
      }),
      answers: {
        200: { description: 'A gzipped tar archive; its name in content-disposition', type: 'application/gzip' },
      },
    },
    async handle({ params, response, url, caller, signal }) {
      const { bot = '' } = params;
      // The same question as an action, so that everything that watches over actions has its say.
      await actions.run('bots.manifest', { caller, signal, door: 'http', input: { bot }, progress: () => undefined });
      const bundle = await bundleOf(bot, parts);
      if (url.searchParams.get('allow_secrets') !== 'true') assertNoSecrets(bundle);
      const { slug, soul } = bundle.manifest;
      response.writeHead(200, {
        'content-type': 'application/gzip',
        'content-disposition': `attachment; filename="${slug}-${new Date().toISOString().slice(0, 10)}.tar.gz"`,
        'x-boternity-soul': soul,
        'cache-control': 'no-store',
      });
      await pipeline(bundle.pack(), response).catch(() => response.destroy());
    },
  };
}

function assertNoSecrets({ manifest, suspects }: Bundle): void {
  if (suspects.length === 0) return;
  const [first] = suspects;
  throw new Fault(
    'EXPORT_SECRETS',
    `${manifest.slug} is not exported: ${first?.file}:${first?.line} looks like a key (${first?.what}).`,
    { details: suspects.map(({ file, line, what }) => ({ path: `${file}:${line}`, message: what })) },
  );
}
