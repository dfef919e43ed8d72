import { defineAction, Fault, z, type House } from 'boternity';
import { personEmail, personName } from './accounts.ts';
import { newPassword } from './passwords.ts';
import type { SignIn } from './service.ts';

declare module 'boternity' {
  interface ActionTypes {
    'accounts.show': ReturnType<typeof showAccount>;
    'accounts.update': ReturnType<typeof updateAccount>;
    'password.set': ReturnType<typeof setPassword>;
    'setup.link': ReturnType<typeof makeSetupLink>;
  }
}

const accountView = z.object({
  state: z.enum(['none', 'ready', 'broken']).describe('none before the setup; broken when its file cannot be read'),
  name: z.string().nullable(),
  email: z.string().nullable(),
  createdAt: z.string().nullable(),
  passwordChangedAt: z.string().nullable(),
});

const currentPassword = z
  .string()
  .max(5_000)
  .optional()
  .meta({ writeOnly: true, description: 'The password until now; not needed at the terminal' });

function viewOf({ accounts }: SignIn): z.infer<typeof accountView> {
  const { owner, state } = accounts;
  if (!owner) return { state, name: null, email: null, createdAt: null, passwordChangedAt: null };
  const { name, email, createdAt, passwordChangedAt } = owner;
  return { state, name, email, createdAt, passwordChangedAt };
}

export function showAccount(signIn: SignIn) {
  return defineAction({
    name: 'accounts.show',
    summary: 'Shows the owner account.',
    permission: 'accounts:read',
    http: 'GET /account',
    cli: 'account show',
    examples: ['bnity account show'],
    input: z.strictObject({}),
    output: accountView,
    run: async () => viewOf(signIn),
  });
}

export function updateAccount(signIn: SignIn) {
  return defineAction({
    name: 'accounts.update',
    summary: 'Changes name or e-mail of the owner, as sign-in and history use them; the e-mail with the password.',
    permission: 'accounts:write',
    http: 'PATCH /account',
    cli: 'account update',
    examples: ['bnity account update --name "Ada Lovelace"', 'bnity account update --email ada@example.com'],
    input: z.strictObject({ name: personName.optional(), email: personEmail.optional(), current: currentPassword }),
    output: accountView,
    async run({ name, email, current }, { caller }) {
      if (name === undefined && email === undefined) {
        throw new Fault('INPUT_INVALID', 'Nothing to change was given.', {
          hint: 'Give --name or --email.',
          details: [{ path: 'name', message: 'give a name or an e-mail address' }],
        });
      }
      const before = signIn.accounts.require().email;
      const isMoved = email !== undefined && email !== before;
      if (isMoved && signIn.originOf(caller)?.kind !== 'command') await assertPassword(signIn, before, current ?? '');
      await signIn.accounts.change({ ...(name !== undefined && { name }), ...(email !== undefined && { email }) });
      return viewOf(signIn);
    },
  });
}

export function setPassword(signIn: SignIn) {
  return defineAction({
    name: 'password.set',
    summary: 'Sets a new password and ends all sessions but the one that asks.',
    permission: '*',
    http: 'PUT /account/password',
    cli: 'password',
    examples: ['bnity password', 'bnity password < new-password.txt'],
    input: z.strictObject({
      password: newPassword,
      current: currentPassword,
    }),
    output: z.object({ changed: z.literal(true), endedSessions: z.number() }),
    async run({ password, current }, { caller }) {
      const { accounts, sessions } = signIn;
      const origin = signIn.originOf(caller);
      const { email } = accounts.require();
      if (origin?.kind !== 'command') await assertPassword(signIn, email, current ?? '');
      await accounts.setPassword(password);
      const own = origin?.kind === 'session' ? origin.session.id : undefined;
      return { changed: true as const, endedSessions: await sessions.book.revoke(({ id }) => id !== own) };
    },
  });
}

/** Whoever finds an open page, or a token, must not be able to lock the owner out with it, nor to take the account over. */
async function assertPassword({ accounts, attempts }: SignIn, email: string, password: string): Promise<void> {
  const key = `change ${email}`;
  attempts.byAddress.assertMayTry(key);
  attempts.byAddress.count(key);
  if (!(await accounts.verify(email, password))) {
    throw new Fault('INPUT_INVALID', 'The current password is wrong.', {
      hint: 'A lost password is set anew on the machine of the server: bnity password',
      details: [{ path: 'current', message: 'is wrong' }],
    });
  }
  attempts.byAddress.forgive(key);
}

export function makeSetupLink(signIn: SignIn, house: House) {
  return defineAction({
    name: 'setup.link',
    summary: 'Makes a link that sets up the owner account, or sets it up anew; used once, good for a day.',
    permission: '*',
    http: 'POST /setup-link',
    cli: 'setup-link',
    examples: ['bnity setup-link'],
    status: 201,
    input: z.strictObject({}),
    output: z.object({
      url: z.string().describe('Open it in a browser. Whoever has it becomes the owner'),
      expiresAt: z.string(),
    }),
    async run() {
      const { secret, expiresAt } = await signIn.setup.make();
      const base = house.page().replace(/\/\/(?:0\.0\.0\.0|\[::\])/, '//127.0.0.1');
      // In the fragment, which browsers send to nobody: neither logs nor other sites see it.
      return { url: `${base}/#/setup?token=${secret}`, expiresAt };
    },
  });
}
