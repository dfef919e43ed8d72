import type { Detail } from '../../base/fault.ts';
import { isGitName } from './paths.ts';
import type { TreeFile } from './repository.ts';

/** What lies in a bot's folder or beside it and is never part of its program. */
const kept = new Set(['memory', 'conversations', 'files']);
/** Names that some systems cannot have. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/**
 * What of a tree from outside must not become files of a bot, each with its path: folders of the server, submodules, links
 * that leave the folder, names that mean `.git`, names that some system takes for the same or cannot have. `readLink` gives
 * the target of a link.
 */
export async function refusalsOf(
  files: readonly TreeFile[],
  readLink: (file: TreeFile) => Promise<string>,
): Promise<Detail[]> {
  const refusals: Detail[] = [];
  const seen = new Map<string, string>();
  const links = new Set(files.filter(({ mode }) => mode === '120000').map((file) => fold(file.path)));
  for (const file of files) {
    const message =
      wordOn(file, seen) ?? (file.mode === '120000' ? wordOnLink(file.path, await readLink(file), links) : undefined);
    if (message) refusals.push({ path: file.path, message });
  }
  return refusals;
}

function wordOn({ path: name, mode }: TreeFile, seen: Map<string, string>): string | undefined {
  const parts = name.split('/');
  const top = parts[0]?.toLowerCase() ?? '';
  if (kept.has(top)) return `${top}/ belongs to the server and is never part of a bot's history.`;
  if (mode === '160000') return 'is a submodule; only files can be part of a bot.';
  if (parts.some(isGitName)) return 'has a name that means .git on some systems.';
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'leaves its folder.';
  // eslint-disable-next-line no-control-regex
  if (/[\\\0-\x1f\x7f\ufffd]/.test(name)) return 'has a name with characters that not every system can have.';
  if (parts.some((part) => reserved.test(part) || /[ .]$/.test(part)))
    return 'has a name that not every system can have.';
  if (parts.some((part) => Buffer.byteLength(part) > 255)) return 'has a name that is too long.';
  if (name.endsWith('.bnity-tmp')) return 'has the name of a file that is still being written.';
  for (let count = 1; count <= parts.length; count += 1) {
    const own = parts.slice(0, count).join('/');
    const folded = fold(own);
    const other = seen.get(folded) ?? own;
    seen.set(folded, other);
    if (other !== own) return `has a name that some systems take for ${other}.`;
  }
  return undefined;
}

function wordOnLink(name: string, target: string, links: ReadonlySet<string>): string | undefined {
  const out = `is a link that leads out of the bot's folder (${target.slice(0, 100)}).`;
  if (target === '' || target.startsWith('/') || /[\\\0]|^[a-z]:/i.test(target)) return out;
  const at = name.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..' && at.pop() === undefined) return out;
    if (part !== '' && part !== '.' && part !== '..') at.push(part);
    // Where a link leads through another one, its end cannot be told from its text.
    if (links.has(fold(at.join('/')))) return 'is a link that leads to or through another link.';
  }
  if (at.some(isGitName)) return 'is a link into .git.';
  return kept.has(fold(at[0] ?? '')) ? `is a link into ${at[0]}/, which is the server's.` : undefined;
}

/** Equal for names that any usual system takes for the same. */
function fold(name: string): string {
  return name.normalize('NFC').toLowerCase().normalize('NFC');
}
