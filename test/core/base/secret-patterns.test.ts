import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { findSecrets } from '../../../core/base/secret-patterns.ts';
import { convertRules, toJavaScript } from '../../../tools/secret-patterns.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Characters that follow each other without order, the same ones every time. */
function random(
  length: number,
  alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  seed = 7,
): string {
  let state = seed;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return alphabet[Math.floor((state / 2_147_483_648) * alphabet.length)];
  }).join('');
}

const hex = '0123456789abcdef';
const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Put together here, so that no file of this repository holds anything that looks like a key. */
const secrets: Readonly<Record<string, string>> = {
  'aws-access-token': `AKIA${random(16, capitals)}`,
  'github-pat': `ghp_${random(36)}`,
  'gitlab-pat': `glpat-${random(20)}`,
  'slack-bot-token': `xoxb-${random(12, '0123456789')}-${random(12, '0123456789')}${random(24)}`,
  'stripe-access-token': `sk_live_${random(24)}`,
  'anthropic-api-key': `sk-ant-api03-${random(93)}AA`,
  'openai-api-key': `sk-${random(20)}T3BlbkFJ${random(20)}`,
  'gcp-api-key': `AIza${random(35)}`,
  'npm-access-token': `npm_${random(36, `${hex}ghijklmnop`)}`,
  'private-key': `${'-'.repeat(5)}BEGIN RSA PRIVATE KEY-----\n${random(64)}\n${random(64)}\n-----END RSA PRIVATE KEY-----`,
  jwt: `eyJ${random(30)}.eyJ${random(40)}.${random(43)}`,
};

await t.test('the shipped rules are those of the file they come from, all 222', async (t) => {
  const toml = await readFile(path.join(root, 'test/fixtures/secrets/gitleaks.toml'), 'utf8');
  const shipped = await readFile(path.join(root, 'core/base/secret-patterns.json'), 'utf8');
  t.ok(isDeepStrictEqual(JSON.parse(convertRules(toml)), JSON.parse(shipped)), 'run: node tools/secret-patterns.ts');
  const { rules, licence } = JSON.parse(shipped) as { rules: unknown[]; licence: string };
  t.equal(rules.length, 222);
  t.match(licence, /MIT License/);
});

await t.test('flags in the middle of an expression end where its group or alternative does', (t) => {
  const same = (re2: string, text: string, isMatch: boolean): unknown =>
    t.equal(new RegExp(toJavaScript(re2)).test(text), isMatch, `${re2} on ${JSON.stringify(text)}`);
  same('^(?i)ab$', 'AB', true);
  same('^a(?i)b|c$', 'aB', true);
  same('^a(?i)b|c$', 'Ab', false);
  same('^a(?i)b|c$', 'C', true);
  same('^(?:a(?i)b)c$', 'aBc', true);
  same('^(?:a(?i)b)c$', 'aBC', false);
  same('^[[:alnum:](|]+\\z', 'a(1', true);
  same('^(?P<name>x)(?s:.)$', 'x\n', true);
  t.end();
});

await t.test(
  'keys of well-known services are found, with rule, line and column, and without their value',
  async (t) => {
    for (const [rule, secret] of Object.entries(secrets)) {
      const text = `# settings\nname: me\n  value = "${secret}"\n`;
      const { found, isComplete } = await findSecrets(text);
      t.match(found, [{ rule, line: 3, column: 12 }], rule);
      t.equal(found.length, 1, `${rule} once: ${found.map((each) => each.rule).join(', ')}`);
      t.equal(text.slice(found[0]?.start, found[0]?.end), secret);
      t.ok(isComplete);
      t.notMatch(JSON.stringify(found), secret.slice(0, 20));
    }
  },
);

await t.test('assignments to names like password are found by their disorder', async (t) => {
  const found = async (text: string): Promise<number> => (await findSecrets(text)).found.length;
  t.equal(await found(`db_password = "${random(24)}"`), 1);
  t.equal(await found('db_password = "xxxxxxxxxxxxxxxxxxxxxxxx"'), 0);
  t.equal(await found(`rapid_access_key = "abcdefghijklmnopqrstuvwxyz"`), 0, 'words that say that it is none');
  t.equal(await found('api_key: ${{ secrets.API_KEY }}'), 0, 'a reference is no secret');
  t.equal(await found('key_env: OPENAI_API_KEY'), 0);
});

await t.test('what the path says counts', async (t) => {
  const found = async (text: string, path: string): Promise<number> => (await findSecrets(text, { path })).found.length;
  t.equal(await found('', 'certificates/server.p12'), 1);
  const key = `AKIA${random(16, capitals)}`;
  t.equal(await found(key, 'notes.md'), 1);
  t.equal(await found(key, 'package-lock.json'), 0);
});

await t.test('the texts of this repository hold none', async (t) => {
  let files = 0;
  for await (const file of glob(['docs/**/*.md', '*.md', 'bots/**/*', 'core/**/*.ts', 'plugins/**/*.ts'], {
    cwd: root,
  })) {
    const text = await readFile(path.join(root, file), 'utf8').catch(() => '');
    t.strictSame((await findSecrets(text, { path: file })).found, [], file);
    files += 1;
  }
  t.ok(files > 100);
});

await t.test('a long text is searched whole, also where its pieces meet', async (t) => {
  const key = secrets['github-pat'] ?? '';
  const word = 'lorem ipsum ';
  for (const at of [0, 57_300, 57_344, 65_490, 65_530, 65_536, 180_000]) {
    const text = `${word.repeat(20_000).slice(0, at)} ${key} ${word.repeat(1000)}`;
    const { found } = await findSecrets(text);
    t.match(found, [{ rule: 'github-pat', start: at + 1 }], String(at));
    t.equal(found.length, 1);
  }
});

await t.test('a hostile text takes no longer than it may, and others get their turn meanwhile', async (t) => {
  const hostile = `${'api.key-token_'.repeat(100_000)} kind: secret ${'data:\n '.repeat(50_000)}`;
  let turns = 0;
  const beat = setInterval(() => (turns += 1), 0);
  const whole = await findSecrets(hostile, { budgetMs: 60_000 });
  clearInterval(beat);
  t.ok(whole.isComplete);
  t.ok(turns > 0, `${turns} turns of others`);
  const short = await findSecrets(hostile, { budgetMs: 0 });
  t.notOk(short.isComplete, 'and says when it has not seen all');

  const many = await findSecrets(`${secrets['github-pat']}\n`.repeat(1_000));
  t.equal(many.found.length, 200, 'nobody reads more');
  t.notOk(many.isComplete);
});
