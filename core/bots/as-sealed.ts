import { Fault } from '../base/fault.ts';
import type { Repository } from '../files/git/repository.ts';
import { editYaml } from '../files/yaml.ts';
import { digestOf } from './read-entry.ts';
import type { Broken, Seal } from './seal.ts';
import { digestOfValue, sealedKeys, sealedValues, SETTINGS } from './sealed.ts';

export interface AsSealedOptions {
  readonly seal: Seal;
  readonly broken: readonly Broken[];
  readonly repository: Repository;
  /** Reads a file of the bot folder as it is now. */
  readonly read: (path: string) => Promise<Buffer | undefined>;
}

/**
 * The sealed versions of files that were changed: path → content, undefined for one that was not there. They come from the
 * repository and are believed only when their digest is the seal's. Of bot.yaml only the sealed keys go back.
 */
export async function asSealed(options: AsSealedOptions): Promise<Map<string, Buffer | undefined>> {
  const entries = options.broken.map(async ({ path }) => {
    const content = path === SETTINGS ? await settingsAsSealed(options) : await fileAsSealed(options, path);
    return [path, content] as const;
  });
  return new Map(await Promise.all(entries));
}

async function fileAsSealed({ seal, repository }: AsSealedOptions, path: string): Promise<Buffer | undefined> {
  const wanted = seal.files[path];
  if (wanted === undefined) return undefined;
  const content = await repository.read(commitOf(seal), path);
  if (content && digestOf(content) === wanted) return content;
  throw new Fault('FILE_MISSING', `${path} of the commit ${commitOf(seal).slice(0, 10)} is not what was sealed.`);
}

async function settingsAsSealed({ seal, repository, read }: AsSealedOptions): Promise<Buffer | undefined> {
  const sealed = await repository.read(commitOf(seal), SETTINGS);
  const values = sealedValues(sealed?.toString() ?? '');
  if (!values || digestOfValue(values) !== seal.keys)
    throw new Fault('FILE_MISSING', `${SETTINGS} of the commit ${commitOf(seal).slice(0, 10)} is not what was sealed.`);
  const text = (await read(SETTINGS))?.toString() ?? '';
  const changes = sealedKeys.map((key) => ({ path: [key], value: values[key] }));
  return Buffer.from(await editYaml(text, changes));
}

function commitOf(seal: Seal): string {
  if (seal.commit !== undefined) return seal.commit;
  throw new Fault('FILE_MISSING', 'the bot has no history to read it from.');
}
