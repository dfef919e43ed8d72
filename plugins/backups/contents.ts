/** What a backup does not hold, and why. The first that fits counts; paths are from the home, a folder without a slash at its end. */
const apart: readonly (readonly [RegExp, string])[] = [
  [/^backups$/, 'backups'],
  [/^\.boternity\/(cache|staging|logs)$/, 'made again when it is needed'],
  [/^\.boternity\/models$/, 'model files; download them again'],
  [/^\.boternity\/(server\.json.*|cli-token.*|sessions\.json.*|setup\.json.*)$/, 'belongs to the server that runs'],
  [/^plugins\/(.*\/)?node_modules$/, 'packages of plugins; install them again'],
  [/^node_modules$/, 'packages; install them again'],
  [/\.bnity-tmp$/, 'not finished'],
  [/(^|\/)\.git\/(.*\/)?[^/]+\.lock$/, 'held by git at that moment'],
];

const keys: readonly RegExp[] = [/^\.boternity\/vault\.key(\..+)?$/, /^\.env(\.(?!example$)\w+)?$/];

/** Why a path is not part of a backup; undefined when it is. */
export function whyApart(path: string, withKeys: boolean): string | undefined {
  const found = apart.find(([pattern]) => pattern.test(path))?.[1];
  if (found !== undefined) return found;
  return !withKeys && keys.some((pattern) => pattern.test(path)) ? KEPT_APART : undefined;
}

/** Why a key stays behind. */
export const KEPT_APART = 'a key in plain text; --with-keys takes it along';

/** What is worth telling a person: not what every backup leaves out. */
export function isNews(why: string): boolean {
  return why === KEPT_APART || !apart.some(([, each]) => each === why);
}

/** Order of the names in a folder: alphabetical, but the server's own comes last of all, and git's objects after the names that point to them. */
export function inOrder(folder: string, names: readonly string[]): string[] {
  const last = folder === '' ? '.boternity' : /(^|\/)\.git$/.test(folder) ? 'objects' : undefined;
  return names.toSorted((a, b) => Number(a === last) - Number(b === last) || (a < b ? -1 : 1));
}
