import type { ConversationPage } from '../views.ts';
import type { Uploaded } from './upload.ts';

/** A message on its way to the server. */
export interface Outgoing {
  readonly text: string;
  readonly files: readonly Uploaded[];
  /** When its receipt is lost and it is sent again, it is the same message. */
  readonly key: string;
  /** The node it became, once the server has said so. */
  readonly node?: string;
}

/** The texts that are not in the page yet. */
export function sendingOf(page: ConversationPage, outgoing: readonly Outgoing[]): string[] {
  const arrived = new Set(page.nodes.map((node) => node.id));
  return outgoing.filter(({ node }) => node === undefined || !arrived.has(node)).map(textOf);
}

function textOf({ text, files }: Outgoing): string {
  return [...files.map(({ name }) => name), text].filter(Boolean).join('\n');
}

/** How many messages wait for the answers before theirs. */
export function waitingIn({ nodes, active }: ConversationPage): number {
  const now = nodes.find(({ id }) => id === active)?.turn;
  const waiting = nodes.filter(({ kind, state, turn }) => kind === 'agent' && state === 'pending' && turn !== now);
  return new Set(waiting.map(({ turn }) => turn)).size;
}

/** Whether it is the same message as another one. */
export function isSame(one: Pick<Outgoing, 'text' | 'files'>, other: Pick<Outgoing, 'text' | 'files'>): boolean {
  const ids = ({ files }: Pick<Outgoing, 'files'>): string => files.map(({ id }) => id).join();
  return one.text === other.text && ids(one) === ids(other);
}

/** A name for a message that no other has. Also where the page comes without TLS, which `randomUUID` needs. */
export function createKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-');
}
