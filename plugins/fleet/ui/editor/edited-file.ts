import { CallError, type Answer, type Client } from 'boternity/ui';
import { keepDraft, readDraft } from './drafts.ts';
import { NO_VERSION, type Checked } from './files.ts';

type FileView = Answer<'files.read'>;

/** A file while somebody edits it: the version they began with, their text, and what others made of the file meanwhile. */
export interface EditedFile {
  readonly bot: string;
  readonly file: string;
  /** As it was when it was read; the text that is saved has to replace exactly this. */
  readonly base: { readonly text: string; readonly digest: string };
  readonly text: string;
  /** The file as it is now, where it is neither. */
  readonly theirs: { readonly text: string; readonly digest: string } | undefined;
  /** It is no text. */
  readonly isBinary: boolean;
  /** It says who the bot is. */
  readonly isSealed: boolean;
  /** There is no such file yet. */
  readonly isNew: boolean;
  /** The text was left unsaved earlier. */
  readonly isRestored: boolean;
}

/** Reads a file, and what somebody left unsaved of it. */
export async function openFile(client: Client, bot: string, file: string): Promise<EditedFile> {
  const now = await readNow(client, bot, file);
  const base = { text: now?.text ?? '', digest: now?.digest ?? NO_VERSION };
  const isBinary = now !== undefined && now.text === null;
  const draft = isBinary ? undefined : readDraft(bot, file);
  const opened: EditedFile = {
    bot,
    file,
    base,
    text: base.text,
    theirs: undefined,
    isBinary,
    isSealed: now?.sealed ?? false,
    isNew: now === undefined,
    isRestored: false,
  };
  if (!draft || draft.text === base.text) return opened;
  const isOld = draft.digest !== base.digest;
  return {
    ...opened,
    text: draft.text,
    isRestored: true,
    ...(isOld && { base: { text: base.text, digest: draft.digest }, theirs: base }),
  };
}

export const isDirty = ({ text, base, theirs }: EditedFile): boolean => text !== base.text || theirs !== undefined;

/** The text as it is now typed. False when the browser could not keep it. */
export function keepText(edited: EditedFile): boolean {
  const { bot, file, text, base } = edited;
  return keepDraft(bot, file, isDirty(edited) ? { text, digest: base.digest } : undefined);
}

/** Looks whether the file is still what it was: an unchanged text follows it, a changed one is confronted with it. */
export async function compareWithDisk(client: Client, edited: EditedFile): Promise<EditedFile> {
  const now = await readNow(client, edited.bot, edited.file);
  const theirs = { text: now?.text ?? '', digest: now?.digest ?? NO_VERSION };
  if (theirs.digest === edited.base.digest) return { ...edited, theirs: undefined };
  if (!isDirty(edited) || theirs.text === edited.text)
    return { ...edited, base: theirs, text: theirs.text, theirs: undefined, isNew: now === undefined };
  return { ...edited, theirs };
}

/** Writes the text in the place of the version it was made from, or of the one that it was merged with. */
export async function saveFile(client: Client, edited: EditedFile, why: string): Promise<EditedFile> {
  const { bot, file, text, base, theirs } = edited;
  const expect = theirs?.digest ?? base.digest;
  const saved = await client.call('files.write', { bot, path: file, text, expect, ...(why !== '' && { why }) });
  const now = { text: saved.text ?? text, digest: saved.digest };
  keepDraft(bot, file, undefined);
  return { ...edited, base: now, text: now.text, theirs: undefined, isNew: false, isRestored: false };
}

/** What would be wrong with a text, and the text with values set in it. */
export function checkText(
  client: Client,
  { bot, file, text }: EditedFile,
  change: { readonly set?: readonly string[]; readonly unset?: readonly string[] } = {},
): Promise<Checked> {
  return client.call('files.check', {
    bot,
    path: file,
    text,
    set: [...(change.set ?? [])],
    unset: [...(change.unset ?? [])],
  });
}

/** Undefined when there is no such file. */
async function readNow(client: Client, bot: string, file: string): Promise<FileView | undefined> {
  try {
    return await client.call('files.read', { bot, path: file });
  } catch (thrown) {
    if (CallError.from(thrown).code === 'FILE_MISSING') return undefined;
    throw thrown;
  }
}
