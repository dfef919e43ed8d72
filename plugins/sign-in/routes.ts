import { credentialsOf, Fault, z, type Route, type RouteCall, type RouteDescription } from 'boternity';
import { personEmail, personName } from './accounts.ts';
import * as describe from './describe.ts';
import { addressKey } from './limiter.ts';
import { newPassword } from './passwords.ts';
import type { SignIn } from './service.ts';

/** A cookie outlives no session: 90 days, in seconds. */
const COOKIE_SECONDS = 90 * 24 * 60 * 60;
/** Anybody may send these bodies, so they are small: a name, an address, a password. */
const BODY_BYTES = 16 * 1024;

const signInBody = z.strictObject({ email: z.string().max(300), password: z.string().max(5_000) });
const lookBody = z.strictObject({ token: z.string().max(200) });
const setupBody = lookBody.extend({ name: personName, email: personEmail, password: newPassword });

/** The ways in and out of the page. They are for everybody, so each checks for itself what it needs. */
export function signInRoutes(signIn: SignIn): Route[] {
  const route = (
    method: Route['method'],
    path: string,
    describe: RouteDescription,
    handle: Route['handle'],
  ): Route => ({ method, path: `/api/v1${path}`, permission: 'anyone', describe, handle });
  return [
    route('GET', '/me', describe.me, (call) => tellMe(signIn, call)),
    route('GET', '/sign-in', describe.signIn, (call) => call.answer({ account: signIn.accounts.state })),
    route('POST', '/sign-in', describe.enter(signInBody), (call) => enter(signIn, call)),
    route('POST', '/sign-out', describe.leave, (call) => leave(signIn, call)),
    route('POST', '/setup/look', describe.look(lookBody), (call) => lookAtLink(signIn, call)),
    route('POST', '/setup', describe.setUp(setupBody), (call) => setUp(signIn, call)),
  ];
}

async function tellMe(signIn: SignIn, call: RouteCall): Promise<void> {
  const caller = await call.identify();
  const { kind, name, email = null, grants } = caller;
  call.answer({ kind, name, email, grants, by: signIn.originOf(caller)?.kind ?? null });
}

async function enter(signIn: SignIn, call: RouteCall): Promise<void> {
  const { accounts, attempts } = signIn;
  const { email, password } = await bodyOf(call, signInBody);
  const request = credentialsOf(call.request);
  const address = addressKey(signIn.checks.addressOf(request));
  const account = email.trim().toLowerCase();
  accounts.require();
  attempts.byAddress.assertMayTry(address);
  attempts.byAccount.assertMayTry(account);
  attempts.byAddress.count(address);
  attempts.byAccount.count(account);
  if (!(await accounts.verify(email, password))) {
    throw new Fault('SIGN_IN_FAILED', 'There is no account with this e-mail and this password.');
  }
  attempts.byAddress.forgive(address);
  attempts.byAccount.forgive(account);
  await letIn(signIn, call, 200);
}

async function leave(signIn: SignIn, call: RouteCall): Promise<void> {
  const caller = signIn.identify(credentialsOf(call.request));
  const origin = caller && signIn.originOf(caller);
  if (origin?.kind === 'session') await signIn.sessions.book.revoke(({ id }) => id === origin.session.id);
  call.answer({ signedOut: true }, { headers: { 'set-cookie': cookieOf(signIn, call, '', 0) } });
}

async function lookAtLink({ accounts, setup }: SignIn, call: RouteCall): Promise<void> {
  const { token } = await bodyOf(call, lookBody);
  const expiresAt = setup.look(token);
  const { owner } = accounts;
  call.answer({ isNew: accounts.state === 'none', name: owner?.name ?? '', email: owner?.email ?? '', expiresAt });
}

async function setUp(signIn: SignIn, call: RouteCall): Promise<void> {
  const { token, ...account } = await bodyOf(call, setupBody);
  await signIn.setup.use(token);
  await signIn.accounts.create(account);
  await signIn.sessions.book.revoke(() => true);
  await letIn(signIn, call, 201);
}

/** Begins a session with a secret that nobody has seen; the one that came along, if any, ends. */
async function letIn(signIn: SignIn, call: RouteCall, status: number): Promise<void> {
  const { sessions, checks, accounts } = signIn;
  const request = credentialsOf(call.request);
  const address = checks.addressOf(request);
  const old = sessions.find(signIn.cookieOf(request) ?? '', address)?.entry.id;
  await sessions.book.revoke(({ id }) => id === old);
  const userAgent = String(request.headers['user-agent'] ?? '');
  const { secret } = await sessions.begin({ userAgent, address });
  const { name, email } = accounts.require();
  const headers = { 'set-cookie': cookieOf(signIn, call, secret, COOKIE_SECONDS) };
  call.answer({ name, email }, { status, headers });
}

/** Strict is enough for links from elsewhere too: they load the page, and the page's own requests carry the cookie. */
function cookieOf({ cookie, checks, reach }: SignIn, call: RouteCall, secret: string, seconds: number): string {
  const parts = [
    `${cookie}=${secret}`,
    `Path=${reach.basePath || '/'}`,
    `Max-Age=${seconds}`,
    'HttpOnly',
    'SameSite=Strict',
  ];
  return [...parts, ...(checks.isSecure(credentialsOf(call.request)) ? ['Secure'] : [])].join('; ');
}

async function bodyOf<Schema extends z.ZodType>(call: RouteCall, schema: Schema): Promise<z.output<Schema>> {
  const checked = schema.safeParse(await call.json(BODY_BYTES));
  if (checked.success) return checked.data;
  const details = checked.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const [first] = details;
  throw new Fault('INPUT_INVALID', `This cannot be used. ${first?.path ?? ''}: ${first?.message ?? ''}`, { details });
}
