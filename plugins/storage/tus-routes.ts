import type { IncomingMessage } from 'node:http';
import { createId, Fault, isId, z, type Author, type Bots, type Route, type RouteCall } from 'boternity';
import { bytesOf, type StorageConfig } from './config.ts';
import type { StoredFiles } from './stored-files.ts';
import { markedBy, type Landed, type Uploads } from './uploads.ts';
import type { Server } from '@tus/server';

const PLACE = '/api/v1/bots/{bot}/storage/uploads';
const HOUR_MS = 3_600_000;

interface Parts {
  readonly bots: Bots;
  readonly files: StoredFiles;
  readonly uploads: Uploads;
  /** What stands before every path in addresses; empty at the root. */
  readonly basePath: string;
  readonly config: StorageConfig;
}

const headers = z.object({
  'tus-resumable': z.literal('1.0.0').meta({ description: 'Version of the protocol', examples: ['1.0.0'] }),
});
const progress = z.object({ offset: z.number().int(), bytes: z.number().int() });
const bot = { description: 'Slug or id of a bot', example: 'assistant' };
const params = { bot, upload: { description: 'Id of the upload, as its address ends', example: 'id' } };
const refusal = { description: 'Refused in the words of the protocol', type: 'text/plain' };

/** Resumable uploads by the protocol tus 1.0 (https://tus.io): a file comes in pieces, and goes on where it was broken off. */
export function tusRoutes(parts: Parts): Route[] {
  const servers = new TusServers(parts);
  const all = (method: Route['method'], path: string, name: string, summary: string, status: number): Route => ({
    method,
    path,
    permission: 'storage:write',
    bot: async ({ bot: reference }) => reference,
    describe: {
      name: `uploads.${name}`,
      summary,
      params: path === PLACE ? { bot } : params,
      ...(method !== 'OPTIONS' && { headers }),
      ...(method === 'PATCH' && { body: { type: 'application/offset+octet-stream' } }),
      answers: { [status]: { description: 'Told in headers of the protocol', type: 'text/plain' } },
      refusal,
    },
    handle: (call) => servers.handle(call),
  });
  return [
    all('OPTIONS', PLACE, 'options', 'Tells what of the protocol tus is spoken, and how large a file may be.', 204),
    all('POST', PLACE, 'begin', 'Begins a resumable upload; its address is in `location`.', 201),
    {
      ...all(
        'GET',
        `${PLACE}/{upload}`,
        'show',
        'Tells how much of an upload is here; HEAD in headers of the protocol.',
        200,
      ),
      describe: {
        name: 'uploads.show',
        summary: 'Tells how much of an upload is here; HEAD in headers of the protocol.',
        params,
        answers: { 200: { description: 'How much there is', data: progress } },
      },
    },
    all(
      'PATCH',
      `${PLACE}/{upload}`,
      'continue',
      'Takes the next piece of an upload; with the last one it becomes a file.',
      204,
    ),
    all('DELETE', `${PLACE}/{upload}`, 'abort', 'Gives up an upload.', 204),
  ];
}

