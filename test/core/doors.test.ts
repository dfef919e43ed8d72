import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { ActionView } from '../../core/server/list-actions.ts';
import { doorCases, type DoorCase } from '../support/door-cases.ts';
import { agentCases } from '../support/door-cases-agents.ts';
import { fileCases } from '../support/door-cases-files.ts';
import { codexCases, codexSettings } from '../support/door-cases-codex.ts';
import { dashboardCases } from '../support/door-cases-dashboard.ts';
import { embedderCases, startSentenceServer } from '../support/door-cases-embedders.ts';
import { memoryCases } from '../support/door-cases-memory.ts';
import { sharedMemoryCases } from '../support/door-cases-shared-memory.ts';
import { localCases, startModelServer } from '../support/door-cases-local.ts';
import { notificationCases, pushSettings, startPushService } from '../support/door-cases-notifications.ts';
import { logCases, updateCases } from '../support/door-cases-logs.ts';
import { searchCases } from '../support/door-cases-search.ts';
import { signInCases } from '../support/door-cases-sign-in.ts';
import { doctorCases } from '../support/door-cases-doctor.ts';
import { skillCases } from '../support/door-cases-skills.ts';
import { storageCases } from '../support/door-cases-storage.ts';
import { toolCases } from '../support/door-cases-tools.ts';
import { startDoorSite, webCases, webSettings } from '../support/door-cases-web.ts';
import { Contract, inParallel, throughCli, throughHttp, type Answer } from '../support/doors.ts';
import { startEmbeddingService } from '../support/embedding-service.ts';
import { startIdentityService } from '../support/identity-service.ts';
import { maskPlugin, probePlugin } from '../support/probe-plugin.ts';
import { often } from '../support/often.ts';
import { startProduct, type Product, type Ran } from '../support/product.ts';

/** How many commands run side by side. */
const AT_ONCE = 6;

await using site = await startDoorSite();
await using modelServer = await startModelServer();
await using embeddings = await startEmbeddingService();
await using sentenceServer = await startSentenceServer();
await using identity = await startIdentityService();
await using pushService = await startPushService();
const cases: Readonly<Record<string, DoorCase>> = {
  ...doorCases,
  ...fileCases,
  ...agentCases,
  ...searchCases,
  ...logCases,
  ...updateCases,
  ...dashboardCases,
  ...signInCases,
  ...doctorCases,
  ...skillCases,
  ...webCases(site),
  ...toolCases,
  ...memoryCases,
  ...sharedMemoryCases,
  ...storageCases,
  ...localCases(modelServer),
  ...embedderCases(embeddings, sentenceServer),
  ...codexCases(identity),
  ...notificationCases(pushService),
  'probe.count': {
    wrong: { to: 0 },
    right: { to: 3 },
    prepare: async (_product, door) => ({ to: door === 'http' ? 3 : 4 }),
    check: async ({ t, product, input, output }) => {
      t.strictSame(output, { counted: input.to });
      t.match(await product.files.read('counted.txt'), `owner ${String(input.to)}\n`);
    },
  },
  'probe.wait': {
    wrong: { ms: -1 },
    right: { ms: 1 },
    check: ({ t, output }) => t.strictSame(output, { waited: 1 }),
  },
  'probe.loose': {
    wrong: { mark: 'z' },
    right: { mark: 'x' },
    check: ({ t, output }) => t.strictSame(output, { done: true }),
  },
};

t.setTimeout(400_000);

await using owned = await startProduct({
  files: {
    'boternity.config.ts':
      "import { defineConfig } from 'boternity';\nexport default defineConfig({ model: 'demo' });\n",
    'plugins/probe/index.ts': probePlugin,
    // The demo is slow, so that there is something to stop.
    'settings.yaml': `# Settings of this server\nplugins:\n  probe: true\n  demo: { delayMs: 100 }\n  web-tools: ${webSettings(site)}\n  codex: ${codexSettings(identity)}\n  notifications: ${pushSettings(pushService)}\n`,
  },
});
await using closed = await startProduct({
  files: {
    'plugins/mask/index.ts': maskPlugin,
    'plugins/probe/index.ts': probePlugin,
    'grants.json': '["*"]',
    'settings.yaml': 'plugins:\n  mask: true\n  probe: true\n',
  },
});
const { actions: all } = await owned.client.call('actions.list', {});
// What only bots may call is tried by the tests of their tools.
const actions = all.filter(({ doors }) => doors.join() !== 'bot');
const tried = actions.filter((action) => cases[action.name]);
const contract = await Contract.of(owned);

