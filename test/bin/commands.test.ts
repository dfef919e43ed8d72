import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Command as Program } from 'commander';
import t from 'tap';
import { wordsOf } from '../../core/actions/example.ts';
import { addActionCommands } from '../../core/cli/action-commands.ts';
import { addBuiltIns, builtIns } from '../../core/cli/built-ins.ts';
import { withoutCommand } from '../../core/cli/command-table.ts';
import type { Terminal } from '../../core/cli/command.ts';
import type { Outfit } from '../../core/cli/outfit.ts';
import { addCommand, createProgram, parse } from '../../core/cli/program.ts';
import type { Client } from '../../core/ui/client.ts';
import { commands } from '../../plugins/commands.ts';
import { inParallel } from '../support/doors.ts';
import { guestConfig, guestPlugin } from '../support/probe-plugin.ts';
import { bnity, environment, launcher, startProduct, until } from '../support/product.ts';

t.setTimeout(120_000);

/** An action that says when it has begun, and then waits until it is stopped. */
const slowPlugin = `import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { defineAction, definePlugin, z } from 'boternity';

const wait = (home) => defineAction({
  name: 'probe.wait',
  summary: 'Waits.',
  permission: 'probe:use',
  http: 'POST /wait',
  cli: 'probe wait',
  input: z.strictObject({}),
  output: z.object({}),
  async run(_, { signal }) {
    await writeFile(path.join(home.path, 'waiting.txt'), 'yes');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return {};
  },
});

export default definePlugin({ name: 'slow', needs: ['home', 'actions'], setup: ({ home, actions }) => actions.add(wait(home)) });
`;

await using product = await startProduct({
  files: { 'plugins/slow/index.ts': slowPlugin, 'settings.yaml': 'plugins:\n  slow: true\n' },
});
const { actions: all } = await product.client.call('actions.list', {});
const actions = all.filter(({ name }) => !name.startsWith('probe.'));
const loaded = Object.fromEntries(
  await Promise.all(Object.entries(commands).map(async ([word, load]) => [word, await load()] as const)),
);
const outfit: Outfit = {
  standardPlugins: () => import('../../plugins/standard.ts'),
  commands: async () => ({ commands }),
};

/** What a parsed command line came to: an action with its input, or a command with what it was given. */
interface Meant {
  readonly action?: string;
  readonly input?: Record<string, unknown>;
  readonly command?: string;
}

/** The real command line, whose actions and commands tell what they would do instead of doing it. */
function createRecorder(written = ''): { program: Program; meant: Meant[]; printed: () => string } {
  const meant: Meant[] = [];
  let text = '';
  const stdin = new PassThrough();
  stdin.end(written);
  const out = { write: (some: string) => Boolean((text += some)), columns: 100 };
  const terminal = {
    stdin,
    stdout: out,
    stderr: out,
    isInteractive: false,
    isJson: true,
    signal: new AbortController().signal,
  } as unknown as Terminal;
  const call = async (action: string, input: Record<string, unknown>): Promise<unknown> => {
    meant.push({ action, input });
    return {};
  };
  const client = { url: '', call } as unknown as Client;
  const program = createProgram();
  addBuiltIns(program, outfit, terminal);
  for (const command of program.commands) command.action(() => void meant.push({ command: command.name() }));
  for (const [word, command] of Object.entries(loaded))
    addCommand(program, word, command, async () => {
      meant.push({ command: word });
      return 0;
    });
  addActionCommands(program, withoutCommand(actions, loaded), client, terminal);
  for (const command of leavesOf(program)) command.configureOutput({ writeOut: out.write });
  return { program, meant, printed: () => text };
}

/** Every command that can be run, not those that only group others. */
function leavesOf(program: Program): Program[] {
  return program.commands.flatMap((command) => [
    ...(command.commands.length === 0 || command.registeredArguments.length > 0 ? [command] : []),
    ...leavesOf(command),
  ]);
}

function wordsTo(command: Program): string[] {
  return command.parent?.parent ? [...wordsTo(command.parent), command.name()] : [command.name()];
}

/** The help of a command as it is printed, what is added after it included. */
async function helpOf(words: readonly string[]): Promise<string> {
  const { program, printed } = createRecorder();
  await parse(program, [...words, '--help']);
  return printed();
}

