import { makeCliToken, type Home, type Problem, type Reach } from 'boternity';
import { Accounts } from './accounts.ts';
import { createIdentity, type Identity } from './identify.ts';
import { Limiter } from './limiter.ts';
import { Refusals } from './refusals.ts';
import { createRequestChecks, type RequestChecks } from './requests.ts';
import { digestOf } from './secret.ts';
import { Sessions } from './sessions.ts';
import { SetupLinks } from './setup-links.ts';
import { Tokens } from './tokens.ts';

/** The service `signIn`: who may come in, and by what. For the two halves of this plugin. */
export interface SignIn extends Identity {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly setup: SetupLinks;
  readonly checks: RequestChecks;
  readonly refusals: Refusals;
  /** Failed attempts to sign in, by address and by account. */
  readonly attempts: { readonly byAddress: Limiter; readonly byAccount: Limiter };
  /** Name of the session's cookie: each home has its own, because browsers share cookies among the ports of a machine. */
  readonly cookie: string;
  /** Where people reach the server. */
  readonly reach: Reach;
  /** The addresses it listens on. */
  readonly listensOn: Set<string>;
  /** What is wrong in its files. */
  problems(): Problem[];
  /** Writes what was only remembered, and puts away what has ended. */
  flush(): Promise<void>;
}

declare module 'boternity' {
  interface Services {
    signIn: SignIn;
  }
}

/** Reads what the home knows of people and credentials, and makes the token of this start for commands on this machine. */
export async function openSignIn(home: Home, reach: Reach): Promise<SignIn> {
  const [accounts, sessions, tokens, setup] = await Promise.all([
    Accounts.open(home),
    Sessions.open(home),
    Tokens.open(home),
    SetupLinks.open(home),
  ]);
  const books = [sessions.book, tokens.book];
  const listensOn = new Set<string>();
  const refusals = new Refusals();
  const checks = createRequestChecks(reach, () => listensOn, refusals);
  const cookie = `bnity-${digestOf(home.path).slice(0, 8)}`;
  const cliDigest = digestOf(await makeCliToken(home.path));
  return {
    ...createIdentity({ accounts, sessions, tokens, checks, cookie, cliDigest }),
    accounts,
    sessions,
    tokens,
    setup,
    checks,
    refusals,
    cookie,
    reach,
    listensOn,
    // One address is stopped soon; many together must not keep the owner out by failing on purpose.
    attempts: { byAddress: new Limiter(10), byAccount: new Limiter(50) },
    problems: () => [accounts, ...books].map(({ problem }) => problem).filter((problem) => problem !== undefined),
    async flush() {
      await Promise.all(books.map((book) => book.flush()));
    },
  };
}
