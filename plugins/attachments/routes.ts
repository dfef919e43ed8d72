import { rm } from 'node:fs/promises';
import { Fault, z, type Bots, type Route } from 'boternity';
import type { Conversations } from '../conversations/index.ts';
import type { Documents } from '../storage/index.ts';
import type { AttachedFiles, Kept } from './attached-files.ts';

interface Parts {
  readonly bots: Bots;
  readonly conversations: Conversations;
  readonly documents: Documents;
  readonly files: AttachedFiles;
}

const PLACE = '/api/v1/bots/{bot}/attachments';
const bot = { description: 'Slug or id of a bot', example: 'assistant' };
const attachment = { description: 'Id of an attachment', example: '019…' };
const view = z.object({
  id: z.string().describe('To be sent with a message, within a day'),
  name: z.string(),
  bytes: z.number(),
  media_type: z.string(),
  tokens: z.number().describe('Estimated, in a prompt'),
  text: z.enum(['ready', 'partial', 'failed', 'none']).describe('Whether its text can be read'),
  problem: z.string().nullable().describe('Why it has no text, or not all of it'),
});

/** Files come before the message that they are sent with, and can be fetched where it was said. */
export function attachmentRoutes(parts: Parts): Route[] {
  return [uploadRoute(parts), dropRoute(parts), downloadRoute(parts)];
}

function uploadRoute({ bots, documents, files }: Parts): Route {
  return {
    method: 'POST',
    path: PLACE,
    permission: 'bots:use',
    bot: async (params) => params.bot,
    describe: {
      name: 'attachments.upload',
      summary: 'Takes a file as the body of the request, to be sent with a message to this bot.',
      params: { bot },
      query: z.object({
        name: z
          .string()
          .describe('Name of the file')
          .meta({ examples: ['notes.pdf'] }),
      }),
      body: { type: 'application/octet-stream' },
      answers: { 201: { description: 'It waits for its message', data: view } },
    },
    async handle(call) {
      const { params, url, request } = call;
      const { id } = await bots.get(params.bot ?? '');
      const name = documents.admit(url.searchParams.get('name') ?? '', Number(request.headers['content-length'] ?? 0));
      const received = await documents.receive(name, request);
      try {
        call.answer(viewOf(await files.keep(id, name, received)), { status: 201 });
      } finally {
        await rm(received.file, { force: true });
      }
    },
  };
}

function dropRoute({ bots, files }: Parts): Route {
  return {
    method: 'DELETE',
    path: `${PLACE}/{attachment}`,
    permission: 'bots:use',
    bot: async (params) => params.bot,
    describe: {
      name: 'attachments.drop',
      summary: 'Drops a file that was not sent.',
      params: { bot, attachment },
      answers: { 200: { description: 'It is gone, or was not there', data: z.object({}) } },
    },
    async handle(call) {
      const { params } = call;
      const { id } = await bots.get(params.bot ?? '');
      await files.drop(id, params.attachment ?? '');
      call.answer({});
    },
  };
}

function downloadRoute({ conversations, documents, files }: Parts): Route {
  return {
    method: 'GET',
    path: '/api/v1/conversations/{conversation}/attachments/{attachment}',
    permission: 'bots:use',
    bot: async ({ conversation = '' }) => conversations.botOf(conversation),
    describe: {
      name: 'attachments.download',
      summary: 'Sends a file that came with a message.',
      params: { conversation: { description: 'Id of a conversation', example: '019…' }, attachment },
      answers: { 200: { description: 'The file, as an attachment', type: 'application/octet-stream' } },
    },
    async handle({ params, request, response }) {
      const { conversation = '', attachment: id = '' } = params;
      if ((await conversations.botOf(conversation)) === undefined)
        throw new Fault('CONVERSATION_MISSING', `There is no conversation "${conversation.slice(0, 60)}".`);
      // What lies under an id never changes.
      const headers = { 'cache-control': 'private, max-age=86400, immutable' };
      await documents.send({ request, response }, { ...(await files.find(conversation, id)), headers });
    },
  };
}

function viewOf({ id, name, bytes, media, tokens, read }: Kept): z.input<typeof view> {
  return { id, name, bytes, media_type: media, tokens, text: read.state, problem: read.problem ?? null };
}
