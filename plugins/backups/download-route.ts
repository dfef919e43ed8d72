import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Route } from 'boternity';
import { findBackup } from './write-backup.ts';

/** Sends a backup. It holds everything that the server knows, so only an admin of the server gets it. */
export function downloadRoute(folder: string): Route {
  return {
    method: 'GET',
    path: '/api/v1/backups/{backup}/content',
    permission: 'server:admin',
    describe: {
      name: 'backups.download',
      summary: 'Sends a backup.',
      params: { backup: { description: 'Name of a backup', example: 'boternity-2026-11-21T08-00-00.tar.gz' } },
      answers: { 200: { description: 'A gzipped tar archive', type: 'application/gzip' } },
    },
    async handle({ params, response }) {
      const { file, name, bytes } = await findBackup(folder, params.backup ?? '');
      response.writeHead(200, {
        'content-type': 'application/gzip',
        'content-length': bytes,
        'content-disposition': `attachment; filename="${name}"`,
        'cache-control': 'no-store',
      });
      await pipeline(createReadStream(file), response).catch(() => response.destroy());
    },
  };
}
