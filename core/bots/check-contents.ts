import { matches, type FileKind, type Problem } from './file-kind.ts';
import { readEntry } from './read-entry.ts';

/** What is wrong in files that shall become a bot, as `bnity check` would tell it: path → content. */
export async function checkContents(
  kinds: Iterable<[string, FileKind]>,
  contents: ReadonlyMap<string, string | Uint8Array>,
): Promise<Problem[]> {
  const all = Array.from(kinds, ([, kind]) => kind);
  const entries = await Promise.all(
    Array.from(contents, async ([file, content]) => {
      const kind = all.find((each) => matches(each, file));
      return kind ? (await readEntry(kind, file, Buffer.from(content), undefined)).problems : [];
    }),
  );
  const missing = all
    .filter((kind) => kind.required && !contents.has(kind.pattern))
    .map(({ pattern }): Problem => {
      const message = `${pattern} is missing; create it: a bot needs it to talk`;
      return { file: pattern, line: 1, column: 1, level: 'error', message };
    });
  return [...entries.flat(), ...missing];
}
