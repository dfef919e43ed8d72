import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Fault, isMissingFile, parseFrontMatter } from 'boternity';

/** The templates that ship with the product: folders below `bots/` of the package. */
export const templatesFolder = new URL('../../bots/', import.meta.url);

export async function listTemplates(): Promise<string[]> {
  const entries = await readdir(templatesFolder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

export interface Template {
  readonly name: string;
  /** What its IDENTITY.md says of it. */
  readonly description: string;
}

/** The templates with what they are for. */
export async function describeTemplates(): Promise<Template[]> {
  return Promise.all(
    (await listTemplates()).map(async (name) => {
      const identity = (await readTemplate(name, name)).get('IDENTITY.md') ?? '';
      const { description = '' } = parseFrontMatter(identity).data as { description?: string };
      return { name, description };
    }),
  );
}

/** The files of a template, with `{{name}}` replaced. Throws TEMPLATE_MISSING that lists what there is. */
export async function readTemplate(template: string, name: string): Promise<Map<string, string>> {
  const names = await listTemplates();
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
