import type { Client } from '../client.ts';
import { wordsReady } from '../language.ts';

/** Who uses the page. */
export interface Me {
  readonly name: string;
  readonly email: string | null;
  /** What they came in with: a session can be signed out. */
  readonly by: 'session' | 'token' | 'command' | null;
}

/** Element that lets people sign in, and address of the module that defines it. */
interface Gate {
  readonly element: string;
  readonly module: string;
}

/** Who is signed in; undefined where the server has no such thing as signing in. */
export async function readMe(client: Client): Promise<Me | undefined> {
  return client.read('/me').then(
    (me) => me as Me,
    async () => (await client.last('/me'))?.value as Me | undefined,
  );
}

/** Makes the element of the gate; undefined when the server has none. `wasKnown`: it comes in the middle of the visit of somebody. */
export async function createGate(client: Client, wasKnown: boolean): Promise<HTMLElement | undefined> {
  const gate = (await client.read('/gate')) as Gate | null;
  if (!gate) return undefined;
  if (!customElements.get(gate.element)) await import(/* @vite-ignore */ gate.module);
  await wordsReady();
  const element = document.createElement(gate.element);
  element.toggleAttribute('was-known', wasKnown);
  return element;
}

/** Whether the address is a link by which the owner's account is set up. What follows stays in the browser. */
export function isSetupLink(url: URL): boolean {
  return url.hash.startsWith('#/setup');
}
