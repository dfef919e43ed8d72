import type { Embed, FromHelper, Outcome, ToHelper } from './messages.ts';
import { WrongFile } from './wrong-file.ts';

/** Where a helper hears and speaks: a thread or a process. */
export interface Line {
  hear(listener: (message: ToHelper) => void): void;
  say(message: FromHelper): void;
}

/** Answers requests one after the other; the model is loaded at the first. One that could not be loaded is tried again. */
export function serve(line: Line, load: () => Promise<Embed>): void {
  const stopped = new Set<number>();
  let queue = Promise.resolve();
  let loading: Promise<Embed> | undefined;
  const answer = async (id: number, texts: readonly string[]): Promise<Outcome> => {
    // A word that somebody has given up may be on its way.
    await new Promise(setImmediate);
    if (stopped.has(id)) return { type: 'stopped' };
    loading ??= load();
    loading.catch(() => (loading = undefined));
    return { type: 'vectors', ...(await (await loading)(texts)) };
  };
  line.hear((message) => {
    const { id } = message;
    if (message.type === 'stop') {
      stopped.add(id);
      return;
    }
    const { texts } = message;
    queue = queue
      .then(() => answer(id, texts))
      .catch((error: unknown): Outcome => ({ type: 'error', ...wordsOf(error) }))
      .then((outcome) => line.say({ id, ...outcome }))
      .finally(() => stopped.delete(id));
  });
}

function wordsOf(error: unknown): { kind: 'file' | 'failed'; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: error instanceof WrongFile ? 'file' : 'failed', message };
}
