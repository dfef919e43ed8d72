import { pipeline } from 'node:stream/promises';
import { Fault, type Actions, type Route } from 'boternity';
import { bundleOf, type Bundle, type BundleParts } from './bundle.ts';

/** Sends a bot as an archive. What looks like a key keeps it here, unless the caller says otherwise. */
export function exportRoute(parts: BundleParts, actions: Actions): Route {
  return {
    method: 'GET',
    path: '/api/v1/bots/{bot}/export',
    permission: 'bots:read',
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
