import fc from 'fast-check';
import t from 'tap';
import { covers, isGrant, mayGrant, type Grant } from '../../../core/actions/grants.ts';

const nouns = ['bots', 'server', 'tokens'] as const;
const rights = ['read', 'write', 'use', 'admin'] as const;
/** Slug and id of each bot. */
const bots = [
  ['ada', '01a1-ada'],
  ['eve', '01a1-eve'],
] as const;

const permission = fc.tuple(fc.constantFrom(...nouns), fc.constantFrom(...rights)).map((parts) => parts.join(':'));
const bot = fc.constantFrom(undefined, ...bots.flat());
const grant: fc.Arbitrary<Grant> = fc.oneof(
  { weight: 1, arbitrary: fc.constant('*') },
  {
    weight: 12,
    arbitrary: fc.tuple(permission, bot).map(([right, to]) => (to === undefined ? right : `${right}@${to}`)),
  },
);
const grants = fc.array(grant, { maxLength: 5 });

function namesOf(name: string): readonly string[] {
  return bots.find((names) => (names as readonly string[]).includes(name)) ?? [name];
}

await t.test(
  'GHSA-4jpw-hj22-2xmc: whoever hands out a grant can do everything that it allows: minting gives nobody more',
  (t) => {
    let given = 0;
    fc.assert(
      fc.property(grants, grant, permission, bot, (held, wanted, asked, about) => {
        if (!mayGrant(held, wanted, namesOf)) return;
        given += 1;
        const names = about === undefined ? undefined : namesOf(about);
        if (covers([wanted], asked, names) && !covers(held, asked, names)) throw new Error('The new one can do more.');
      }),
      { numRuns: 20_000 },
    );
    t.ok(given > 2_000, `${given} were handed out`);
    t.end();
  },
);

await t.test('also over generations, and nothing is ever won back', (t) => {
  fc.assert(
    fc.property(
      grants,
      fc.array(fc.array(grant, { maxLength: 3 }), { maxLength: 4 }),
      permission,
      bot,
      (first, asks, asked, about) => {
        const names = about === undefined ? undefined : namesOf(about);
        let held = first;
        for (const wanted of asks) held = wanted.filter((each) => mayGrant(held, each, namesOf));
        if (covers(held, asked, names) && !covers(first, asked, names)) throw new Error('A descendant can do more.');
      },
    ),
    { numRuns: 20_000 },
  );
  t.end();
});

await t.test('admin includes write, write includes read, use stands apart; narrowed is narrowed; * is all', (t) => {
  const table: [Grant[], Grant, string | undefined, boolean][] = [
    [['bots:admin'], 'bots:use', undefined, true],
    [['bots:admin'], 'bots:read', 'ada', true],
    [['bots:write'], 'bots:read', undefined, true],
    [['bots:write'], 'bots:use', undefined, false],
    [['bots:write'], 'bots:admin', undefined, false],
    [['bots:read'], 'bots:write', undefined, false],
    [['bots:use'], 'bots:read', undefined, false],
    [['bots:use@ada'], 'bots:use', 'ada', true],
    [['bots:use@ada'], 'bots:use', 'eve', false],
    [['bots:use@ada'], 'bots:use', undefined, false],
    [['bots:admin@ada'], 'bots:read', 'ada', true],
    [['bot:read'], 'bots:read', undefined, false],
    [['bots:rea'], 'bots:read', undefined, false],
    [['bots:*'], 'bots:read', undefined, false],
    [['*'], 'anything:admin', 'eve', true],
    [[''], 'bots:read', undefined, false],
    [['admin'], 'bots:read', undefined, false],
    [[':admin'], 'bots:read', undefined, false],
    [['bots:admin'], '*', undefined, false],
    [[], 'bots:read', undefined, false],
  ];
  for (const [held, asked, about, expected] of table)
    t.equal(covers(held, asked, about), expected, `${held.join(' ')} for ${asked} of ${about ?? 'no bot'}`);
  t.end();
});

await t.test('what somebody has they can hand out, whole or narrowed, by either name of a bot', (t) => {
  const table: [Grant[], Grant, boolean][] = [
    [['bots:use@ada'], 'bots:use@ada', true],
    [['bots:use@ada'], 'bots:use@01a1-ada', true],
    [['bots:use@01a1-ada'], 'bots:use@ada', true],
    [['bots:use'], 'bots:use@eve', true],
    [['bots:admin@ada'], 'bots:write@ada', true],
    [['*'], '*', true],
    [['*'], 'bots:admin@eve', true],
    [['bots:use@ada'], 'bots:use@eve', false],
    [['bots:use@ada'], 'bots:use', false],
    [['bots:write'], 'bots:admin', false],
    [['bots:admin', 'server:admin', 'tokens:admin'], '*', false],
  ];
  for (const [held, wanted, expected] of table)
    t.equal(mayGrant(held, wanted, namesOf), expected, `${held.join(' ')} hands out ${wanted}`);
  t.end();
});

await t.test('a text that only looks like a grant is none, and nobody can hand it out', (t) => {
  const texts = [
    '',
    '**',
    'bots',
    'bots:',
    ':read',
    'bots:read@',
    'bots:read@a@b',
    'BOTS:read',
    'bots:everything',
    '*@ada',
    'bots:read ',
    'bots:read\n',
  ];
  for (const text of texts) {
    t.notOk(isGrant(text), JSON.stringify(text));
    t.notOk(mayGrant(['*'], text), JSON.stringify(text));
  }
  t.end();
});
