import { CallError, msg, str } from 'boternity/ui';

/** A file that the server keeps until its message is sent. */
export interface Uploaded {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly media_type: string;
  /** Whether its text can be read: `none` where the kind of file holds none. */
  readonly text: 'ready' | 'partial' | 'failed' | 'none';
  readonly problem: string | null;
}

interface UploadOptions {
  /** Address of the server. */
  readonly url: string;
  readonly bot: string;
  readonly file: File;
  readonly signal: AbortSignal;
  readonly onProgress: (sent: number) => void;
}

interface Envelope {
  readonly data: Uploaded;
  readonly errors?: readonly { readonly code?: string; readonly message?: string; readonly hint?: string }[];
}

/** Sends a file ahead of its message. Of the ways to send, only this one tells how much has left. Throws CallError. */
export function upload({ url, bot, file, signal, onProgress }: UploadOptions): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const place = `api/v1/bots/${encodeURIComponent(bot)}/attachments?name=${encodeURIComponent(file.name)}`;
    request.open('POST', new URL(place, url.endsWith('/') ? url : `${url}/`));
    request.setRequestHeader('content-type', 'application/octet-stream');
    // Only the page of this server can send it.
    request.setRequestHeader('x-requested-with', 'boternity');
    request.responseType = 'text';
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
    request.addEventListener('load', () => {
      const { status } = request;
      const answer = parsed(request.responseText);
      const [error] = answer?.errors ?? [];
      if (status === 201 && answer) resolve(answer.data);
      else
        reject(
          new CallError({
            code: error?.code ?? 'UPLOAD_FAILED',
            message: error?.message ?? msg(str`The server answered ${status}.`),
            hint: error?.hint ?? '',
            status,
          }),
        );
    });
    request.addEventListener('error', () =>
      reject(new CallError({ code: 'SERVER_UNREACHABLE', message: msg('The server does not answer.') })),
    );
    request.addEventListener('abort', () => reject(new CallError({ code: 'INTERRUPTED', message: msg('Canceled.') })));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

function parsed(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return undefined;
  }
}
