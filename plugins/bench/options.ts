import { Fault, redactor } from 'boternity';

/** What is measured, and how often. */
export interface Plan {
  readonly isQuick: boolean;
  /** Answers of a series. */
  readonly turns: number;
  /** People who ask at once in the series of many. */
  readonly atOnce: number;
  readonly starts: number;
  /** How long a server rests before its memory is looked at, in milliseconds. */
  readonly restMs: number;
  readonly edits: number;
  readonly pushes: number;
  readonly memories: number;
  readonly questions: number;
}

/** The service that `--against` names. */
export interface Other {
  /** Base address, without a slash at its end. */
  readonly address: string;
  /** Undefined: the only one that it lists. */
  readonly model: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const usual = { starts: 5, restMs: 3_000, edits: 20, pushes: 5, memories: 5_000, questions: 300 } as const;
const quick = { starts: 1, restMs: 0, edits: 2, pushes: 1, memories: 100, questions: 5 } as const;
/** Answers of a series: of our own fake model, and of a service that may cost. */
const TURNS = { own: 200, other: 40, quick: 4 } as const;
const AT_ONCE = { usual: 10, quick: 2 } as const;
const MOST_TURNS = 100_000;
const MOST_AT_ONCE = 1_000;

type Flags = Readonly<Record<string, unknown>>;

/** Reads the flags. Throws USAGE_WRONG with one sentence for what makes no sense. */
export function planOf(flags: Flags): Plan {
  const isQuick = flags.quick === true;
  const many = isQuick ? TURNS.quick : flags.against === undefined ? TURNS.own : TURNS.other;
  return {
    isQuick,
    ...(isQuick ? quick : usual),
    turns: countIn(flags, 'turns', MOST_TURNS) ?? many,
    atOnce: countIn(flags, 'atOnce', MOST_AT_ONCE) ?? (isQuick ? AT_ONCE.quick : AT_ONCE.usual),
  };
}

/** The service to compare with; undefined when there is none. Its key is read from the environment and never shown. */
export function otherOf(flags: Flags, environment: NodeJS.ProcessEnv): Other | undefined {
  const [against, model, key] = ['against', 'model', 'key'].map((name) => textIn(flags, name));
  if (against !== undefined) {
    const headers = key === undefined ? undefined : { authorization: `Bearer ${keyIn(key, environment)}` };
    return { address: addressIn(against), model, headers: headers ?? {} };
  }
  if (model === undefined && key === undefined) return undefined;
  throw wrong(
    `--${model === undefined ? 'key' : 'model'} belongs to --against.`,
    'Say which service: bnity bench --against https://…/v1',
  );
}

/** What stands behind a flag that takes something. */
function textIn(flags: Flags, name: string): string | undefined {
  const given = flags[name];
  return typeof given === 'string' ? given : undefined;
}

function countIn(flags: Flags, name: string, most: number): number | undefined {
  const given = textIn(flags, name);
  if (given === undefined) return undefined;
  const count = /^\d+$/.test(given) ? Number(given) : 0;
  if (count >= 1 && count <= most) return count;
  throw wrong(`--${name === 'atOnce' ? 'at-once' : name} takes a whole number from 1 to ${most}.`);
}

function addressIn(given: string): string {
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw wrong('--against takes an address that begins with http:// or https://.', EXAMPLE);
  if (url.username !== '' || url.password !== '' || url.search !== '')
    throw wrong('--against takes an address without a name, password or query.', KEY_EXAMPLE);
  const path = url.pathname.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
  return url.origin + (path === '' ? '/v1' : path);
}

/** The value of the variable that a flag names. What stands on a command line is seen by every user of the machine. */
function keyIn(name: string, environment: NodeJS.ProcessEnv): string {
  if (!/^[A-Z_][A-Z0-9_]*$/.test(name))
    throw wrong('--key takes the name of an environment variable, never the key itself.', KEY_EXAMPLE);
  const key = environment[name]?.trim() ?? '';
  if (key === '') throw wrong(`The environment variable ${name} is not set.`, KEY_EXAMPLE);
  redactor.add(name, key);
  return key;
}

const EXAMPLE = 'For example: bnity bench --against http://127.0.0.1:11434/v1 --model llama3.2';
const KEY_EXAMPLE = 'Put the key into the environment and name the variable: --key OPENAI_API_KEY';

function wrong(sentence: string, hint?: string): Fault {
  return new Fault('USAGE_WRONG', sentence, hint === undefined ? {} : { hint });
}
