import type { Bots, Commit, FileChange, Repository } from 'boternity';
import type { Ledger, SharingEvent } from './ledger.ts';

/** Something that was done with a memory. */
export interface AuditEvent {
  readonly at: string;
  /** system, user, or the slug of a bot. */
  readonly actor: string;
  readonly name: string;
  readonly action: 'add' | 'edit' | 'delete' | 'merge' | SharingEvent['action'];
  readonly memory: string;
  readonly why: string;
  readonly commit: string | null;
}

/** Commits that are looked at, and files of one of them. */
const COMMITS = 1_000;
const FILES = 200;
/** What history tells better than the ledger. */
const inHistory = new Set<SharingEvent['action']>(['share', 'revoke']);

/** What history and the ledger know of a bot's memories, newest first. */
export async function auditOf(
  { bots, ledger }: { readonly bots: Bots; readonly ledger: Ledger },
  bot: string,
  isMeant: (memory: string) => boolean,
  limit: number,
): Promise<AuditEvent[]> {
  const committed = await bots.withMemory(bot, (repository) => ofHistory(repository, isMeant, limit)).catch(() => []);
  const noted = (await ledger.events(bot))
    .filter(({ action, memory }) => isMeant(memory) && (!inHistory.has(action) || committed.length === 0))
    .map(({ at, action, memory, why, actor: { kind, name } }) => ({
      at,
      actor: kind === 'bot' ? name : kind === 'program' ? 'system' : 'user',
      name,
      action,
      memory,
      why,
      commit: null,
    }));
  return [...committed, ...noted].toSorted((a, b) => (a.at > b.at ? -1 : a.at < b.at ? 1 : 0)).slice(0, limit);
}

async function ofHistory(
  repository: Repository,
  isMeant: (memory: string) => boolean,
  limit: number,
): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (const commit of await repository.log({ limit: COMMITS })) {
    if (events.length >= limit) break;
    const changes = (await repository.changed(commit.parents[0], commit.id)).slice(0, FILES);
    for (const change of changes) {
      const memory = /^[^/]+\/([^/]+)\.json$/.exec(change.path)?.[1];
      if (memory === undefined || !isMeant(memory)) continue;
      const action = await actionOf(repository, commit, change);
      if (action) events.push({ ...whoIn(commit), action, memory });
    }
  }
  return events;
}

function whoIn({ id, author: { name, email, at }, message }: Commit): Omit<AuditEvent, 'action' | 'memory'> {
  const isBot = email.endsWith('@bot.boternity.invalid');
  const actor = isBot ? name.replace(/^bot:/, '') : email.endsWith('@program.boternity.invalid') ? 'system' : 'user';
  return { at: at.toISOString(), actor, name, why: message.trim(), commit: id };
}

async function actionOf(
  repository: Repository,
  commit: Commit,
  change: FileChange,
): Promise<AuditEvent['action'] | undefined> {
  if (change.kind === 'removed') return 'delete';
  const after = await valueAt(repository, commit.id, change.path);
  if (change.kind === 'added') return after.shared === undefined ? 'add' : 'share';
  const before = await valueAt(repository, commit.parents[0] ?? '', change.path);
  if (before.superseded_by === undefined && after.superseded_by !== undefined) return 'merge';
  if (before.shared !== undefined && after.shared === undefined) return 'revoke';
  if (JSON.stringify(before.shared) !== JSON.stringify(after.shared)) return 'share';
  const rest = ({ uses: _uses, last_used_at: _last, ...each }: Record<string, unknown>): string => JSON.stringify(each);
  // That something was recalled is counted, and no news.
  return rest(before) === rest(after) ? undefined : 'edit';
}

async function valueAt(repository: Repository, commit: string, path: string): Promise<Record<string, unknown>> {
  try {
    return Object(JSON.parse((await repository.read(commit, path))?.toString('utf8') ?? '{}')) as Record<
      string,
      unknown
    >;
  } catch {
    return {};
  }
}
