import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import t from 'tap';
import { parseYaml } from '../core/files/yaml.ts';
import { bnity, startProduct, temporaryFolder } from './support/product.ts';

t.setTimeout(120_000);

const root = path.resolve(import.meta.dirname, '..');
const read = (name: string): Promise<string> => readFile(path.join(root, name), 'utf8');
const text = await read('Dockerfile');
const { version } = JSON.parse(await read('package.json')) as { version: string };

interface Step {
  readonly keyword: string;
  /** What stands behind the keyword, lines joined. */
  readonly words: string;
}

/** The steps of each stage, as the parser reads them. */
function stagesOf(dockerfile: string): Step[][] {
  const stages: Step[][] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = instruction.getKeyword();
    const words = instruction.getRawArgumentsContent()?.replaceAll(/\\\n\s*/g, '') ?? '';
    if (keyword === 'FROM') stages.push([]);
    stages.at(-1)?.push({ keyword, words });
  }
  return stages;
}

const stages = stagesOf(text);
const [build = [], final = []] = stages;
const wordsOf = (stage: readonly Step[], keyword: string): string[] =>
  stage.flatMap((step) => (step.keyword === keyword ? [step.words] : []));

await t.test('a linter of Dockerfiles has nothing to say', async (t) => {
  t.strictSame(validate(text), []);
  t.not(validate('FROM node\nRUM x\n').length, 0, 'it would say it');
});

await t.test('what is copied is there, and is the packed product', async (t) => {
  t.equal(stages.length, 2);
  const [copied = ''] = wordsOf(build, 'COPY');
  const [source = '', target = ''] = copied.split(/\s+/);
  t.ok(path.matchesGlob(`dist/boternity-${version}.tgz`, source), 'npm run package makes it');
  t.notOk(path.matchesGlob(`dist/create-boternity-${version}.tgz`, source), 'and nothing else');
  t.strictSame((await read('.dockerignore')).split('\n').slice(1, 3), ['*', `!${source}`]);
  const [install = ''] = wordsOf(build, 'RUN');
  t.ok(
    install.includes(path.posix.resolve(wordsOf(build, 'WORKDIR')[0] ?? '', target)),
    'npm installs what was copied',
  );
  t.match(install, /--prefix \/app .*--omit=dev --ignore-scripts/);
  t.match(text, /^COPY --from=build \/app \/app$/m, 'where npm put it');
  t.match(wordsOf(final, 'ENV')[0], 'PATH=/app/node_modules/.bin:');
});

await t.test('it runs as nobody special, with what bots need, and says how it is', async (t) => {
  for (const [image = ''] of stages.map((stage) => wordsOf(stage, 'FROM')))
    t.match(image, /^node:24-slim( AS build)?$/);
  const [user = ''] = wordsOf(final, 'USER');
  t.equal(user, '1000:1000');
  const afterUser = final.slice(final.findIndex(({ keyword }) => keyword === 'USER'));
  t.notOk(
    afterUser.some(({ keyword }) => keyword === 'RUN'),
    'nothing is installed by that user',
  );
  for (const name of ['git', 'tini', 'bubblewrap', 'ca-certificates']) t.match(wordsOf(final, 'RUN')[0], ` ${name} `);
  t.match(wordsOf(final, 'RUN')[0], /--no-install-recommends .*rm -rf \/var\/lib\/apt\/lists/);
  t.strictSame(wordsOf(final, 'VOLUME'), ['["/data"]']);
  t.match(wordsOf(final, 'ENV')[0], 'BOTERNITY_HOME=/data ');
  t.strictSame(wordsOf(final, 'ENTRYPOINT'), ['["tini", "--"]']);
  t.notMatch(text, /ADD |latest|sudo|curl/);
});

await t.test('compose builds it, keeps the home, and opens it to this machine alone', async (t) => {
  const { services, volumes } = parseYaml(await read('compose.yaml')) as {
    services: Record<string, Record<string, unknown>>;
    volumes: Record<string, unknown>;
  };
  t.match(services, {
    boternity: {
      build: '.',
      ports: ['127.0.0.1:4242:4242'],
      volumes: ['home:/data'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    },
  });
  t.ok('home' in volumes);
  const known = new Set(
    'build image restart ports volumes environment cap_drop security_opt stop_grace_period'.split(' '),
  );
  t.strictSame(
    Object.keys(services['boternity'] ?? {}).filter((key) => !known.has(key)),
    [],
  );
});

await t.test(
  'the command of the image: refused without an owner, then it runs, and the health check tells',
  async (t) => {
    await using folder = await temporaryFolder();
    const command = JSON.parse(wordsOf(final, 'CMD')[0] ?? '[]') as string[];
    t.strictSame(command, ['bnity', 'serve', '--host', '0.0.0.0', '--port', '4242']);
    const args = [...command.slice(2, -1), '0'];
    const env = { BOTERNITY_HOME: folder.path };
    const refused = await bnity(['serve', ...args], { env });
    t.match(refused, { code: 1, stderr: /before there is an owner account[^]*bnity account create/ });

    const owner = ['account', 'create', '--name', 'Ada', '--email', 'ada@example.com'];
    t.match(await bnity(owner, { env, input: 'too short\n' }), { code: 5, stderr: /password/ });
    t.match(await bnity(owner.slice(0, 4), { env, input: 'x' }), { code: 2, stderr: /--email is missing/ });
    const made = await bnity(owner, { env, input: 'correct horse battery\n' });
    t.match(made, { code: 0, stdout: 'Ada <ada@example.com> owns this home now.\n' });
    t.match(await bnity(owner, { env, input: 'correct horse battery\n' }), { code: 1, stderr: /ACCOUNT_EXISTS/ });

    await using product = await startProduct({ home: folder.path, args });
    const port = new URL(product.url).port;
    const body = JSON.stringify({ email: 'ada@example.com', password: 'correct horse battery' });
    const headers = { 'content-type': 'application/json' };
    const signedIn = await fetch(`http://localhost:${port}/api/v1/sign-in`, { method: 'POST', headers, body });
    t.equal(signedIn.status, 200, 'the owner signs in, by whatever port the container is reached');
    const [check = ''] = wordsOf(final, 'HEALTHCHECK');
    const [, ...words] = JSON.parse(check.slice(check.indexOf('['))) as string[];
    const isWell = (): number | null =>
      spawnSync(
        process.execPath,
        words.map((word) => word.replace('4242', port)),
      ).status;
    t.equal(isWell(), 0);
    await product.stop();
    t.equal(isWell(), 1);
  },
);
