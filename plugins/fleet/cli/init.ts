import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { defineOfflineCommand, Fault, initHome, nearest, writeAtomically, type Terminal } from 'boternity';
import { FIRST_BOT, type FirstBot } from '../first-bot.ts';
import { describeTemplates, type Template } from '../templates.ts';

const STANDARD = 'assistant';

/** `bnity init [folder]`: a home with a first bot, made before any server runs. */
export const init = defineOfflineCommand({
  isOffline: true,
  summary: 'Makes a home folder: settings, places for plugins and skills, and a first bot.',
  usage: '[folder]',
  flags: [
    { flag: '--yes', description: 'ask nothing and take what is usual' },
    { flag: '--template <template>', description: 'what the first bot is made from; assistant when absent' },
    { flag: '--name <name>', description: 'what the first bot is called' },
  ],
  examples: ['bnity init', 'bnity init ~/fleet --yes', 'bnity init ~/fleet --template researcher --name Ada'],
  async run({ args: [folder = '.'], flags, connect, terminal }) {
    const { stdout, isJson, isInteractive } = terminal;
    const home = path.resolve(folder);
    if (existsSync(path.join(home, '.boternity'))) {
      const sentence = `${home} is a home already: everything was there, and nothing was touched.`;
      stdout.write(isJson ? `${JSON.stringify({ home, made: [], bot: null })}\n` : `${sentence}\n`);
      return 0;
    }
    const templates = await describeTemplates();
    const isAsked = isInteractive && !isJson && flags.yes !== true;
    const wish = wishIn(flags, templates);
    const first = isAsked ? await ask(wish, templates, terminal) : { ...usual(wish.template ?? STANDARD), ...wish };
    const made = await initHome(home, { withConfig: true });
    await writeAtomically(path.join(home, FIRST_BOT), JSON.stringify(first));
    await using connected = await connect(home);
    const { bots } = await connected.client.call('bots.list', { limit: 1 });
    const bot = bots[0] ?? null;
    stdout.write(isJson ? `${JSON.stringify({ home, made, bot })}\n` : wordsFor(home, made, bot, process.env));
    return 0;
  },
});

type Wish = Partial<FirstBot>;

function wishIn({ name, template }: Readonly<Record<string, unknown>>, templates: readonly Template[]): Wish {
  if (typeof name === 'string' && (name.trim() === '' || name.length > 100))
    throw new Fault('USAGE_WRONG', 'The name of a bot has 1 to 100 characters.');
  return {
    ...(typeof name === 'string' && { name: name.trim() }),
    ...(typeof template === 'string' && { template: templateNamed(template, templates) }),
  };
}

function templateNamed(name: string, templates: readonly Template[]): string {
  const names = templates.map((each) => each.name);
  if (names.includes(name)) return name;
  const meant = nearest(name, names);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  throw new Fault('TEMPLATE_MISSING', `There is no template "${name}". There are: ${names.join(', ')}.${hint}`);
}

/** A bot is called as its template is, unless somebody says otherwise. */
function usual(template: string): FirstBot {
  return { template, name: template.charAt(0).toUpperCase() + template.slice(1) };
}

async function ask(wish: Wish, templates: readonly Template[], { stdin, stderr, signal }: Terminal): Promise<FirstBot> {
  const lines = createInterface({ input: stdin, output: stderr });
  const left = Promise.withResolvers<never>();
  const leave = (): void => left.reject(new Fault('INTERRUPTED', 'Nothing was made.'));
  lines.once('SIGINT', leave).once('close', leave);
  const question = (text: string): Promise<string> =>
    Promise.race([lines.question(text, { signal }), left.promise]).then((answer) => answer.trim());
  try {
    let { template, name } = wish;
    if (template === undefined) {
      stderr.write('What shall the first bot be?\n');
      for (const each of templates) stderr.write(`  ${each.emoji} ${each.name.padEnd(12)} ${each.description}\n`);
      for (;;) {
        const answer = await question(`Template [${STANDARD}]: `);
        template = answer === '' ? STANDARD : templates.find((each) => each.name === answer.toLowerCase())?.name;
        if (template !== undefined) break;
        stderr.write(`There is no template "${answer}".\n`);
      }
    }
    const standard = usual(template);
    name ??= (await question(`Its name [${standard.name}]: `)).slice(0, 100) || standard.name;
    return { template, name };
  } finally {
    left.promise.catch(() => undefined);
    lines.close();
  }
}

interface MadeBot {
  readonly slug: string;
  readonly name: string;
  readonly emoji: string;
  readonly folder: string;
}

function wordsFor(home: string, made: readonly string[], bot: MadeBot | null, environment: NodeJS.ProcessEnv): string {
  // Who came by npx or npm create has no bnity on the PATH.
  const isByNpm = ['exec', 'init', 'create'].includes(environment['npm_command'] ?? '');
  const program = isByNpm ? 'npx boternity' : 'bnity';
  const isHere = home === process.cwd();
  const steps = [
    ...(isHere ? [] : [[`cd ${quoted(path.relative(process.cwd(), home))}`, '']]),
    [`${program} serve`, 'starts the server and prints the link by which you make your account'],
    [`${program} chat ${bot?.slug ?? '<bot>'}`, 'talks with it in the terminal'],
    [`${program} provider add <name>`, 'gives it a model; until then a demo answers'],
  ];
  const longest = Math.max(...steps.map(([command = '']) => command.length));
  return [
    home,
    `  made   ${made.join(' ')}`,
    ...(bot ? [`  bot    ${bot.emoji} ${bot.name}  ${bot.folder}`] : []),
    '',
    'Next:',
    ...steps.map(([command = '', what = '']) => `  ${command.padEnd(longest)}  ${what}`.trimEnd()),
    '',
  ].join('\n');
}

function quoted(word: string): string {
  return /^[\w./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
