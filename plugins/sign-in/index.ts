import { definePlugin, Fault } from 'boternity';
import * as account from './account-actions.ts';
import type { Accounts } from './accounts.ts';
import { isLoopbackHost } from './requests.ts';
import { openSignIn } from './service.ts';
import { listSessions, revokeAllSessions, revokeSession } from './session-actions.ts';
import { createToken, listTokens, revokeToken } from './token-actions.ts';

export { signInPages } from './pages.ts';

/** How often what ended is put away, and what was only remembered is written, in milliseconds. */
const SWEEP_MS = 30_000;

/** Knows who asks: the owner's account, sessions of the page, API tokens, and commands on this machine. */
export default definePlugin({
  name: 'sign-in',
  needs: ['home', 'house', 'actions', 'reach', 'doctor'],
  provides: ['callers', 'signIn'],
  async setup(context) {
    const { home, house, actions, reach, doctor } = context;
    const signIn = await openSignIn(home, reach);
    const { accounts, listensOn } = signIn;
    house.tellProblems(() => signIn.problems());
    doctor.check('VISITORS_REFUSED', async () => signIn.refusals.findings());
    const warn = (error: unknown): void => home.log.warn('What was seen of sessions could not be written', { error });
    const sweep = setInterval(() => void signIn.flush().catch(warn), SWEEP_MS).unref();
    context.defer(async () => {
      clearInterval(sweep);
      await signIn.flush().catch(warn);
    });
    context.provide('signIn', () => signIn);
    context.provide('callers', () => ({
      check: (request, wants) => signIn.checks.check(request, wants),
      identify: async (request) => signIn.identify(request),
      checkAddress(host) {
        assertAddress(host, accounts);
        listensOn.add(host);
      },
      owner: () => accounts.author,
    }));
    actions.add(
      account.showAccount(signIn),
      account.updateAccount(signIn),
      account.setPassword(signIn),
      account.makeSetupLink(signIn, house),
      listSessions(signIn),
      revokeSession(signIn),
      revokeAllSessions(signIn),
      createToken(signIn, actions),
      listTokens(signIn, actions),
      revokeToken(signIn),
    );
  },
});

/** Others may reach the server once there is somebody whom it can tell from them. */
function assertAddress(host: string, accounts: Accounts): void {
  if (isLoopbackHost(host) || accounts.state !== 'none') return;
  throw new Fault(
    'ADDRESS_REFUSED',
    `The server will not listen on ${host} before there is an owner account: whoever came first could make it.`,
  );
}
