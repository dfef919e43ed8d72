import type { Route } from 'boternity';
import type { Staging } from './staging.ts';

/** Takes an archive as the body of a request, whatever its type, and keeps it until it is planned. */
export function uploadRoute(staging: Staging): Route {
  return {
    method: 'POST',
    path: '/api/v1/uploads',
    permission: 'bots:write',
    async handle({ request, response }) {
      const { id, bytes, sha256 } = await staging.receive(request);
      response.writeHead(201, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify({ data: { upload: id, bytes, sha256 }, errors: [] }));
    },
  };
}
