import { createHash } from 'node:crypto';
import { defineAction, Fault, z, type Bots, type Commit, type Home } from 'boternity';
import { changeOf, expecting, present, settled } from './actions.ts';
import { commitView, fileView, reference, viewOf } from './views.ts';

declare module 'boternity' {
  interface ActionTypes {
    'soul.show': ReturnType<typeof showSoul>;
    'soul.edit': ReturnType<typeof editSoul>;
    'soul.history': ReturnType<typeof soulHistory>;
    'soul.diff': ReturnType<typeof diffSoul>;
    'soul.rollback': ReturnType<typeof rollBackSoul>;
    'soul.verify': ReturnType<typeof verifySoul>;
    'soul.accept': ReturnType<typeof acceptSoul>;
    'soul.restore': ReturnType<typeof restoreSoul>;
  }
}

const SOUL = 'SOUL.md';
const version = z.number().int().min(1).describe('Number of a version; 1 is the first');

export function showSoul(bots: Bots, home: Home) {
  return defineAction({
    name: 'soul.show',
    summary: 'Shows the text of SOUL.md.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}/soul',
    cli: 'soul show <bot>',
    examples: ['bnity soul show assistant'],
    input: z.strictObject({ bot: reference }),
    output: fileView,
    run: async ({ bot }) => present(SOUL, await home.files.read(`bots/${bots.slugOf(bot)}/${SOUL}`), null),
  });
}

export function editSoul(bots: Bots) {
  return defineAction({
    name: 'soul.edit',
    summary: 'Changes SOUL.md, as one commit. Opens your editor on a terminal, reads standard input otherwise.',
    permission: 'bots:admin',
    http: 'PUT /bots/{bot}/soul',
    cli: 'soul edit <bot>',
    examples: ['bnity soul edit assistant', 'bnity soul edit assistant < soul.md'],
    input: z.strictObject({
      bot: reference,
      text: z.string().max(500_000).meta({ 'x-edits': 'soul.show' }).describe('The whole new text'),
      expect: z.string().optional().describe('Digest of the version you changed; another version is not overwritten'),
      why: z.string().trim().min(1).max(200).optional().describe('One line for the history'),
    }),
    output: fileView,
    async run({ bot, text, expect, why }, { caller }) {
      const change = changeOf(bots, bot, caller, why ?? `Edit ${SOUL}`);
      await bots.write(bot, new Map([[SOUL, expecting(SOUL, text, expect)]]), change);
      return present(SOUL, Buffer.from(text), null);
    },
  });
}

const versionView = commitView.extend({ version: z.number(), digest: z.string().describe('SHA-256 of the file then') });

export function soulHistory(bots: Bots) {
  return defineAction({
    name: 'soul.history',
    summary: 'Lists the versions of SOUL.md, latest first.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}/soul/history',
    cli: 'soul history <bot>',
    examples: ['bnity soul history assistant'],
    columns: ['version', 'at', 'author', 'message', 'commit'],
    input: z.strictObject({ bot: reference }),
    output: z.object({ versions: z.array(versionView) }),
    async run({ bot }) {
      const { commits, read } = await soulVersions(bots, bot);
      const versions = commits.map(async (commit, at) => {
        const hash = createHash('sha256').update(await read(commit));
        return Object.assign(viewOf(commit), { version: commits.length - at, digest: hash.digest('hex') });
      });
      return { versions: await Promise.all(versions) };
    },
  });
}

export function diffSoul(bots: Bots) {
  return defineAction({
    name: 'soul.diff',
    summary: 'Shows what differs between two versions of SOUL.md, or a change of the bot’s identity that waits.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}/soul/diff',
    cli: 'soul diff <bot>',
    examples: ['bnity soul diff assistant', 'bnity soul diff assistant --from 1 --to 3'],
    input: z.strictObject({ bot: reference, from: version.optional(), to: version.optional() }),
    output: z.object({
      from: z.number().nullable(),
      to: z.number().nullable().describe('Null for what lies in the folder and waits'),
      diff: z.string(),
    }),
    async run({ bot, from, to }) {
      const kept = await bots.keeper(bot);
      if (from === undefined && to === undefined) {
        const waiting = await kept.waitingDiff();
        if (waiting !== undefined) return { from: null, to: null, diff: waiting };
      }
      const { commits, repository } = await soulVersions(bots, bot);
      const end = to ?? commits.length;
      const begin = from ?? end - 1;
      const old = begin < 1 ? undefined : versionAt(commits, begin).id;
      return { from: begin, to: end, diff: await repository.diff(old, versionAt(commits, end).id, SOUL) };
    },
  });
}

