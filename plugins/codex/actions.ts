import { defineAction, Fault, z, type Action } from 'boternity';
import type { SignIns } from './sign-in.ts';
import type { Tokens } from './tokens.ts';

declare module 'boternity' {
  interface ActionTypes {
    'codex.sign_in': ReturnType<typeof signIn>;
    'codex.finish': ReturnType<typeof finish>;
    'codex.sign_out': ReturnType<typeof signOut>;
    'codex.status': ReturnType<typeof status>;
  }
}

export interface CodexParts {
  readonly signIns: SignIns;
  readonly tokens: Tokens;
  /** Whether a provider of this kind is there, whose owner has agreed. */
  readonly isSetUp: () => boolean;
}

export function codexActions(parts: CodexParts): Action[] {
  return [signIn(parts), finish(parts), signOut(parts), status(parts)];
}

const standing = z.object({
  signedIn: z.boolean(),
  until: z.string().nullable().describe('When its token ends; it is renewed before that. Null where that is not known'),
});

function signIn({ signIns, isSetUp }: CodexParts) {
  return defineAction({
    name: 'codex.sign_in',
    summary: 'Begins a sign-in with a ChatGPT subscription, and gives the address to open in a browser.',
    permission: 'providers:admin',
    http: 'POST /codex/sign-in',
    cli: 'codex sign-in',
    examples: ['bnity codex sign-in'],
    input: z.strictObject({}),
    output: z.object({
      url: z.string().describe('To be opened in a browser'),
      redirect: z.string().describe('Where the browser is sent afterwards'),
      until: z.string(),
      next: z.string(),
    }),
    async run() {
      if (!isSetUp())
        throw new Fault(
          'CODEX_NOT_SET_UP',
          'There is no provider of the kind codex whose owner has agreed to its warning.',
        );
      const { url, redirect, endsAt, isHeard } = await signIns.begin();
      const paste = 'copy the address that it ends at and give it to: bnity codex finish';
      const next = isHeard
        ? `Open the address and sign in. If the browser is on another machine and ends at a page that is not there, ${paste}`
        : `Open the address and sign in. The page after that is not there: ${paste}`;
      return { url, redirect, until: new Date(endsAt).toISOString(), next };
    },
  });
}

function finish({ signIns, tokens }: CodexParts) {
  return defineAction({
    name: 'codex.finish',
    summary: 'Ends a sign-in with the address that the browser was sent to, or the code in it.',
    permission: 'providers:admin',
    http: 'POST /codex/finish',
    cli: 'codex finish',
    examples: ['bnity codex finish'],
    input: z.strictObject({
      answer: z
        .string()
        .min(1)
        .max(10_000)
        .meta({ description: 'The address that the browser was sent to, or the code in it', writeOnly: true }),
    }),
    output: standing,
    async run({ answer }) {
      await signIns.finish(answer);
      return viewOf(tokens);
    },
  });
}

function signOut({ tokens }: CodexParts) {
  return defineAction({
    name: 'codex.sign_out',
    summary: 'Forgets the tokens of the ChatGPT subscription.',
    permission: 'providers:admin',
    http: 'DELETE /codex/sign-in',
    cli: 'codex sign-out',
    confirm: 'Bots that use its models cannot answer until somebody signs in again.',
    examples: ['bnity codex sign-out --force'],
    input: z.strictObject({}),
    output: standing,
    async run() {
      await tokens.forget();
      return viewOf(tokens);
    },
  });
}

function status({ tokens }: CodexParts) {
  return defineAction({
    name: 'codex.status',
    summary: 'Tells whether somebody is signed in with a ChatGPT subscription.',
    permission: 'providers:read',
    http: 'GET /codex/sign-in',
    cli: 'codex status',
    examples: ['bnity codex status'],
    input: z.strictObject({}),
    output: standing,
    run: async () => viewOf(tokens),
  });
}

async function viewOf(tokens: Tokens): Promise<z.infer<typeof standing>> {
  if (!(await tokens.isThere())) return { signedIn: false, until: null };
  const endsAt = await tokens.endsAt();
  return { signedIn: true, until: endsAt === undefined ? null : new Date(endsAt).toISOString() };
}
