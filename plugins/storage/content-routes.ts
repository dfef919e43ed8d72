import { rm } from 'node:fs/promises';
import { Fault, z, type Bots, type Home, type Route } from 'boternity';
import type { StorageConfig } from './config.ts';
import { sendFile, stage } from './documents.ts';
import type { StoredFiles } from './stored-files.ts';

const PLACE = '/api/v1/bots/{bot}/storage/files/{name}/content';
const params = {
  bot: { description: 'Slug or id of a bot', example: 'assistant' },
  name: { description: 'Name of a file', example: 'report.pdf' },
};
const received = z.object({ name: z.string(), version: z.number(), bytes: z.number(), sha256: z.string() });

interface Parts {
  readonly bots: Bots;
  readonly home: Home;
  readonly files: StoredFiles;
  readonly config: StorageConfig;
}

/** Sends a file, always as an attachment: nothing that somebody uploaded runs in the page of this server. */
export function downloadRoute({ bots, files }: Parts): Route {
  return {
    method: 'GET',
    path: PLACE,
    permission: 'storage:read',
    bot: async ({ bot }) => bot,
    describe: {
      name: 'storage.download',
      summary: 'Sends a file of a bot, or an older version of it.',
      params,
      query: z.object({ version: z.coerce.number().int().min(1).optional().describe('The one of now by default') }),
      answers: { 200: { description: 'The file, as an attachment', type: 'application/octet-stream' } },
    },
    async handle({ params: { bot = '', name = '' }, url, response, request }) {
      const id = bots.idOf(bot);
      const found = await files.placeOf(id, name, versionIn(url));
      const headers = { 'x-boternity-version': found.version.version };
      await sendFile({ request, response }, { file: found.file, name, headers });
    },
  };
}

/** Takes a file as the body of one request, whatever its type. */
export function uploadRoute(parts: Parts): Route {
  const { bots, files } = parts;
  return {
    method: 'PUT',
    path: PLACE,
    permission: 'storage:write',
    bot: async ({ bot }) => bot,
    describe: {
      name: 'storage.upload',
      summary: 'Takes a file as the body of the request; a file that is there becomes an older version.',
      params,
      body: { type: 'application/octet-stream' },
      answers: { 201: { description: 'It is kept', data: received } },
    },
    async handle(call) {
      const {
        params: { bot = '', name: given = '' },
        request,
        caller,
      } = call;
      const id = bots.idOf(bot);
      // Refused before a byte of it is read.
      const name = await files.admit(id, given, Number(request.headers['content-length'] ?? 0));
      const staged = await stage(parts.home, parts.config, request);
      try {
        const version = await files.put(id, name, staged, caller);
        call.answer({ name, version: version.version, bytes: version.bytes, sha256: version.sha256 }, { status: 201 });
      } finally {
        await rm(staged.file, { force: true });
      }
    },
  };
}

function versionIn(url: URL): number | undefined {
  const given = url.searchParams.get('version');
  if (given === null) return undefined;
  const version = Number(given);
  if (!Number.isSafeInteger(version) || version < 1) throw new Fault('INPUT_INVALID', 'version is a number from 1.');
  return version;
}
