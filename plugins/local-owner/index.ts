import { timingSafeEqual } from 'node:crypto';
import { definePlugin, Fault, makeCliToken, type Caller, type Callers } from 'boternity';
import { assertLoopback, isSameOrigin, isLoopbackHost, isLoopbackPeer } from './loopback.ts';

const owner: Caller = { kind: 'person', id: 'owner', name: 'Owner', grants: ['*'] };

const callersFor = (token: string): Callers => ({
  async identify({ headers, remoteAddress }) {
    if (!isLoopbackPeer(remoteAddress)) return undefined;
    if (!isLoopbackHost(headers.host)) {
      throw new Fault(
        'HOST_REFUSED',
        `The request names the host "${String(headers.host)}", which is not this machine.`,
      );
    }
    if (!isSameOrigin(headers)) throw new Fault('HOST_REFUSED', 'The request comes from the page of another site.');
    if (headers.authorization !== undefined && !isBearer(headers.authorization, token)) return undefined;
    return owner;
  },
  checkAddress: assertLoopback,
});

function isBearer(given: string | readonly string[], token: string): boolean {
  const [own, other] = [Buffer.from(`Bearer ${token}`), Buffer.from(String(given))];
  return own.length === other.length && timingSafeEqual(own, other);
}

/** Makes every request from this machine the owner's, and lets the server listen nowhere else. Stands in until there is sign-in. */
export default definePlugin({
  name: 'local-owner',
  needs: ['home'],
  provides: ['callers'],
  async setup(context) {
    const callers = callersFor(await makeCliToken(context.home.path));
    context.provide('callers', () => callers);
  },
});
