import {
  changesBetween,
  correctMisspellings,
  editFile,
  editYaml,
  Fault,
  findingOfMisspelt,
  findMisspellings,
  locateInYaml,
  parseYaml,
  readEdited,
  YamlError,
  z,
  type Files,
  type Finding,
  type Log,
  type Problem,
} from 'boternity';
import { providerSettings, type ProviderSettings } from './settings.ts';

export const FILE = 'providers.yaml';

const fileSchema = z.strictObject({
  providers: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((given) => given ?? {}),
});

/** The whole file as it should be, for what is misspelt in it. */
const wholeSchema = z.strictObject({ providers: z.record(z.string(), providerSettings).nullish() });

/** The file of the providers. A wrong entry is left out and reported; the others stay in use. */
export class ProviderFile {
  readonly #files: Files;
  readonly #log: Log;
  #entries: ReadonlyMap<string, ProviderSettings> = new Map();
  #problems: Problem[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(files: Files, log: Log) {
    this.#files = files;
    this.#log = log;
  }

  get entries(): ReadonlyMap<string, ProviderSettings> {
    return this.#entries;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** One reading after the other: an older one that takes longer must not win. */
  read(): Promise<void> {
    const reading = this.#reading.then(() => this.#readNow());
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #readNow(): Promise<void> {
    try {
      await this.#parse(await readEdited(this.#files, FILE, { wasEmpty: this.#entries.size === 0 }));
    } catch (error) {
      if (!(error instanceof YamlError || Fault.is(error))) throw error;
      this.#problems = [problemAt(Fault.is(error) ? { line: 1, column: 1 } : error, error.message)];
    }
    for (const { line, message } of this.#problems)
      this.#log.warn(`A provider is not used: ${FILE}:${line}: ${message}`);
  }

  /** A file that is no mapping of providers changes nothing; a wrong provider in it is left out alone. */
  async #parse(text: string): Promise<void> {
    const whole = fileSchema.safeParse(parseYaml(text) ?? {});
    if (!whole.success) {
      this.#problems = await problemsOf(text, [], whole.error);
      return;
    }
    const entries = new Map<string, ProviderSettings>();
    const problems: Problem[] = [];
    for (const [name, value] of Object.entries(whole.data.providers)) {
      const result = providerSettings.safeParse(value);
      if (result.success) entries.set(name, result.data);
      else problems.push(...(await problemsOf(text, ['providers', name], result.error)));
    }
    this.#entries = entries;
    this.#problems = problems;
  }

  /** Sets an entry, comments kept; `undefined` removes it. */
  async write(name: string, settings: ProviderSettings | undefined): Promise<void> {
    await editFile(this.#files, FILE, (before) =>
      withEntry(before, name, settings).catch((error: unknown) => {
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
}

async function withEntry(text: string, name: string, settings: ProviderSettings | undefined): Promise<string> {
  const { providers } = (parseYaml(text) ?? {}) as { providers?: Readonly<Record<string, unknown>> | null };
  return editYaml(text, changesBetween(['providers', name], providers?.[name], settings));
}

async function problemsOf(text: string, at: readonly string[], error: z.ZodError): Promise<Problem[]> {
  return Promise.all(
    error.issues.map(async (issue) => {
      const path = [...at, ...issue.path];
      return problemAt(await locateInYaml(text, path), `${path.map(String).join('.')}: ${issue.message}`);
    }),
  );
}

export function problemAt({ line, column }: { line: number; column: number }, message: string): Problem {
  return { file: FILE, line, column, level: 'error', message };
}
