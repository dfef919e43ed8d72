import { defineAction, Fault, isGrant, mayGrant, z, type Actions, type Grant } from 'boternity';
import type { SignIn } from './service.ts';
import type { Token } from './tokens.ts';

declare module 'boternity' {
  interface ActionTypes {
    'tokens.create': ReturnType<typeof createToken>;
    'tokens.list': ReturnType<typeof listTokens>;
    'tokens.revoke': ReturnType<typeof revokeToken>;
  }
}

const USUAL_DAYS = 90;
const MOST_DAYS = 3_650;

const scope = z
  .string()
  .refine(
    isGrant,
    'write noun:right with read, write, use or admin, perhaps for one bot: bots:use@assistant; or * for all',
  );

const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  createdAt: z.string(),
  expiresAt: z.string().nullable().describe('Null: it does not expire'),
  lastUsedAt: z.string().nullable(),
});

export function createToken(signIn: SignIn, actions: Actions) {
  return defineAction({
    name: 'tokens.create',
    summary: 'Makes an API token for programs, with no more rights than its maker has.',
    permission: 'tokens:write',
    http: 'POST /tokens',
    cli: 'token create <name>',
    examples: [
      'bnity token create ci --scopes bots:write',
      'bnity token create phone --scopes bots:use@assistant bots:read@assistant --days 365',
    ],
    status: 201,
    input: z.strictObject({
      name: z.string().trim().min(1).max(60).describe('What it is for'),
      scopes: z.array(scope).min(1).max(100).describe('What it may do: bots:read, bots:use@assistant, …; * for all'),
      days: z.number().int().min(0).max(MOST_DAYS).default(USUAL_DAYS).describe('Days until it expires; 0: never'),
    }),
    output: tokenView.extend({ token: z.string().describe('Told this once; only its hash is kept') }),
    async run({ name, scopes, days }, { caller }) {
      assertMayGive(scopes, caller.grants, actions);
      if (signIn.tokens.book.entries.some((token) => token.name === name)) {
        throw new Fault('NAME_TAKEN', `There is a token "${name}" already.`);
      }
      const origin = signIn.originOf(caller);
      const { token, secret } = await signIn.tokens.make({
        name,
        scopes: scopes.map((each) => withId(each, actions)),
        days: days === 0 ? undefined : days,
        maker: origin?.kind === 'token' ? origin.token : undefined,
      });
      return { ...viewOf(token, actions), token: secret };
    },
  });
}

export function listTokens(signIn: SignIn, actions: Actions) {
  return defineAction({
    name: 'tokens.list',
    summary: 'Lists the API tokens and what they may do.',
    permission: 'tokens:read',
    http: 'GET /tokens',
    cli: 'token list',
    columns: ['name', 'scopes', 'expiresAt', 'lastUsedAt', 'id'],
    examples: ['bnity token list'],
    input: z.strictObject({}),
    output: z.object({ tokens: z.array(tokenView) }),
    run: async () => ({ tokens: signIn.tokens.book.entries.map((token) => viewOf(token, actions)) }),
  });
}

export function revokeToken(signIn: SignIn) {
  return defineAction({
    name: 'tokens.revoke',
    summary: 'Ends an API token and those that were made with it, at once.',
    permission: 'tokens:write',
    http: 'DELETE /tokens/{token}',
    cli: 'token revoke <token>',
    examples: ['bnity token revoke ci'],
    input: z.strictObject({ token: z.string().min(1).describe('Name or id of a token') }),
    output: z.object({ id: z.string(), revoked: z.number().describe('How many tokens ended') }),
    async run(input) {
      const { entries } = signIn.tokens.book;
      const found = entries.find(({ id, name }) => id === input.token || name === input.token);
      if (!found) throw new Fault('TOKEN_MISSING', `There is no token "${input.token}".`);
      return { id: found.id, revoked: await signIn.tokens.revoke(found.id) };
    },
  });
}

/** Nobody hands out what they do not have. */
function assertMayGive(scopes: readonly Grant[], grants: readonly Grant[], actions: Actions): void {
  const over = scopes.filter((each) => !mayGrant(grants, each, (bot) => actions.namesOf(bot)));
  if (over.length === 0) return;
  throw new Fault('CALLER_DENIED', `A token can be given only what its maker has; ${over.join(', ')} is more.`, {
    hint: 'Ask the owner to make the token.',
  });
}

/** Narrowed to the id of a bot where there is such a bot: another that gets its slug one day is not meant. */
function withId(grant: Grant, actions: Actions): Grant {
  const [right = '', bot] = grant.split('@');
  return bot === undefined ? grant : `${right}@${actions.namesOf(bot).at(-1) ?? bot}`;
}

function viewOf({ id, name, scopes, createdAt, expiresAt, lastUsedAt }: Token, actions: Actions) {
  const shown = scopes.map((each) => {
    const [right = '', bot] = each.split('@');
    return bot === undefined ? each : `${right}@${actions.namesOf(bot)[0] ?? bot}`;
  });
  return { id, name, scopes: shown, createdAt, expiresAt, lastUsedAt };
}