/** A tus server for each bot, made when the first upload for it begins. */
class TusServers {
  readonly #parts: Parts;
  readonly #servers = new Map<string, Promise<Server>>();
  readonly #callers = new WeakMap<IncomingMessage, Author>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async handle(call: RouteCall): Promise<void> {
    const { request, response, params: given, caller } = call;
    const { bots, files } = this.#parts;
    const id = bots.idOf(given.bot ?? '');
    const { upload } = given;
    if (request.method === 'POST') await files.admit(id, nameIn(request), lengthOf(request));
    if (upload !== undefined && !(await this.#isOpen(id, upload, call))) return;
    if (request.method === 'GET') return call.answer(await this.#parts.uploads.progress(id, upload ?? ''));
    this.#callers.set(request, caller);
    await (await this.#serverOf(id)).handle(request, response);
  }

  /** An upload that is whole has only to land; one that has landed is told of as long as it is remembered. */
  async #isOpen(id: string, upload: string, call: RouteCall): Promise<boolean> {
    const { request, response, caller } = call;
    const { uploads } = this.#parts;
    if (!isId(upload)) throw new Fault('UPLOAD_MISSING', `There is no upload "${upload.slice(0, 60)}".`);
    const isWhole = await uploads.isWhole(id, upload);
    let landed = uploads.landed(id, upload);
    if (isWhole !== undefined && request.method === 'DELETE') {
      await uploads.drop(id, upload);
      response.writeHead(204, { 'tus-resumable': '1.0.0' }).end();
      return false;
    }
    if (isWhole === true) landed = await uploads.land(id, upload, caller);
    if (!landed) {
      if (isWhole !== undefined) return true;
      throw new Fault('UPLOAD_MISSING', `There is no upload "${upload}" any more.`);
    }
    const { bytes } = landed;
    if (request.method === 'GET') {
      call.answer({ offset: bytes, bytes });
      return false;
    }
    const told = { 'tus-resumable': '1.0.0', 'upload-offset': bytes, 'upload-length': bytes, ...fileHeaders(landed) };
    request.resume();
    response.writeHead(request.method === 'HEAD' ? 200 : 204, told).end();
    return false;
  }

  #serverOf(id: string): Promise<Server> {
    let server = this.#servers.get(id);
    if (!server) {
      server = this.#makeServer(id);
      server.catch(() => this.#servers.delete(id));
      this.#servers.set(id, server);
    }
    return server;
  }

  async #makeServer(id: string): Promise<Server> {
    const { files, uploads, config, basePath } = this.#parts;
    const [{ Server: TusServer }, { FileStore }] = await Promise.all([
      import('@tus/server'),
      import('@tus/file-store'),
    ]);
    const callers = this.#callers;
    const callerOf = (request: { readonly runtime?: { readonly node?: unknown } }): Author => {
      const { req } = (request.runtime?.node ?? {}) as { req?: IncomingMessage };
      const caller = req && callers.get(req);
      if (!caller) throw new Fault('CALLER_UNKNOWN', 'Nobody is known to send this.');
      return caller;
    };
    return new TusServer({
      path: '/',
      datastore: new FileStore({
        directory: uploads.folder(id),
        expirationPeriodInMilliseconds: config.uploadHours * HOUR_MS,
      }),
      maxSize: bytesOf(config.fileMegabytes),
      // Pages of other sites get nothing here, as everywhere.
      allowedOrigins: () => false,
      namingFunction: () => createId(),
      generateUrl: (_, { id: upload }) => `${basePath}${PLACE.replace('{bot}', id)}/${upload}`,
      getFileIdFromRequest: (_, last) => (last !== undefined && isId(last) ? last : undefined),
      async onUploadCreate(request, { id: upload, metadata, size }) {
        files.announce(id, upload, size ?? 0);
        const { filename = null, filetype = null } = metadata ?? {};
        return { metadata: { filename, filetype, ...markedBy(callerOf(request)) } };
      },
      async onUploadFinish(request, { id: upload }) {
        try {
          return { headers: fileHeaders(await uploads.land(id, upload, callerOf(request))) };
        } catch (error) {
          const { row, code, message, hint } = Fault.from(error);
          const body = JSON.stringify({ data: null, errors: [{ code, title: row.title, message, hint }] });
          // eslint-disable-next-line no-throw-literal -- the form in which the tus server takes refusals
          throw { status_code: row.status, body };
        }
      },
    });
  }
}

/** What a landed upload has become, for programs that want to know. */
function fileHeaders({ name, version }: Landed): Record<string, string> {
  return { 'x-boternity-file': encodeURIComponent(name), 'x-boternity-version': String(version.version) };
}

function lengthOf({ headers: given }: IncomingMessage): number {
  const length = Number(given['upload-length']);
  if (Number.isSafeInteger(length) && length >= 0) return length;
  throw new Fault('INPUT_INVALID', 'Upload-Length has to say how many bytes the file has.');
}

/** The name in `Upload-Metadata: filename <base64>,filetype <base64>`. */
function nameIn({ headers: given }: IncomingMessage): string {
  for (const pair of String(given['upload-metadata'] ?? '').split(',')) {
    const [key, value = ''] = pair.trim().split(' ');
    if (key === 'filename') return Buffer.from(value, 'base64').toString('utf8');
  }
  throw new Fault('STORAGE_NAME_REFUSED', 'Upload-Metadata has to say the filename.');
}