/** The command lines below "Examples:". */
function examplesIn(help: string): string[] {
  const [, text = ''] = help.split('\nExamples:\n');
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** What a shell would give to bnity; the line may feed it from elsewhere, or use what it prints. */
function argumentsIn(line: string): string[] {
  const [, from = ''] = /(?:^|[\s(])(bnity .*)$/.exec(line) ?? [];
  return wordsOf(from.replace(/\)"?$/, '')).slice(1);
}

const leaves = leavesOf(createRecorder().program).map(wordsTo);

await t.test(
  'CLII-01: every command tells with --help what it does, how it is used, --json, and examples',
  async (t) => {
    t.ok(leaves.length > actions.length, `saw ${leaves.length} commands`);
    for (const { name, cli } of actions.filter(({ doors }) => doors.includes('cli'))) {
      const words = (cli ?? '').split(' ').filter((part) => /^[a-z]/.test(part));
      t.ok(
        leaves.some((leaf) => leaf.join(' ') === words.join(' ')),
        `${name} is a command`,
      );
    }
    for (const words of leaves) {
      const line = words.join(' ');
      const help = await helpOf(words);
      t.match(help, `Usage: bnity ${line}`, line);
      t.match(help, /^Usage: .*\n\n[A-Z][^]*?[.]\n/, `${line} says what it does`);
      t.match(help, '--json', `${line} answers with JSON`);
      const examples = examplesIn(help);
      t.ok(examples.length > 0, `${line} has an example`);
      for (const example of examples)
        t.match(argumentsIn(example).join(' '), new RegExp(`^${line}( |$)`), `${example} is one of ${line}`);
    }
  },
);

await t.test('CLII-01: every example is understood, and what it says is an input that the action takes', async (t) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  let count = 0;
  for (const words of leaves) {
    for (const example of examplesIn(await helpOf(words))) {
      const { program, meant } = createRecorder('Text that was written.');
      const args = argumentsIn(example);
      await t.resolves(parse(program, /--force/.test(example) ? args : [...args, ...forceOf(words)]), example);
      const [first] = meant;
      t.ok(first, `${example} does something`);
      count += 1;
      if (first?.action === undefined) continue;
      const action = actions.find(({ name }) => name === first.action);
      const isTaken = ajv.compile(action?.input ?? false);
      t.ok(isTaken(first.input), `${example}: ${ajv.errorsText(isTaken.errors)}`);
      t.notMatch(JSON.stringify(first.input), /=\[\w+\]/, `${example} keeps its quotes in a shell`);
    }
  }
  t.ok(count >= leaves.length, `saw ${count} examples`);
});

/** What asks before it acts is told not to: here is nobody to ask. */
function forceOf(words: readonly string[]): string[] {
  const action = actions.find(
    ({ cli }) =>
      (cli ?? '')
        .split(' ')
        .filter((part) => /^[a-z]/.test(part))
        .join(' ') === words.join(' '),
  );
  return action?.confirm ? ['--force'] : [];
}

await t.test('--help is answered by the real program, with a server and by what needs none', async (t) => {
  const nouns = [...new Set(leaves.filter(({ length }) => length > 1).map(([noun = '']) => noun))].slice(0, 4);
  const lines = [
    [],
    ['help'],
    ...builtIns.map((word) => [word]),
    ...Object.keys(commands).map((name) => name.split(' ')),
    ...nouns.map((noun) => [noun]),
    ['create'],
  ];
  const ran = await inParallel(lines, 4, async (words) => ({
    words,
    ...(await bnity([...words, ...(words[0] === 'help' ? [] : ['--help'])], { env: { BOTERNITY_HOME: product.home } })),
  }));
  for (const { words, code, stdout, stderr } of ran) {
    t.equal(code, 0, `${words.join(' ')} ${stderr}`);
    t.match(stdout, `Usage: bnity ${words[0] === 'help' ? '' : words.join(' ')}`);
    t.notMatch(stdout, 'settingss');
  }
  for (const word of ['chat', 'doctor', 'completion', 'provider']) t.match(ran[0]?.stdout, `\n  ${word}`);
});

await t.test(
  'CLII-01: exit codes 0 to 5 and 130; with --json the complaint is JSON and nothing else is printed',
  async (t) => {
    await using closed = await startProduct({
      files: { 'boternity.config.ts': guestConfig, 'plugins/guest/index.ts': guestPlugin, 'grants.json': '[]' },
    });
    await product.files.write('bots/broken/bot.yaml', 'status: 7\n');
    await product.files.write('bots/broken/SOUL.md', 'x\n');
    await until('the broken bot is seen', async () => !(await product.client.call('bots.check', {})).ok);
    const cases: [number, string, string[], typeof product][] = [
      [0, '', ['list'], product],
      [1, 'BOT_EXISTS', ['create', 'Again', '--slug', 'assistant'], product],
      [2, 'USAGE_WRONG', ['list', '--no-such-flag'], product],
      [2, 'USAGE_WRONG', ['no-such-command'], product],
      [2, 'USAGE_WRONG', ['show'], product],
      [2, 'USAGE_WRONG', ['delete', 'assistant'], product],
      [3, 'BOT_MISSING', ['show', 'nobody'], product],
      [4, 'CALLER_DENIED', ['list'], closed],
      [5, 'INPUT_INVALID', ['configure', 'assistant', '--temperature', 'hot'], product],
      [5, '', ['check'], product],
    ];
    const ran = await inParallel(cases, 4, async ([code, fault, words, where]) => ({
      code,
      fault,
      words,
      ran: await where.cli([...words, '--json']),
    }));
    for (const { code, fault, words, ran: got } of ran) {
      t.equal(got.code, code, `${words.join(' ')} ${got.stderr}`);
      if (fault === '') t.ok(JSON.parse(got.stdout));
      else {
        t.equal(got.stdout, '', words.join(' '));
        const { errors } = JSON.parse(got.stderr) as { errors: { code: string; message: string; hint: string }[] };
        t.match(errors, [{ code: fault, message: /./, hint: /./ }], words.join(' '));
      }
    }
    const child = spawn(process.execPath, [launcher, 'probe', 'wait', '--home', product.home], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closedChild = once(child, 'close');
    await until('the action has begun', () => product.files.read('waiting.txt'), 20_000);
    child.kill('SIGINT');
    t.strictSame(await closedChild, [130, null], 'Ctrl+C');
    t.equal((await bnity(['completion', 'bash', '--json'])).code, 0);
  },
);
