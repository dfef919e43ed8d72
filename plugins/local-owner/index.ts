import { definePlugin, Fault, type Caller, type Callers } from 'boternity';
import { assertLoopback, isSameOrigin, isLoopbackHost, isLoopbackPeer } from './loopback.ts';

const owner: Caller = { kind: 'person', id: 'owner', name: 'Owner', grants: ['*'] };

const callers: Callers = {
  async identify({ headers, remoteAddress }) {
    if (!isLoopbackPeer(remoteAddress)) return undefined;
    if (!isLoopbackHost(headers.host)) {
      throw new Fault(
        'HOST_REFUSED',
        `The request names the host "${String(headers.host)}", which is not this machine.`,
      );
    }
    if (!isSameOrigin(headers)) throw new Fault('HOST_REFUSED', 'The request comes from the page of another site.');
    return owner;
  },
  checkAddress: assertLoopback,
};

/** Makes every request from this machine the owner's, and lets the server listen nowhere else. Stands in until there is sign-in. */
export default definePlugin({
  name: 'local-owner',
  provides: ['callers'],
  setup(context) {
    context.provide('callers', () => callers);
  },
});
