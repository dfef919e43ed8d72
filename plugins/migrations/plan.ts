import { editYaml, HOME_VERSION, isMissingFile, Fault, versionOfHome, type Files } from 'boternity';
import { steps, type NewText, type Texts } from './steps.ts';

export interface PlannedChange extends NewText {
  /** Undefined for a file that is made. */
  readonly before: string | undefined;
}

export interface Plan {
  readonly from: number;
  readonly to: number;
  readonly steps: readonly { readonly to: number; readonly does: string; readonly changes: readonly PlannedChange[] }[];
}

/** What would bring a home up to the version of this program; no steps when it is. Changes nothing. */
export async function planFor(files: Files): Promise<Plan> {
  const from = await versionOfHome(files);
  const written = new Map<string, string>();
  const texts: Texts = {
    read: async (file) => written.get(file) ?? (await readText(files, file)),
    bots: async () =>
      (await files.list('bots')).flatMap(({ name, kind }) => (kind === 'folder' ? [name] : [])).toSorted(),
  };
  const planned = [];
  for (const step of steps.filter(({ to }) => to > from)) {
    const wanted = await step.changes(texts);
    const changes: PlannedChange[] = [];
    for (const { file, after } of [...wanted, await stamped(texts, step.to)]) {
      changes.push({ file, before: await texts.read(file), after });
      written.set(file, after);
    }
    planned.push({ to: step.to, does: step.does, changes });
  }
  return { from, to: HOME_VERSION, steps: planned };
}

/** The version is written last: a home that names it has everything that comes before. */
async function stamped(texts: Texts, version: number): Promise<NewText> {
  const text = (await texts.read('settings.yaml')) ?? '';
  return { file: 'settings.yaml', after: await editYaml(text, [{ path: ['version'], value: version }]) };
}

export async function readText(files: Files, file: string): Promise<string | undefined> {
  try {
    return (await files.read(file))?.toString();
  } catch (error) {
    if (isMissingFile(error) || Fault.is(error)) return undefined;
    throw error;
  }
}
