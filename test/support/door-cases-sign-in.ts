import { createHash } from 'node:crypto';
import { listOf } from './answers.ts';
import type { Door, DoorCase } from './door-cases.ts';
import { setUpOwner, signInOwner } from './owner.ts';
import { until, type Product } from './product.ts';

const nonsense = { nonsense: 'x' };

/** One case per action about accounts, sessions and tokens. */
export const signInCases: Readonly<Record<string, DoorCase>> = {
  'accounts.show': {
    wrong: nonsense,
    right: {},
    prepare: withOwner({}),
    check: ({ t, output }) => t.match(output, { state: 'ready', email: 'ada@example.com' }),
  },
  'accounts.update': {
    wrong: { email: 'nowhere' },
    right: { name: 'Ada' },
    prepare: async (product, door) => withOwner({ name: `Ada of ${door}` })(product),
    check: ({ t, input, output }) => t.equal(output.name, input.name),
  },
  'password.set': {
    wrong: { password: 'short' },
    right: { password: 'long enough for all' },
    prepare: async (product) => {
      await owner(product);
      // It ends every session, also those that other cases are about.
      await until('the other cases', () => ended.size === 4, 60_000);
      return { password: 'correct horse battery' };
    },
    check: async ({ t, product, output }) => {
      t.equal(output.changed, true);
      const file = (await product.files.read('.boternity/accounts.json')) ?? '';
      t.match(file, '"$argon2id$v=19$m=19456,t=2,p=1$');
      t.notMatch(file, 'correct horse');
    },
  },
  'setup.link': {
    wrong: nonsense,
    right: {},
    check: async ({ t, product, output }) => {
      t.match(output.url, new RegExp(`^${product.url}/#/setup\\?token=[0-9a-f]{64}$`));
      t.notMatch(await product.files.read('.boternity/setup.json'), String(output.url).slice(-64));
    },
  },
  'sessions.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.ok(Array.isArray(output.sessions)),
  },
  'sessions.revoke': {
    wrong: { session: 'x', ...nonsense },
    right: { session: 'x' },
    prepare: async (product, door) => {
      const session = await newSession(product);
      whenGone(product, session, `revoke ${door}`);
      return { session };
    },
    check: async ({ t, product, input }) =>
      t.notMatch(await product.files.read('.boternity/sessions.json'), String(input.session)),
  },
  'sessions.revoke_all': {
    wrong: nonsense,
    right: {},
    prepare: async (product, door) => {
      await until('the other cases', () => ended.has('revoke http') && ended.has('revoke cli'), 60_000);
      whenGone(product, await newSession(product), `revoke_all ${door}`);
      return {};
    },
    check: ({ t, output }) => t.ok(Number(output.revoked) >= 1),
  },
  'tokens.create': {
    wrong: { name: 'x', scopes: ['bots:everything'] },
    right: { name: 'x', scopes: ['bots:read'] },
    prepare: async (_product, door) => ({ name: `made-${door}`, scopes: ['bots:use@assistant', 'server:read'] }),
    check: async ({ t, product, output }) => {
      t.match(output.token, /^bnity_[0-9a-f]{64}$/);
      t.strictSame(output.scopes, ['bots:use@assistant', 'server:read']);
      const file = (await product.files.read('.boternity/tokens.json')) ?? '';
      t.notMatch(file, String(output.token), 'the token itself is not kept');
      t.match(file, createHash('sha256').update(String(output.token)).digest('hex'));
    },
  },
  'tokens.list': {
    wrong: nonsense,
    right: {},
    check: ({ t, output }) => t.ok(listOf(output.tokens).every((token) => !('token' in token) && !('digest' in token))),
  },
  'tokens.revoke': {
    wrong: { token: 'x', ...nonsense },
    right: { token: 'x' },
    prepare: async (product, door) => {
      const token = `short-lived-${door}`;
      await product.client.call('tokens.create', { name: token, scopes: ['bots:read'] });
      return { token };
    },
    check: async ({ t, product, input }) =>
      t.notMatch(await product.files.read('.boternity/tokens.json'), String(input.token)),
  },
};

const owners = new WeakMap<Product, Promise<unknown>>();

/** Makes the owner's account, once. */
function owner(product: Product): Promise<unknown> {
  const made = owners.get(product) ?? tryToSetUp(product);
  owners.set(product, made);
  return made;
}

/** A link that another case makes at this moment takes the place of ours. */
async function tryToSetUp(product: Product): Promise<void> {
  await until('the owner account', () =>
    setUpOwner(product).then(
      () => true,
      () => false,
    ),
  );
}

function withOwner(input: Record<string, unknown>) {
  return async (product: Product): Promise<Record<string, unknown>> => {
    await owner(product);
    return input;
  };
}

const ended = new Set<string>();

/** Remembers that a session has ended, so that cases which end all of them wait for those about one. */
function whenGone(product: Product, session: string, what: `${'revoke' | 'revoke_all'} ${Door}`): void {
  const isGone = async (): Promise<boolean> => {
    const { sessions } = await product.client.call('sessions.list', {});
    return sessions.every(({ id }) => id !== session);
  };
  void until(`the end of the session of ${what}`, isGone, 60_000).then(() => ended.add(what));
}

async function newSession(product: Product): Promise<string> {
  await owner(product);
  const before = new Set((await product.client.call('sessions.list', {})).sessions.map(({ id }) => id));
  await signInOwner(product);
  const { sessions } = await product.client.call('sessions.list', {});
  const fresh = sessions.find(({ id }) => !before.has(id));
  if (!fresh) throw new Error('There is no new session.');
  return fresh.id;
}
