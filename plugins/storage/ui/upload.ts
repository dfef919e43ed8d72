import { CallError, type Client } from 'boternity/ui';

/** Bytes that are sent at once: after each piece the progress is shown and can be gone on from. */
const PIECE = 2 * 1024 * 1024;
/** The second one: only the page of this server can send it. */
const OURS = { 'tus-resumable': '1.0.0', 'x-requested-with': 'boternity' };

export interface UploadOptions {
  readonly client: Client;
  readonly bot: string;
  readonly file: File;
  readonly signal: AbortSignal;
  readonly onProgress: (sent: number) => void;
}

/**
 * Sends a file by the protocol tus 1.0, piece by piece. Where it was begun before, in this page or before it was closed, it goes on
 * with what is missing.
 */
export async function upload(options: UploadOptions): Promise<void> {
  const { client, bot, file, signal, onProgress } = options;
  const mark = `bn-upload ${bot} ${file.name} ${file.size} ${file.lastModified}`;
  const known = localStorage.getItem(mark);
  const offset = known === null ? undefined : await offsetOf(client, known, signal);
  const place = known !== null && offset !== undefined ? known : await begin(options);
  localStorage.setItem(mark, place);
  let sent = offset ?? 0;
  onProgress(sent);
  try {
    while (sent < file.size) {
      const response = await client.fetch(place, {
        method: 'PATCH',
        headers: {
          ...OURS,
          'upload-offset': String(sent),
          'content-type': 'application/offset+octet-stream',
        },
        body: file.slice(sent, sent + PIECE),
        signal,
      });
      sent = Number(response.headers.get('upload-offset'));
      onProgress(sent);
    }
  } catch (error) {
    // Where no answer came it goes on another time; what was refused is begun anew.
    if (error instanceof CallError && error.status >= 400) localStorage.removeItem(mark);
    throw error;
  }
  localStorage.removeItem(mark);
}

async function begin({ client, bot, file, signal }: UploadOptions): Promise<string> {
  const name = btoa(String.fromCodePoint(...new TextEncoder().encode(file.name)));
  const response = await client.fetch(`/bots/${encodeURIComponent(bot)}/storage/uploads`, {
    method: 'POST',
    headers: {
      ...OURS,
      'upload-length': String(file.size),
      'upload-metadata': `filename ${name}`,
      'content-type': 'application/offset+octet-stream',
    },
    signal,
  });
  return (response.headers.get('location') ?? '').replace(/^.*\/api\/v1/, '');
}

/** How much of it is there; undefined where it is there no more. */
async function offsetOf(client: Client, place: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const response = await client.fetch(place, { method: 'HEAD', headers: OURS, signal });
    return Number(response.headers.get('upload-offset'));
  } catch (error) {
    if (error instanceof CallError && error.status >= 400) return undefined;
    throw error;
  }
}
