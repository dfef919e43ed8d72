import type { ConversationPage } from '../views.ts';

/** A message on its way to the server. */
export interface Outgoing {
  readonly text: string;
  /** When its receipt is lost and it is sent again, it is the same message. */
  readonly key: string;
  /** The node it became, once the server has said so. */
  readonly node?: string;
}

/** The texts that are not in the page yet. */
export function sendingOf(page: ConversationPage, outgoing: readonly Outgoing[]): string[] {
  const arrived = new Set(page.nodes.map((node) => node.id));
  return outgoing.filter(({ node }) => node === undefined || !arrived.has(node)).map(({ text }) => text);
}

/** A name for a message that no other has. Also where the page comes without TLS, which `randomUUID` needs. */
export function createKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-');
}
