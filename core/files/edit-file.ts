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
