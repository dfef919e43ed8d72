import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Fault, isMissingFile, parseFrontMatter } from 'boternity';

/** The templates that ship with the product: folders below `bots/` of the package. */
const templatesFolder = new URL('../../bots/', import.meta.url);

const BLANK = 'blank';

/** Names of the templates, by alphabet; the blank one is the last. */
async function namesOfTemplates(): Promise<string[]> {
  const entries = await readdir(templatesFolder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return names.toSorted((a, b) => Number(a === BLANK) - Number(b === BLANK) || (a < b ? -1 : 1));
}

export interface Template {
  readonly name: string;
  /** What its IDENTITY.md says of it. */
  readonly description: string;
  readonly emoji: string;
  readonly accentColor: string;
  /** Names of the skills that it brings. */
  readonly skills: string[];
}

/** The templates with what they are for. */
export async function describeTemplates(): Promise<Template[]> {
  return Promise.all(
    (await namesOfTemplates()).map(async (name) => {
      const files = await readTemplate(name, name);
      const {
        description = '',
        emoji = '🤖',
        accent_color: accentColor = '#6366f1',
      } = parseFrontMatter(files.get('IDENTITY.md') ?? '').data as Record<string, string>;
      const skills = [...files.keys()].flatMap((file) => /^skills\/([^/]+)\/SKILL\.md$/.exec(file)?.[1] ?? []);
      return { name, description, emoji, accentColor, skills };
    }),
  );
}

/** The files of a template, with `{{name}}` replaced. Throws TEMPLATE_MISSING that lists what there is. */
export async function readTemplate(template: string, name: string): Promise<Map<string, string>> {
  const names = await namesOfTemplates();
  if (!names.includes(template)) {
    throw new Fault('TEMPLATE_MISSING', `There is no template "${template}". There are: ${names.join(', ')}.`);
  }
  const files = await readFolder(new URL(`${template}/`, templatesFolder));
  return new Map(
    [...files].map(([file, content]) => [file, content.toString().replaceAll('{{name}}', () => quoted(name))]),
  );
}

/** All files below a folder by their relative paths, without `.git` and `memory`. */
export async function readFolder(folder: string | URL): Promise<Map<string, Buffer>> {
  const root = folder instanceof URL ? decodeURIComponent(folder.pathname) : folder;
  const entries = await readdir(root, { withFileTypes: true, recursive: true }).catch((error: unknown) => {
    if (isMissingFile(error)) return [];
    throw Fault.from(error);
  });
  const files = new Map<string, Buffer>();
  for (const entry of entries) {
    const full = path.join(entry.parentPath, entry.name);
    const relative = path.relative(root, full).split(path.sep).join('/');
    if (entry.isFile() && !/^(\.git|memory)(\/|$)/.test(relative)) files.set(relative, await readFile(full));
  }
  return files;
}

/** A name for YAML: in double quotes, so that no character of it has a meaning. */
function quoted(name: string): string {
  return JSON.stringify(name);
}