await t.test('every registered action has a case here, and every case an action', (t) => {
  const names = actions.map((action) => action.name).toSorted();
  t.strictSame(names, Object.keys(cases).toSorted());
  t.ok(names.length > 25, 'and the walk has seen them');
  for (const { name, http, cli, doors } of actions) {
    t.ok(http && doors.includes('http'), `${name} can be called over HTTP`);
    t.ok(cli && doors.includes('cli'), `${name} can be called at the terminal`);
  }
  t.end();
});

await t.test('what changes something needs more than the right to read, what only looks needs no more', (t) => {
  for (const { name, http, permission } of actions.filter(({ name }) => !name.startsWith('probe.'))) {
    const right = permission === '*' ? 'admin' : permission.split(':')[1];
    // What the doctor sees, and would write, and what stands in the log, is for whoever runs the server.
    if (name === 'doctor.plan' || name === 'logs.list') t.equal(right, 'admin');
    else if (http?.startsWith('GET ')) t.ok(right === 'read' || right === 'use', `${name} needs ${permission}`);
    else t.ok(right === 'write' || right === 'use' || right === 'admin', `${name} needs ${permission}`);
  }
  t.end();
});

await t.test('a wrong input is refused alike at both doors, says which field, and changes nothing', async (t) => {
  const before = await snapshot(owned);
  const typed = new Set(tried.filter((_, at) => at % often(1, 4) === 0));
  const refusals = await inParallel(tried, AT_ONCE, async (action) => ({
    action,
    http: await throughHttp(owned, action, caseOf(action).wrong),
    // Each costs a process, and the terminal only passes on what HTTP says.
    cli: typed.has(action) ? await throughCli(owned, action, caseOf(action).wrong) : undefined,
  }));
  for (const { action, http, cli } of refusals) {
    await t.test(action.name, (t) => {
      const [error] = http.body.errors;
      t.equal(http.status, 422, error?.message ?? '');
      t.equal(http.body.data, null);
      t.equal(contract.problems(action, http), '', 'as published');
      t.ok(error?.details?.length, 'the fields are named');
      t.ok(error?.hint, 'and what to do');
      if (!cli) return t.end();
      const isFlag = 'nonsense' in caseOf(action).wrong;
      t.equal(cli.code, isFlag ? 2 : 5, cli.stderr);
      t.equal(errorOf(cli).code, isFlag ? 'USAGE_WRONG' : error?.code, 'the same code');
      t.equal(cli.stdout, '');
      return t.end();
    });
  }
  t.strictSame(await snapshot(owned), before, 'nothing on disk has changed');
});

await t.test('a caller without grants is denied before anything of the input is looked at', async (t) => {
  await grant();
  const before = await snapshot(closed);
  const denials = await inParallel(tried, AT_ONCE, async (action) => ({
    action,
    http: await throughHttp(closed, action, caseOf(action).right),
    probing: await throughHttp(closed, action, caseOf(action).wrong),
  }));
  for (const { action, http, probing } of denials) {
    await t.test(action.name, (t) => {
      assertDenied(t, action, http);
      assertDenied(t, action, probing);
      t.strictSame(probing.body.errors, http.body.errors, 'a wrong input learns nothing more');
      t.end();
    });
  }
  t.strictSame(await snapshot(closed), before, 'nothing on disk has changed');
});

await t.test('a caller who may only look around is denied at the terminal by the action itself', async (t) => {
  await grant('server:read');
  // Each costs a process; the doors deny all of them over HTTP above.
  const others = tried.filter((action, at) => action.permission !== 'server:read' && at % often(1, 4) === 0);
  const denials = await inParallel(others, AT_ONCE, (action) => throughCli(closed, action, caseOf(action).right));
  for (const [index, { name, permission }] of others.entries()) {
    const error = errorOf(denials[index]);
    t.equal(denials[index]?.code, 4, name);
    t.match(error.message, `needs the grant ${permission}`, name);
    t.match(error.message, name);
  }
});

await t.test('a grant for one bot covers that bot alone, whatever else is sent along', async (t) => {
  await grant('bots:read@assistant');
  const show = tried.find((action) => action.name === 'bots.show');
  const loose = tried.find((action) => action.name === 'probe.loose');
  if (!show || !loose) throw new Error('The actions are gone.');
  t.equal((await throughHttp(closed, show, { bot: 'assistant' })).status, 200);
  t.equal((await throughHttp(closed, show, { bot: 'other' })).status, 403);
  const smuggled = await throughHttp(closed, loose, { bot: 'assistant' });
  t.equal(smuggled.status, 403, 'an action that knows no bot is not covered by naming one');
});