export function rollBackSoul(bots: Bots) {
  return defineAction({
    name: 'soul.rollback',
    summary: 'Makes SOUL.md what it was in a version, as a new version.',
    permission: 'bots:admin',
    http: 'POST /bots/{bot}/soul/rollback',
    cli: 'soul rollback <bot> <version>',
    examples: ['bnity soul rollback assistant 1'],
    input: z.strictObject({ bot: reference, version }),
    output: z.object({ version: z.number().describe('The new version'), commit: z.string() }),
    async run({ bot, version: wanted }, { caller }) {
      const { commits, read } = await soulVersions(bots, bot);
      const text = await read(versionAt(commits, wanted));
      await bots.write(bot, new Map([[SOUL, text]]), changeOf(bots, bot, caller, `Rollback to version ${wanted}`));
      const after = await soulVersions(bots, bot);
      return { version: after.commits.length, commit: after.commits[0]?.id ?? '' };
    },
  });
}

export function verifySoul(bots: Bots) {
  return defineAction({
    name: 'soul.verify',
    summary: 'Compares who the bot is with its seal.',
    permission: 'bots:read',
    http: 'GET /bots/{bot}/soul/verify',
    cli: 'soul verify <bot>',
    examples: ['bnity soul verify assistant'],
    input: z.strictObject({ bot: reference }),
    output: z.object({
      ok: z.boolean(),
      mode: z.enum(['live', 'approve']).describe('live: an edit on disk counts as the owner’s. approve: it waits'),
      why: z.string().nullable().describe('Why edits wait'),
      sealed: z
        .object({
          by: z.string(),
          at: z.string(),
          commit: z.string().nullable(),
          files: z.record(z.string(), z.string()),
        })
        .nullable(),
      waiting: z.array(z.object({ kind: z.enum(['identity', 'code']), path: z.string(), digest: z.string() })),
    }),
    async run({ bot }) {
      const kept = await bots.keeper(bot);
      await kept.commitEdits();
      const { seal, whyWait } = kept;
      const { waiting } = kept.bot;
      return {
        ok: waiting.every(({ kind }) => kind !== 'identity'),
        mode: whyWait === undefined ? ('live' as const) : ('approve' as const),
        why: whyWait ?? null,
        sealed: seal ? { by: seal.by, at: seal.at, commit: seal.commit ?? null, files: seal.files } : null,
        waiting: [...waiting],
      };
    },
  });
}

const answered = z.object({ bot: z.string(), waiting: z.number().describe('What still waits') });

export function acceptSoul(bots: Bots) {
  return defineAction({
    name: 'soul.accept',
    summary: 'Accepts a change of who the bot is that waits, in your name.',
    permission: 'bots:admin',
    http: 'POST /bots/{bot}/soul/accept',
    cli: 'soul accept <bot>',
    examples: ['bnity soul accept assistant'],
    input: z.strictObject({ bot: reference }),
    output: answered,
    async run({ bot }, { caller }) {
      const { slug, waiting } = await (await bots.keeper(bot)).accept(caller);
      return { bot: slug, waiting: waiting.length };
    },
  });
}

export function restoreSoul(bots: Bots) {
  return defineAction({
    name: 'soul.restore',
    summary: 'Puts the sealed identity of a bot back; the change that waits is lost.',
    permission: 'bots:admin',
    http: 'POST /bots/{bot}/soul/restore',
    cli: 'soul restore <bot>',
    confirm: 'The change that waits is lost.',
    examples: ['bnity soul restore assistant --force'],
    input: z.strictObject({ bot: reference }),
    output: answered,
    async run({ bot }) {
      const { slug, waiting } = await (await bots.keeper(bot)).restore();
      return { bot: slug, waiting: waiting.length };
    },
  });
}

async function soulVersions(bots: Bots, reference: string) {
  const { repository } = await settled(bots, reference);
  const commits = await repository.log({ path: SOUL, limit: 10_000 });
  const read = async (commit: Commit): Promise<Buffer> => (await repository.read(commit.id, SOUL)) ?? Buffer.alloc(0);
  return { repository, commits, read };
}

function versionAt(commits: readonly Commit[], number: number): Commit {
  const commit = commits[commits.length - number];
  if (commit) return commit;
  throw new Fault('COMMIT_MISSING', `There is no version ${number}; there are 1 to ${commits.length}.`);
}
