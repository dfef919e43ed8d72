import {
  correctMisspellings,
  editFile,
  editYaml,
  Fault,
  findingOfMisspelt,
  findMisspellings,
  locateInYaml,
  parseYaml,
  YamlError,
  z,
  type Files,
  type Finding,
  type Log,
  type Problem,
  type Scope,
} from 'boternity';

export const FILE = 'providers.yaml';

/** Headers of HTTP that carry a key, or that the program must set itself. */
const notOurs =
  /(^|-)(authorization|auth|key|token|secret|password|cookie)(-|$)|^(host|content-.*|transfer-encoding|connection)$/i;

const headers = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'write a name of letters, digits and dashes')
      .refine(
        (name) => !notOurs.test(name),
        'write another header: keys stand in the vault, the rest is set by itself',
      ),
    z
      .string({ error: 'write a text' })
      .max(1_000)
      .regex(/^[\x20-\x7e]*$/, 'write one line of plain characters'),
    { error: 'write a JSON object of names and texts, such as {"x-team": "research"}' },
  )
  .refine((given) => Object.keys(given).length <= 20, 'write at most 20 headers')
  .describe('Headers that go with every request, as a JSON object; no keys');

export const providerSettings = z.strictObject({
  type: z.string().default('openai-compatible').describe('Name of the plugin that speaks its protocol'),
  address: z.url({ protocol: /^https?$/ }).describe('Base address, with /v1 where the service has it'),
  key: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'write the name of a secret in capitals, never the key itself')
    .optional()
    .describe('Secret that holds the key: bnity secret set <name>'),
  key_env: z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/i, 'write the name of an environment variable, never a key')
    .optional()
    .describe('Environment variable that holds the key'),
  models: z.array(z.string().min(1)).min(1).describe('Ids of the models to offer'),
  window: z.number().int().positive().optional().describe('Tokens of input and output together'),
  headers: headers.optional(),
});
export type ProviderSettings = z.output<typeof providerSettings>;

const fileSchema = z.strictObject({
  providers: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((given) => given ?? {}),
});

/** The whole file as it should be, for what is misspelt in it. */
const wholeSchema = z.strictObject({ providers: z.record(z.string(), providerSettings).nullish() });

export interface Provider extends ProviderSettings {
  readonly name: string;
  /** Which file set it. */
  readonly source: 'boternity.config.ts' | 'providers.yaml';
}

/** The service `providers`, one view per consumer. */
export interface Providers {
  /** Providers of a type, of the config and of providers.yaml. */
  of(type: string): Provider[];
  /** The key of a provider, for a bot that may have one of its own (slug or id). Undefined when there is none. */
  keyOf(provider: Provider, bot?: string): Promise<string | undefined>;
  /** Fixes providers given in boternity.config.ts, until the consumer stops; they win over providers.yaml. */
  fix(type: string, providers: Readonly<Record<string, Omit<z.input<typeof providerSettings>, 'type'>>>): void;
  /** Calls back after every change, until the consumer stops. */
  follow(listener: () => void): void;
}

/** The file and what the config fixes beside it. A wrong entry is left out and reported; the others stay in use. */
export class ProviderFile {
  readonly #files: Files;
  readonly #log: Log;
  readonly #followers = new Set<() => void>();
  readonly #fixed = new Map<string, Provider>();
  #written = new Map<string, Provider>();
  #problems: Problem[] = [];

  constructor(files: Files, log: Log) {
    this.#files = files;
    this.#log = log;
  }

  get all(): Provider[] {
    return [...new Map([...this.#written, ...this.#fixed]).values()];
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  async read(): Promise<void> {
    try {
      await this.#parse((await this.#files.read(FILE))?.toString() ?? '');
    } catch (error) {
      if (!(error instanceof YamlError || Fault.is(error))) throw error;
      this.#problems = [problemAt(Fault.is(error) ? { line: 1, column: 1 } : error, error.message)];
    }
    for (const { line, message } of this.#problems)
      this.#log.warn(`A provider is not used: ${FILE}:${line}: ${message}`);
    this.#changed();
  }

  /** A file that is no mapping of providers changes nothing; a wrong provider in it is left out alone. */
  async #parse(text: string): Promise<void> {
    const whole = fileSchema.safeParse(parseYaml(text) ?? {});
    if (!whole.success) {
      this.#problems = await problemsOf(text, [], whole.error);
      return;
    }
    const written = new Map<string, Provider>();
    const problems: Problem[] = [];
    for (const [name, value] of Object.entries(whole.data.providers)) {
      const result = providerSettings.safeParse(value);
      if (result.success) written.set(name, { ...result.data, name, source: FILE });
      else problems.push(...(await problemsOf(text, ['providers', name], result.error)));
    }
    this.#written = written;
    this.#problems = problems;
  }

  async write(name: string, settings: ProviderSettings | undefined): Promise<void> {
    if (this.#fixed.has(name))
      throw new Fault('SETTING_LOCKED', `The provider ${name} is fixed by boternity.config.ts.`);
    await editFile(this.#files, FILE, (before) =>
      editYaml(before, [{ path: ['providers', name], value: settings }]).catch((error: unknown) => {
        throw error instanceof YamlError
          ? new Fault('FILE_INVALID', `${FILE}:${error.line} is broken and cannot be changed: ${error.message}.`)
          : error;
      }),
    );
    await this.read();
  }

  /** What the doctor says of words in the file. */
  async misspelt(): Promise<Finding[]> {
    const text = (await this.#files.read(FILE))?.toString() ?? '';
    const misspellings = await findMisspellings(text, wholeSchema);
    const apply = async (): Promise<void> => {
      await editFile(this.#files, FILE, async (now) =>
        correctMisspellings(now, await findMisspellings(now, wholeSchema)),
      );
      await this.read();
    };
    return findingOfMisspelt({ file: FILE, level: 'error', text, misspellings, apply });
  }

  viewFor(consumer: Scope, keyOf: Providers['keyOf']): Providers {
    return {
      keyOf,
      of: (type) => this.all.filter((provider) => provider.type === type),
      fix: (type, providers) => {
        for (const [name, value] of Object.entries(providers)) {
          const settings = providerSettings.parse({ type, ...value });
          this.#fixed.set(name, { ...settings, name, source: 'boternity.config.ts' });
          consumer.defer(() => void this.#fixed.delete(name));
        }
        this.#changed();
      },
      follow: (listener) => {
        consumer.defer(() => void this.#followers.delete(listener));
        this.#followers.add(listener);
      },
    };
  }

  #changed(): void {
    for (const follower of this.#followers) follower();
  }
}

async function problemsOf(text: string, at: readonly string[], error: z.ZodError): Promise<Problem[]> {
  return Promise.all(
    error.issues.map(async (issue) => {
      const path = [...at, ...issue.path];
      return problemAt(await locateInYaml(text, path), `${path.map(String).join('.')}: ${issue.message}`);
    }),
  );
}

function problemAt({ line, column }: { line: number; column: number }, message: string): Problem {
  return { file: FILE, line, column, level: 'error', message };
}