await t.test('a success is the same at both doors, as published, and has its effect', async (t) => {
  const tryOut = async (action: ActionView) => {
    const { prepare, right } = caseOf(action);
    const prepareFor = async (door: 'http' | 'cli') => (prepare ? prepare(owned, door) : right);
    const overHttp = await prepareFor('http');
    const http = await throughHttp(owned, action, overHttp);
    const typed = await prepareFor('cli');
    return { action, overHttp, http, typed, cli: await throughCli(owned, action, typed) };
  };
  // There is one sign-in with Codex at a time.
  const isAlone = ({ name }: ActionView): boolean => name.startsWith('codex.');
  const successes = [
    ...(await inParallel(tried.filter(isAlone), 1, tryOut)),
    ...(await inParallel(
      tried.filter((action) => !isAlone(action)),
      AT_ONCE,
      tryOut,
    )),
  ];
  for (const { action, overHttp, http, typed, cli } of successes) {
    await t.test(action.name, async (t) => {
      const { check } = caseOf(action);
      t.equal(contract.problems(action, http), '', 'the answer is as published');
      if (http.status >= 300) throw new Error(http.body.errors[0]?.message);
      const output = http.body.data as Record<string, unknown>;
      await check({ t, product: owned, door: 'http', input: overHttp, output });
      t.equal(cli.code, 0, cli.stderr);
      if (cli.code !== 0) throw new Error(cli.stderr);
      const data = JSON.parse(cli.stdout) as Record<string, unknown>;
      t.equal(contract.dataProblems(action, http.status, data), '', 'the same data at the terminal');
      await check({ t, product: owned, door: 'cli', input: typed, output: data });
    });
  }
});

await t.test('without a server the terminal gives the same answers from inside its own process', async (t) => {
  await closed.stop();
  await closed.files.write('settings.yaml', '# nothing\n');
  const created = (await closed.cliJson(['create', 'Grace'])) as { slug: string; folder: string };
  t.match(await readFile(path.join(created.folder, 'SOUL.md'), 'utf8'), 'Grace');
  t.match(await closed.cliJson(['list']), { bots: [{ slug: 'assistant' }, { slug: 'grace' }] });
  const unknown = await closed.cli(['show', 'nobody', '--json']);
  t.equal(unknown.code, 3);
  t.equal(errorOf(unknown).code, 'BOT_MISSING');
  t.equal(await closed.files.read('.boternity/server.json'), undefined, 'and frees the home');
});

function caseOf(action: ActionView): DoorCase {
  const found = cases[action.name];
  if (!found) throw new Error(`There is no case for ${action.name}.`);
  return found;
}

async function grant(...grants: string[]): Promise<void> {
  await closed.files.write('grants.json', JSON.stringify(grants));
}

function assertDenied(t: Test, action: ActionView, { status, body }: Answer): void {
  const [error] = body.errors;
  t.equal(status, 403, error?.message ?? '');
  t.equal(error?.code, 'CALLER_DENIED');
  t.match(error?.message, action.permission, 'the grant that is missing is named');
  t.equal(error?.details, undefined, 'and nothing of the form');
  t.equal(body.data, null);
}

function errorOf(ran: Ran | undefined): { code: string; message: string } {
  try {
    const { errors } = JSON.parse(ran?.stderr ?? '') as { errors: { code: string; message: string }[] };
    return errors[0] ?? { code: 'none', message: '' };
  } catch {
    return { code: 'not JSON', message: ran?.stderr ?? '' };
  }
}

/** Digests of all files of a home but the log and the cache. */
async function snapshot(product: Product): Promise<Record<string, string>> {
  const entries = await readdir(product.home, { recursive: true, withFileTypes: true });
  const files = entries
    .filter(
      (entry) =>
        entry.isFile() && !/\/\.boternity\/(logs|cache)$/.test(entry.parentPath) && entry.name !== 'grants.json',
    )
    .map((entry) => path.join(entry.parentPath, entry.name));
  const digests = await Promise.all(
    files.map(
      async (file) =>
        [
          file,
          createHash('sha256')
            .update(await readFile(file))
            .digest('hex'),
        ] as const,
    ),
  );
  return Object.fromEntries(digests.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
