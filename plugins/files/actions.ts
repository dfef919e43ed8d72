import { createHash } from 'node:crypto';
import { changeBy, defineAction, Fault, isSealed, programPath, z } from 'boternity';
import type { Bots, Caller, Change, Home, Repository } from 'boternity';
import { commitName, commitView, fileView, path, reference, viewOf } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'files.list': ReturnType<typeof listFiles>;
    'files.read': ReturnType<typeof readFile>;
    'files.write': ReturnType<typeof writeFile>;
    'files.rename': ReturnType<typeof renameFile>;
    'files.remove': ReturnType<typeof removeFile>;
    'files.history': ReturnType<typeof showHistory>;
    'files.diff': ReturnType<typeof showDiff>;
    'files.blame': ReturnType<typeof showBlame>;
    'files.rollback': ReturnType<typeof rollBack>;
  }
}

export function listFiles(bots: Bots) {
  return defineAction({
    name: 'files.list',
    summary: 'Lists the files of a bot that its history holds, edits of this moment included.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}/files',
    cli: 'file list <bot>',
    examples: ['bnity file list assistant'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({ bot: reference }),
    output: z.object({ files: z.array(z.object({ path: z.string(), sealed: z.boolean() })) }),
    async run({ bot }) {
      const { repository, commit } = await settled(bots, bot);
      const files = await repository.files(commit);
      return { files: files.map((file) => ({ path: file.path, sealed: isSealed(file.path) })) };
    },
  });
}

export function readFile(bots: Bots, home: Home) {
  return defineAction({
    name: 'files.read',
    summary: 'Shows a file of a bot, as it is or as it was in a commit.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}/files/{path+}',
    cli: 'file show <bot> <path>',
    examples: ['bnity file show assistant SOUL.md', 'bnity file show assistant SOUL.md --at 1a2b3c4'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({ bot: reference, path, at: commitName.optional() }),
    output: fileView,
    async run({ bot, path: given, at }) {
      const file = programPath(given);
      const slug = bots.slugOf(bot);
      if (at === undefined) return present(file, await home.files.read(`bots/${slug}/${file}`), null);
      const { repository } = await bots.keeper(slug);
      const commit = await resolved(repository, at);
      return present(file, await repository.read(commit, file), commit);
    },
  });
}

export function writeFile(bots: Bots) {
  return defineAction({
    name: 'files.write',
    summary: 'Writes a file of a bot, as one commit. Refused when it would break the file.',
    permission: 'bots:write',
    http: 'PUT /bots/{bot}/files/{path+}',
    cli: 'file edit <bot> <path>',
    examples: ['bnity file edit assistant AGENT.md', 'bnity file edit assistant USER.md < user.md'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({
      bot: reference,
      path,
      text: z.string().max(5_000_000).meta({ 'x-edits': 'files.read' }).describe('The whole new text'),
      expect: z.string().optional().describe('Digest of the version you changed; another version is not overwritten'),
      why: z.string().trim().min(1).max(200).optional().describe('One line for the history'),
    }),
    output: fileView,
    async run({ bot, path: given, text, expect, why }, { caller }) {
      const file = programPath(given);
      const change = changeOf(bots, bot, caller, why ?? `Edit ${file}`);
      await bots.write(bot, new Map([[file, expecting(file, text, expect)]]), change);
      // Not as it lies there by now: who edits on has to hear of what others made of it since.
      return present(file, Buffer.from(text), null);
    },
  });
}

export function renameFile(bots: Bots, home: Home) {
  return defineAction({
    name: 'files.rename',
    summary: 'Gives a file of a bot another path, as one commit.',
    permission: 'bots:write',
    http: 'POST /bots/{bot}/rename',
    cli: 'file rename <bot> <path> <to>',
    examples: ['bnity file rename assistant notes/old.md notes/new.md'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({ bot: reference, path, to: path.describe('Its new path; nothing may lie there yet') }),
    output: z.object({ path: z.string(), from: z.string() }),
    async run({ bot, path: given, to: wanted }, { caller }) {
      const [from, to] = [programPath(given), programPath(wanted)];
      assertMayGo(from, caller);
      const { repository, commit } = await settled(bots, bot);
      const content = await repository.read(commit, from);
      if (!content) throw missing(from);
      if (await home.files.stat(`bots/${bots.slugOf(bot)}/${to}`))
        throw new Fault('FILE_EXISTS', `The bot has a file ${to} already.`, { hint: 'Choose another path.' });
      const change = changeOf(bots, bot, caller, `Rename ${from} to ${to}`);
      // The new one first: whatever happens, the file is there.
      await bots.write(
        bot,
        new Map<string, Buffer | undefined>([
          [to, content],
          [from, undefined],
        ]),
        change,
      );
      return { path: to, from };
    },
  });
}

export function removeFile(bots: Bots) {
  return defineAction({
    name: 'files.remove',
    summary: 'Removes a file of a bot, as one commit; its history stays.',
    permission: 'bots:write',
    http: 'DELETE /bots/{bot}/files/{path+}',
    cli: 'file delete <bot> <path>',
    confirm: 'The file is removed from the bot; its history stays.',
    examples: ['bnity file delete assistant skills/old/SKILL.md --force'],
    doors: ['http', 'cli', 'bot'],
    input: z.strictObject({ bot: reference, path }),
    output: z.object({ path: z.string(), removed: z.literal(true) }),
    async run({ bot, path: given }, { caller }) {
      const file = programPath(given);
      assertMayGo(file, caller);
      const { repository, commit } = await settled(bots, bot);
      if (!(await repository.read(commit, file))) throw missing(file);
      await bots.write(bot, new Map([[file, undefined]]), changeOf(bots, bot, caller, `Remove ${file}`));
      return { path: file, removed: true as const };
    },
  });
}

export function showHistory(bots: Bots) {
  return defineAction({
    name: 'files.history',
    summary: 'Lists the commits of a bot, or of one of its files, latest first.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}/history',
    cli: 'file history <bot> [path]',
    examples: ['bnity file history assistant', 'bnity file history assistant AGENT.md --limit 5'],
    columns: ['commit', 'at', 'author', 'message'],
    input: z.strictObject({
      bot: reference,
      path: path.optional(),
      limit: z.number().int().min(1).max(1_000).default(50),
      before: commitName.optional().describe('Only what is older than this commit'),
    }),
    output: z.object({ commits: z.array(commitView) }),
    async run({ bot, path: given, limit, before }) {
      const { repository } = await settled(bots, bot);
      const from = before === undefined ? undefined : await resolved(repository, before);
      const commits = await repository.log({
        limit: from === undefined ? limit : limit + 1,
        ...(given !== undefined && { path: programPath(given) }),
        ...(from !== undefined && { from }),
      });
      return {
        commits: commits
          .filter(({ id }) => id !== from)
          .slice(0, limit)
          .map(viewOf),
      };
    },
  });
}

export function showDiff(bots: Bots) {
  return defineAction({
    name: 'files.diff',
    summary: 'Shows what changed between two commits; the last change when none is given.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}/diff',
    cli: 'file diff <bot> [path]',
    examples: ['bnity file diff assistant', 'bnity file diff assistant SOUL.md --from 1a2b3c4 --to 5d6e7f8'],
    input: z.strictObject({
      bot: reference,
      path: path.optional(),
      from: commitName.optional(),
      to: commitName.optional(),
    }),
    output: z.object({ from: z.string().nullable(), to: z.string(), diff: z.string().describe('Unified diff') }),
    async run({ bot, path: given, from, to }) {
      const { repository, commit } = await settled(bots, bot);
      const file = given === undefined ? undefined : programPath(given);
      const [last] = await repository.log({ limit: 1, ...(file !== undefined && { path: file }) });
      const end = to === undefined ? (last?.id ?? commit) : await resolved(repository, to);
      const parent = (await repository.commitOf(end)).parents[0];
      const begin = from === undefined ? parent : await resolved(repository, from);
      return { from: begin ?? null, to: end, diff: await repository.diff(begin, end, file) };
    },
  });
}

export function showBlame(bots: Bots) {
  return defineAction({
    name: 'files.blame',
    summary: 'Tells for every line of a file who wrote it, when and in which commit.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}/blame/{path+}',
    cli: 'file blame <bot> <path>',
    examples: ['bnity file blame assistant SOUL.md'],
    input: z.strictObject({ bot: reference, path, at: commitName.optional() }),
    output: z.object({
      lines: z.array(
        z.object({ line: z.number(), commit: z.string(), author: z.string(), at: z.string(), text: z.string() }),
      ),
    }),
    async run({ bot, path: given, at }) {
      const { repository, commit } = await settled(bots, bot);
      const file = programPath(given);
      const version = at === undefined ? commit : await resolved(repository, at);
      if (!(await repository.read(version, file))) throw missing(file);
      const lines = await repository.blame(version, file);
      return {
        lines: lines.map(({ line, commit: id, author, at: time, text }) => ({
          line,
          commit: id,
          author,
          at: time.toISOString(),
          text,
        })),
      };
    },
  });
}

export function rollBack(bots: Bots) {
  return defineAction({
    name: 'files.rollback',
    summary: 'Makes a file what it was in a commit, as a new commit.',
    permission: 'bots:write',
    http: 'POST /bots/{bot}/rollback',
    cli: 'file rollback <bot> <path>',
    examples: ['bnity file rollback assistant AGENT.md --to 1a2b3c4'],
    input: z.strictObject({ bot: reference, path, to: commitName }),
    output: z.object({ path: z.string(), to: z.string(), commit: z.string().describe('The new commit') }),
    async run({ bot, path: given, to }, { caller }) {
      const file = programPath(given);
      const { repository } = await settled(bots, bot);
      const version = await resolved(repository, to);
      const content = await repository.read(version, file);
      const why = `Rollback ${file} to ${version.slice(0, 10)}`;
      await bots.write(bot, new Map([[file, content]]), changeOf(bots, bot, caller, why));
      return { path: file, to: version, commit: (await settled(bots, bot)).commit };
    },
  });
}

/** The repository of a bot after what lies uncommitted in its folder was committed. GIT_MISSING and its like say why there is none. */
export async function settled(bots: Bots, reference: string): Promise<{ repository: Repository; commit: string }> {
  const kept = await bots.keeper(reference);
  const commit = await kept.commitEdits();
  if (commit !== undefined) return { repository: kept.repository, commit };
  throw kept.noHistory ?? new Fault('FILE_MISSING', `${bots.slugOf(reference)} has no history yet.`);
}

/** Throws INPUT_INVALID for files that a bot is nothing, or another, without. Bots are told that these are sealed. */
function assertMayGo(file: string, caller: Caller): void {
  if (caller.kind === 'bot' || file !== 'bot.yaml') return;
  throw new Fault('INPUT_INVALID', `${file} stays where it is: it says what the bot may do and whether it is awake.`);
}

export async function resolved(repository: Repository, name: string): Promise<string> {
  const id = await repository.resolve(name.toLowerCase());
  if (id === undefined) throw new Fault('COMMIT_MISSING', `There is no commit ${name}.`);
  return id;
}

/** The new text, where the file is still the version that was changed. */
export function expecting(file: string, text: string, expect: string | undefined): (before: string) => string {
  return (before) => {
    if (expect !== undefined && digest(Buffer.from(before)) !== expect)
      throw new Fault('FILE_CHANGED', `${file} is not the version you changed any more; nothing was written.`);
    return text;
  };
}

export function changeOf(bots: Bots, reference: string, caller: Caller, why: string): Change {
  return changeBy(caller, why, bots.namesOf(reference));
}

export function present(file: string, content: Buffer | undefined, commit: string | null): z.infer<typeof fileView> {
  if (!content) throw missing(file);
  const text = textOf(content);
  const base64 = text === null ? content.toString('base64') : null;
  return { path: file, text, base64, digest: digest(content), sealed: isSealed(file), commit };
}

function textOf(content: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return null;
  }
}

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function missing(file: string): Fault {
  return new Fault('FILE_MISSING', `The bot has no file ${file}.`);
}
