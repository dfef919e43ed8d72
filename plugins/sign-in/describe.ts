import { z, type RouteAnswer, type RouteDescription } from 'boternity';

const person = z.object({ name: z.string(), email: z.string() });
const letIn: RouteAnswer = { description: 'Signed in; the cookie of the session comes along', data: person };
const example = { email: 'ada@example.org', password: 'a long and secret one' };

export const me: RouteDescription = {
  name: 'me.show',
  summary: 'Tells who asks, what they may do, and by what they are known.',
  answers: {
    200: {
      description: 'The caller',
      data: z.object({
        kind: z.string(),
        name: z.string(),
        email: z.string().nullable(),
        grants: z.array(z.string()),
        by: z.string().nullable().describe('Session, token, or the machine itself'),
      }),
    },
  },
};

export const signIn: RouteDescription = {
  name: 'sign_in.show',
  summary: 'Tells whether there is an account to sign in to.',
  answers: { 200: { description: 'The state of the account', data: z.object({ account: z.string() }) } },
};

export const leave: RouteDescription = {
  name: 'sign_in.end',
  summary: 'Ends the session that comes along.',
  answers: {
    200: { description: 'Signed out; the cookie is taken back', data: z.object({ signedOut: z.literal(true) }) },
  },
};

export const enter = (body: z.ZodObject): RouteDescription => ({
  name: 'sign_in.begin',
  summary: 'Signs in with e-mail and password, and begins a session.',
  body: { type: 'application/json', schema: body.meta({ examples: [example] }) },
  answers: { 200: letIn },
});

export const look = (body: z.ZodObject): RouteDescription => ({
  name: 'setup.look',
  summary: 'Tells what a setup link is for.',
  body: { type: 'application/json', schema: body.meta({ examples: [{ token: 'of-the-link' }] }) },
  answers: {
    200: {
      description: 'What the page shows before it is filled in',
      data: z.object({ isNew: z.boolean(), name: z.string(), email: z.string(), expiresAt: z.string() }),
    },
  },
});

export const setUp = (body: z.ZodObject): RouteDescription => ({
  name: 'setup.finish',
  summary: 'Sets up the account of the owner by a setup link, and begins a session.',
  body: {
    type: 'application/json',
    schema: body.meta({ examples: [{ token: 'of-the-link', name: 'Ada', ...example }] }),
  },
  answers: { 201: letIn },
});
