import type { Author } from '../../base/author.ts';
import { encodeCommit, nameObject, type NamedObject, type Signature } from './codec.ts';
import type { CommitMeta } from './repository.ts';

const server = { name: 'Boternity', email: 'server@boternity.invalid' };

/** The commit object of a tree: the author is who did it, the committer the server. */
export function createCommit(tree: string, parents: readonly string[], meta: CommitMeta): Promise<NamedObject> {
  const seconds = Math.floor((meta.at ?? new Date()).getTime() / 1000);
  const author = signatureOf(meta.author, seconds);
  const committer = { ...server, seconds };
  return nameObject('commit', encodeCommit({ tree, parents, author, committer, message: messageOf(meta.message) }));
}

/** The line for a ref's log: who, when, why. */
export function logLineOf(from: string | undefined, to: string, why: string): string {
  const seconds = Math.floor(Date.now() / 1000);
  const reason = oneLine(why).slice(0, 200);
  return `${from ?? '0'.repeat(40)} ${to} ${server.name} <${server.email}> ${seconds} +0000\t${reason}\n`;
}

function signatureOf(author: Author, seconds: number): Signature {
  const given = oneLine(author.name) || oneLine(author.id) || 'unknown';
  const name = author.kind === 'bot' ? `bot:${given}` : given;
  const local = author.id.replaceAll(/[^\w.+-]/g, '-') || 'unknown';
  const email = oneLine(author.email ?? '').replaceAll(' ', '') || `${local}@${author.kind}.boternity.invalid`;
  return { name, email, seconds };
}

/** Without what would end the field or the line. */
function oneLine(text: string): string {
  const plain = text.toWellFormed().replaceAll(/[<>\p{Cc}\u2028\u2029]+/gu, ' ');
  return plain.replaceAll(/ +/g, ' ').trim();
}

function messageOf(text: string): string {
  return `${text.toWellFormed().replaceAll('\0', '').trimEnd()}\n`;
}
