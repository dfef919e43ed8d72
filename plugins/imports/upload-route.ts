import { z, type Route } from 'boternity';
import type { Staging } from './staging.ts';

const received = z.looseObject({
  data: z.object({ upload: z.string().describe('Id for imports.plan'), bytes: z.number(), sha256: z.string() }),
});

/** Takes an archive as the body of a request, whatever its type, and keeps it until it is planned. */
export function uploadRoute(staging: Staging): Route {
  return {
    method: 'POST',
    path: '/api/v1/uploads',
    permission: 'bots:write',
    describe: {
      name: 'uploads.create',
      summary: 'Takes an archive, which imports.plan then looks at. It is kept for an hour at most.',
      body: { type: 'application/gzip' },
      answers: { 201: { description: 'It is here', schema: received } },
    },
    async handle(call) {
      const { id, bytes, sha256 } = await staging.receive(call.request);
      call.answer({ upload: id, bytes, sha256 }, { status: 201 });
    },
  };
}
