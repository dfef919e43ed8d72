import type { Answer } from 'boternity/ui';

export type FileSchema = Answer<'schemas.list'>['schemas'][number];
export type FileProblem = Answer<'files.check'>['problems'][number];
export type Checked = Answer<'files.check'>;

/** The schema for a file of a bot. */
export function schemaFor(schemas: readonly FileSchema[], file: string): FileSchema | undefined {
  return schemas.find(({ pattern }) => fits(pattern, file));
}

/** Each `*` stands for one name or a part of it. */
function fits(pattern: string, file: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('[^/]+')}$`).test(file);
}

/** What a bot is made of, in the order in which people think of it; the rest by name. */
export const mainFiles = ['SOUL.md', 'IDENTITY.md', 'USER.md', 'AGENT.md', 'bot.yaml'] as const;

/** What the server calls the version of a file that is empty or not there: the SHA-256 of nothing. */
export const NO_VERSION = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
