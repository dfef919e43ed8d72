import { z, type RouteDescription } from 'boternity';

const answered = <Data extends z.ZodType>(data: Data) => z.looseObject({ data });
const link = z.strictObject({ token: z.string().describe('What stands behind the link of bnity setup-link') });
const person = z.object({ name: z.string(), email: z.string().nullable() });

const json = (schema: z.ZodType): NonNullable<RouteDescription['body']> => ({ type: 'application/json', schema });

/** The ways in and out of the page, as the OpenAPI document tells them. */
export const describe = {
  me: {
    name: 'me.show',
    summary: 'Tells who asks, what they may do, and by which credential they came.',
    answers: {
      200: {
        description: 'The caller',
        schema: answered(
          person.extend({
            kind: z.string(),
            grants: z.array(z.string()),
            by: z.enum(['command', 'session', 'token']).nullable(),
          }),
        ),
      },
    },
  },
  state: {
    name: 'gate.show',
    summary: 'Tells whether there is an account to sign in with.',
    answers: { 200: { description: 'none, ready or broken', schema: answered(z.object({ account: z.string() })) } },
  },
  signIn: {
    name: 'gate.enter',
    summary: 'Signs in with e-mail and password; the session comes as a cookie.',
    body: json(
      z
        .strictObject({ email: z.string(), password: z.string() })
        .meta({ examples: [{ email: 'ada@example.org', password: 'a long sentence of yours' }] }),
    ),
    answers: { 200: { description: 'Signed in', schema: answered(person) } },
  },
  signOut: {
    name: 'gate.leave',
    summary: 'Ends the session of the page that asks.',
    answers: { 200: { description: 'Signed out', schema: answered(z.object({ signedOut: z.literal(true) })) } },
  },
  look: {
    name: 'setup.look',
    summary: 'Tells whether a setup link still holds, without using it.',
    body: json(link.meta({ examples: [{ token: '0123abcd' }] })),
    answers: {
      200: {
        description: 'It holds',
        schema: answered(z.object({ isNew: z.boolean(), name: z.string(), email: z.string(), expiresAt: z.string() })),
      },
    },
  },
  setUp: {
    name: 'setup.use',
    summary: 'Makes the owner account, or makes it anew, and signs in.',
    body: json(
      link.extend({ name: z.string(), email: z.string(), password: z.string() }).meta({
        examples: [{ token: '0123abcd', name: 'Ada', email: 'ada@example.org', password: 'a long sentence of yours' }],
      }),
    ),
    answers: { 201: { description: 'The account is made', schema: answered(person) } },
  },
} satisfies Record<string, RouteDescription>;
