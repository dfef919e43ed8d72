import { defineAction, Fault, z, type Caller } from 'boternity';
import type { SignIn } from './service.ts';

declare module 'boternity' {
  interface ActionTypes {
    'sessions.list': ReturnType<typeof listSessions>;
    'sessions.revoke': ReturnType<typeof revokeSession>;
    'sessions.revoke_all': ReturnType<typeof revokeAllSessions>;
  }
}

const sessionView = z.object({
  id: z.string(),
  device: z.string().describe('Browser and system'),
  address: z.string().describe('Where it was last seen'),
  createdAt: z.string(),
  lastSeenAt: z.string(),
  current: z.boolean().describe('The one that asks'),
});

export function listSessions(signIn: SignIn) {
  return defineAction({
    name: 'sessions.list',
    summary: 'Lists where the owner is signed in, last used first.',
    permission: 'sessions:read',
    http: 'GET /sessions',
    cli: 'session list',
    examples: ['bnity session list'],
    input: z.strictObject({}),
    output: z.object({ sessions: z.array(sessionView) }),
    async run(_input, { caller }) {
      const own = sessionOf(signIn, caller);
      const sessions = signIn.sessions.book.entries.map(({ id, device, address, createdAt, lastSeenAt }) => {
        return { id, device, address, createdAt, lastSeenAt, current: id === own };
      });
      return { sessions: sessions.toSorted((a, b) => (a.lastSeenAt < b.lastSeenAt ? 1 : -1)) };
    },
  });
}

export function revokeSession(signIn: SignIn) {
  return defineAction({
    name: 'sessions.revoke',
    summary: 'Signs out one session, at once.',
    permission: 'sessions:write',
    http: 'DELETE /sessions/{session}',
    cli: 'session revoke <session>',
    examples: ['bnity session revoke 019…'],
    input: z.strictObject({ session: z.string().min(1).describe('Id of a session') }),
    output: z.object({ id: z.string(), revoked: z.literal(true) }),
    async run({ session }) {
      const ended = await signIn.sessions.book.revoke(({ id }) => id === session);
      if (ended === 0) throw new Fault('SESSION_MISSING', `There is no session "${session}".`);
      return { id: session, revoked: true as const };
    },
  });
}

export function revokeAllSessions(signIn: SignIn) {
  return defineAction({
    name: 'sessions.revoke_all',
    summary: 'Signs out all sessions, at once.',
    permission: 'sessions:write',
    http: 'DELETE /sessions',
    cli: 'session revoke-all',
    confirm: 'Everybody who is signed in on the page must sign in again.',
    examples: ['bnity session revoke-all --force'],
    input: z.strictObject({ others: z.boolean().default(false).describe('Keep the session that asks') }),
    output: z.object({ revoked: z.number() }),
    async run({ others }, { caller }) {
      const kept = others ? sessionOf(signIn, caller) : undefined;
      return { revoked: await signIn.sessions.book.revoke(({ id }) => id !== kept) };
    },
  });
}

function sessionOf(signIn: SignIn, caller: Caller): string | undefined {
  const origin = signIn.originOf(caller);
  return origin?.kind === 'session' ? origin.session.id : undefined;
}
