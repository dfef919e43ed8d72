import { rename } from 'node:fs/promises';
import path from 'node:path';
import { createId, Fault, isMissingFile, writeAtomically, z, type Home, type Problem } from 'boternity';

/** A file of the server's own below `.boternity/`, which only the user who runs the server may read. */
export interface StateFile<State> {
  /** What it holds; undefined when it is not there or cannot be understood. */
  readonly state: State | undefined;
  /** Why it cannot be understood. */
  readonly problem: Problem | undefined;
  /**
   * Writes what `change` makes of the state; it counts once it is on disk. Changes follow each other. A file that could not be
   * understood is put aside first, never overwritten.
   */
  update(change: (state: State | undefined) => State | undefined): Promise<void>;
}

/** Reads a file of the server's own. One that is broken is a problem, not an error. */
export async function openStateFile<Schema extends z.ZodType>(
  home: Pick<Home, 'path' | 'files'>,
  name: string,
  schema: Schema,
): Promise<StateFile<z.output<Schema>>> {
  type State = z.output<Schema>;
  const file = `.boternity/${name}`;
  const place = path.join(home.path, file);
  let state: State | undefined;
  let problem: Problem | undefined;
  let last: Promise<unknown> = Promise.resolve();
  try {
    const content = await home.files.read(file);
    if (content) state = schema.parse(JSON.parse(content.toString()));
  } catch (error) {
    problem = { file, line: 1, column: 1, level: 'error', message: describe(error) };
  }

  const write = async (content: State | undefined): Promise<void> => {
    if (problem) {
      await rename(place, `${place}.broken-${createId()}`).catch((error: unknown) => {
        if (!isMissingFile(error)) throw Fault.from(error);
      });
    }
    problem = undefined;
    if (content === undefined) await home.files.remove(file);
    else await writeAtomically(place, `${JSON.stringify(content, null, 2)}\n`, 0o600);
  };
  return {
    get state() {
      return state;
    },
    get problem() {
      return problem;
    },
    update(change) {
      const done = last.then(async () => {
        const changed = change(state);
        await write(changed);
        state = changed;
      });
      last = done.catch(() => undefined);
      return done;
    },
  };
}

/** Says what is wrong without a word of what the file holds. */
function describe(error: unknown): string {
  if (error instanceof SyntaxError) return 'is not JSON; restore it from a backup';
  if (!(error instanceof z.ZodError)) return `cannot be read: ${Fault.from(error).message}`;
  const [issue] = error.issues;
  return `is not valid at "${issue?.path.map(String).join('.') ?? ''}"; restore it from a backup`;
}
