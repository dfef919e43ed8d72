import { changesBetween, editFrontMatter, editYaml, parseFrontMatter, parseYaml } from 'boternity';

/** The texts of a home, paths from it, as the steps before have left them. */
export interface Texts {
  /** Undefined when there is no such file, or when it is no text. */
  read(file: string): Promise<string | undefined>;
  /** Slugs of the bots. */
  bots(): Promise<readonly string[]>;
}

export interface NewText {
  readonly file: string;
  readonly after: string;
}

/** What brings a home from the version before to this one. */
export interface Step {
  readonly to: number;
  /** What it does, in one sentence. */
  readonly does: string;
  /** Files that get another text. Those that are to be read first by a program that was cut off between two of them come first. */
  changes(texts: Texts): Promise<NewText[]>;
}

/** In order, one per version after the first. */
export const steps: readonly Step[] = [
  {
    to: 2,
    does: 'Model, temperature and max_tokens of a bot move from IDENTITY.md, where nobody reads them any more, to bot.yaml.',
    changes: async (texts) => (await Promise.all((await texts.bots()).map((bot) => moveModel(bot, texts)))).flat(),
  },
];

/** The predecessor kept these four in the front matter of IDENTITY.md, the provider apart from the model. */
async function moveModel(bot: string, texts: Texts): Promise<NewText[]> {
  const [identityFile, settingsFile] = [`bots/${bot}/IDENTITY.md`, `bots/${bot}/bot.yaml`];
  const [identity, settings = ''] = await Promise.all([texts.read(identityFile), texts.read(settingsFile)]);
  if (identity === undefined) return [];
  try {
    const front = parseFrontMatter(identity).data as Record<string, unknown>;
    const moved = movedFrom(front);
    if (moved.keys.length === 0) return [];
    const before = (parseYaml(settings) ?? {}) as { model?: Record<string, unknown> };
    // What bot.yaml says counted until now, so it stays.
    const after = { ...moved.model, ...before.model };
    const changes = changesBetween(['model'], before.model, after);
    return [
      ...(changes.length === 0 ? [] : [{ file: settingsFile, after: await editYaml(settings, changes) }]),
      {
        file: identityFile,
        after: await editFrontMatter(
          identity,
          moved.keys.map((key) => ({ path: [key], value: undefined })),
        ),
      },
    ];
  } catch {
    // A file that cannot be read is told by bnity check, and is left for a person.
    return [];
  }
}

/** The settings of the model that stand there and are right, and the keys that they stand under. */
function movedFrom(front: Record<string, unknown>): { model: Record<string, unknown>; keys: string[] } {
  const { model, provider, temperature, max_tokens: maxTokens } = front;
  const isNamed = typeof model === 'string' && model.trim() !== '';
  const hasProvider = typeof provider === 'string' && provider.trim() !== '';
  const isWarm = typeof temperature === 'number' && temperature >= 0 && temperature <= 2;
  const isLimited = Number.isSafeInteger(maxTokens) && Number(maxTokens) > 0;
  return {
    model: {
      ...(isNamed && { default: hasProvider && !model.includes('/') ? `${provider}/${model}` : model }),
      ...(isWarm && { temperature }),
      ...(isLimited && { max_tokens: maxTokens }),
    },
    keys: [
      ...(isNamed ? ['model', ...(hasProvider ? ['provider'] : [])] : []),
      ...(isWarm ? ['temperature'] : []),
      ...(isLimited ? ['max_tokens'] : []),
    ],
  };
}
