import { CallError, msg, str, type Client } from 'boternity/ui';
import { upload, type Uploaded } from './upload.ts';

/** A file that was chosen for a message, on its way to the server or there. */
export interface AttachedDraft {
  readonly key: number;
  readonly name: string;
  readonly bytes: number;
  /** The file itself, as long as this page has it. */
  readonly file?: File | undefined;
  readonly sent: number;
  readonly uploaded?: Uploaded | undefined;
  readonly error?: string | undefined;
}

/** Files with one message, as the server has it. */
const MOST_FILES = 10;
/** How long the server keeps what is not sent. */
const KEPT_MS = 24 * 3_600_000;

const drafts = new Map<string, readonly AttachedDraft[]>();
const listeners = new Set<() => void>();
const running = new Map<number, AbortController>();
let last = 0;

/** The files that were chosen for the next message, in order. Those that are on the server outlive the page, as its words do. */
export function attachedTo(draft: string): readonly AttachedDraft[] {
  let files = drafts.get(draft);
  if (!files) {
    files = remembered(draft);
    drafts.set(draft, files);
  }
  return files;
}

/** Calls the listener whenever something changes, until the function it gives is called. */
export function followAttached(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Begins to send files for the next message; says what is wrong where there are too many. */
export function attach(draft: string, client: Client, bot: string, files: readonly File[]): string | undefined {
  const room = MOST_FILES - attachedTo(draft).length;
  for (const file of files.slice(0, Math.max(0, room))) void begin(draft, client, bot, file);
  return files.length > room ? msg(str`A message takes ${MOST_FILES} files.`) : undefined;
}

/** Takes a file out, and has the server drop it. */
export function detach(draft: string, client: Client, bot: string, key: number): void {
  running.get(key)?.abort();
  const gone = attachedTo(draft).find((each) => each.key === key);
  if (gone?.uploaded) {
    const place = `/bots/${encodeURIComponent(bot)}/attachments/${gone.uploaded.id}`;
    const headers = { 'content-type': 'application/json', 'x-requested-with': 'boternity' };
    // What stays there goes by itself within a day.
    client.fetch(place, { method: 'DELETE', headers }).catch(() => undefined);
  }
  change(draft, (files) => files.filter((each) => each.key !== key));
}

/** Gives the files that are on the server, and forgets all: their message is being sent. */
export function takeAttached(draft: string): Uploaded[] {
  const files = attachedTo(draft).flatMap(({ uploaded }) => uploaded ?? []);
  change(draft, () => []);
  return files;
}

/** Puts files of a message that could not be sent back. */
export function giveBack(draft: string, files: readonly Uploaded[]): void {
  change(draft, (others) => [...files.map(draftOf), ...others]);
}

async function begin(draft: string, client: Client, bot: string, file: File): Promise<void> {
  last += 1;
  const key = last;
  const stop = new AbortController();
  running.set(key, stop);
  const { name, size: bytes } = file;
  change(draft, (files) => [...files, { key, name, bytes, file, sent: 0 }]);
  const put = (news: Partial<AttachedDraft>): void =>
    change(draft, (files) => files.map((each) => (each.key === key ? { ...each, ...news } : each)));
  try {
    const onProgress = (sent: number): void => put({ sent });
    put({ uploaded: await upload({ url: client.url, bot, file, signal: stop.signal, onProgress }), sent: bytes });
  } catch (thrown) {
    const { message, hint } = CallError.from(thrown);
    put({ error: [message, hint].filter(Boolean).join(' ') });
  } finally {
    running.delete(key);
  }
}

function change(draft: string, next: (files: readonly AttachedDraft[]) => readonly AttachedDraft[]): void {
  const files = next(attachedTo(draft));
  drafts.set(draft, files);
  remember(draft, files);
  for (const listener of listeners) listener();
}

function draftOf(uploaded: Uploaded): AttachedDraft {
  last += 1;
  return { key: last, name: uploaded.name, bytes: uploaded.bytes, sent: uploaded.bytes, uploaded };
}

const placeOf = (draft: string): string => `boternity.attached.${draft}`;

function remember(draft: string, files: readonly AttachedDraft[]): void {
  const kept = files.flatMap(({ uploaded }) => uploaded ?? []);
  try {
    if (kept.length === 0) localStorage.removeItem(placeOf(draft));
    else localStorage.setItem(placeOf(draft), JSON.stringify({ at: Date.now(), files: kept }));
  } catch {
    // storage is full or forbidden: they live as long as the page
  }
}

function remembered(draft: string): readonly AttachedDraft[] {
  try {
    const { at, files } = JSON.parse(localStorage.getItem(placeOf(draft)) ?? '{}') as {
      readonly at?: number;
      readonly files?: readonly Uploaded[];
    };
    return at !== undefined && Date.now() - at < KEPT_MS ? (files ?? []).map(draftOf) : [];
  } catch {
    return [];
  }
}
