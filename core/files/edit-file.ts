import { setTimeout as sleep } from 'node:timers/promises';
import type { Files } from './files.ts';

const queues = new WeakMap<Files, Map<string, Promise<unknown>>>();

/**
 * Changes a file: reads it (empty when there is none), lets `edit` make the new text, writes it. Changes of one file follow
 * each other, so that none is lost; an edit that throws changes nothing. Gives the new text.
 */
export function editFile(
  files: Files,
  path: string,
  edit: (text: string) => string | Promise<string>,
): Promise<string> {
  const queue = queues.get(files) ?? new Map<string, Promise<unknown>>();
  queues.set(files, queue);
  const before = queue.get(path) ?? Promise.resolve();
  const change = before.then(async () => {
    const text = await edit((await files.read(path))?.toString() ?? '');
    await files.write(path, text);
    return text;
  });
  const settled = change.then(
    () => undefined,
    () => undefined,
  );
  queue.set(path, settled);
  void settled.then(() => {
    if (queue.get(path) === settled) queue.delete(path);
  });
  return change;
}

/** How long a file may stay empty while an editor writes it, in milliseconds. */
export const EMPTIED_MS = 250;

/** The text of a file that people edit; empty without one. Some editors empty a file before they write it: where something was, nothing is looked at twice. */
export async function readEdited(
  files: Files,
  path: string,
  { wasEmpty }: { readonly wasEmpty: boolean },
): Promise<string> {
  const read = async (): Promise<string> => (await files.read(path))?.toString() ?? '';
  const text = await read();
  if (text.trim() !== '' || wasEmpty) return text;
  await sleep(EMPTIED_MS);
  return read();
}
