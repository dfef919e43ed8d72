import { createHash } from 'node:crypto';
import { defineAction, z, type Bots } from 'boternity';
import type { StoredFiles } from '../stored-files.ts';
import type { Texts } from '../texts.ts';
import { inBatches, type FoundFile } from '../versioned-folder.ts';
import { bot, fileView, lastOf, name, versionView, viewOfFile, viewOfVersion } from '../views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'storage.list': ReturnType<typeof listFiles>;
    'storage.show': ReturnType<typeof showFile>;
    'storage.write': ReturnType<typeof writeFile>;
    'storage.versions': ReturnType<typeof listVersions>;
    'storage.restore': ReturnType<typeof restoreFile>;
    'storage.delete': ReturnType<typeof deleteFile>;
    'storage.purge': ReturnType<typeof purgeFile>;
  }
}

export interface FileParts {
  readonly bots: Bots;
  readonly files: StoredFiles;
  readonly texts: Texts;
}

const version = z.number().int().min(1).optional();

export function listFiles(parts: FileParts) {
  const { bots, files, texts } = parts;
  return defineAction({
    name: 'storage.list',
    summary: 'Lists the files in the storage of a bot, by name.',
    permission: 'storage:read',
    http: 'GET /bots/{bot}/storage/files',
    cli: 'storage list <bot>',
    examples: ['bnity storage list assistant', 'bnity storage list assistant --prefix report'],
    columns: ['name', 'bytes', 'version', 'modified_at', 'modified_by'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({
      bot,
      prefix: z.string().max(200).default('').describe('Only names that begin so'),
      after: z.string().max(200).optional().describe('Only names behind this one: next of the page before'),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    output: z.object({
      files: z.array(fileView),
      next: z.string().nullable().describe('after for the next page; null on the last one'),
      total: z.number().int(),
      bytes: z.number().int().describe('Of all files'),
      deleted: z.array(z.string()).describe('Names that storage.restore can bring back'),
      left: z
        .array(z.object({ name: z.string(), why: z.string() }))
        .describe('What lies in the folder and is passed over'),
    }),
    async run({ bot: given, prefix, after, limit }) {
      const id = bots.idOf(given);
      const [all, { left }, deleted] = [await texts.follow(id), await files.look(id), await files.folder(id).removed()];
      const wanted = all.filter(({ name: each }) => each.startsWith(prefix) && (after === undefined || each > after));
      const page = wanted.slice(0, limit);
      return {
        files: await inBatches(page, 16, (file) => shown(parts, id, file)),
        next: wanted.length > limit ? (page.at(-1)?.name ?? null) : null,
        total: all.length,
        bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
        deleted: deleted.slice(0, 500),
        left: left.slice(0, 100),
      };
    },
  });
}

export function showFile(parts: FileParts) {
  return defineAction({
    name: 'storage.show',
    summary: 'Shows a file of a bot: what it is, and what became of its text.',
    permission: 'storage:read',
    http: 'GET /bots/{bot}/storage/files/{name}',
    cli: 'storage show <bot> <name>',
    examples: ['bnity storage show assistant report.pdf'],
    input: z.strictObject({ bot, name }),
    output: fileView,
    async run(input) {
      const id = parts.bots.idOf(input.bot);
      await parts.files.find(id, input.name);
      await parts.texts.follow(id);
      return shown(parts, id, await parts.files.find(id, input.name));
    },
  });
}

export function writeFile(parts: FileParts) {
  return defineAction({
    name: 'storage.write',
    summary: 'Writes a text as a file into the storage of a bot. What had this name becomes an older version.',
    permission: 'storage:write',
    http: 'PUT /bots/{bot}/storage/files/{name}/text',
    cli: 'storage write <bot> <name>',
    examples: ['bnity storage write assistant notes.md --text "# Notes"'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({
      bot,
      name: z.string().min(1).max(200).describe('Plain name with an ending that says what it is: notes.md, table.csv'),
      text: z.string().max(1_000_000).describe('The whole content'),
    }),
    output: fileView,
    async run({ bot: given, name: wanted, text }, { caller }) {
      const id = parts.bots.idOf(given);
      const content = Buffer.from(text);
      const sha256 = createHash('sha256').update(content).digest('hex');
      await parts.files.put(id, wanted, { content, sha256, bytes: content.length }, caller);
      return shown(parts, id, await parts.files.find(id, wanted.normalize('NFC')));
    },
  });
}

export function listVersions({ bots, files }: FileParts) {
  return defineAction({
    name: 'storage.versions',
    summary: 'Lists the versions of a file, newest first, also of one that was deleted.',
    permission: 'storage:read',
    http: 'GET /bots/{bot}/storage/files/{name}/versions',
    cli: 'storage versions <bot> <name>',
    examples: ['bnity storage versions assistant report.pdf'],
    columns: ['version', 'bytes', 'at', 'by', 'how', 'is_current'],
    input: z.strictObject({ bot, name }),
    output: z.object({
      versions: z.array(versionView),
      deleted_at: z.string().nullable(),
    }),
    async run(input) {
      const { versions, kept, isThere, deleted } = await files.history(bots.idOf(input.bot), input.name);
      const last = versions.at(-1);
      return {
        versions: versions
          .map((each) => viewOfVersion(each, isThere && each === last, kept.has(each.version)))
          .toReversed(),
        deleted_at: isThere ? null : (deleted?.at ?? null),
      };
    },
  });
}

export function restoreFile(parts: FileParts) {
  return defineAction({
    name: 'storage.restore',
    summary: 'Makes an older version of a file the one of now, or brings back a file that was deleted.',
    permission: 'storage:write',
    http: 'POST /bots/{bot}/storage/files/{name}/restore',
    cli: 'storage restore <bot> <name> [version]',
    examples: ['bnity storage restore assistant report.pdf 2', 'bnity storage restore assistant lost.md'],
    input: z.strictObject({ bot, name, version: version.describe('The last one by default') }),
    output: fileView,
    async run(input, { caller }) {
      const id = parts.bots.idOf(input.bot);
      await parts.files.restore(id, input.name, input.version, caller);
      return shown(parts, id, await parts.files.find(id, input.name));
    },
  });
}

export function deleteFile({ bots, files, texts }: FileParts) {
  return defineAction({
    name: 'storage.delete',
    summary: 'Deletes a file. Its versions are kept, and storage.restore brings it back.',
    permission: 'storage:write',
    http: 'DELETE /bots/{bot}/storage/files/{name}',
    cli: 'storage delete <bot> <name>',
    examples: ['bnity storage delete assistant report.pdf'],
    input: z.strictObject({ bot, name }),
    output: z.object({ name: z.string(), passages: z.number().int().describe('Passages that are not found any more') }),
    async run(input, { caller }) {
      const id = bots.idOf(input.bot);
      const known = texts.known(id, await files.find(id, input.name));
      await files.remove(id, input.name, caller);
      await texts.follow(id);
      return { name: input.name, passages: known?.parts ?? 0 };
    },
  });
}

export function purgeFile({ bots, files, texts }: FileParts) {
  return defineAction({
    name: 'storage.purge',
    summary: 'Removes a file for good, with all its versions.',
    permission: 'storage:write',
    http: 'DELETE /bots/{bot}/storage/files/{name}/versions',
    cli: 'storage purge <bot> <name>',
    examples: ['bnity storage purge assistant report.pdf --force'],
    confirm: 'The file and all its versions are lost for good.',
    input: z.strictObject({ bot, name }),
    output: z.object({ name: z.string(), versions: z.number().int().describe('How many are gone') }),
    async run(input) {
      const id = bots.idOf(input.bot);
      const { kept } = await files.history(id, input.name);
      await files.purge(id, input.name);
      await texts.follow(id);
      return { name: input.name, versions: kept.size };
    },
  });
}

async function shown({ files, texts }: FileParts, id: string, file: FoundFile) {
  const { versions } = await files.history(id, file.name);
  return viewOfFile(file, texts.known(id, file), lastOf(versions));
}
