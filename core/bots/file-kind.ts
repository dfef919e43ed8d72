import type { z } from 'zod';
import type { Problem } from '../base/problem.ts';

export type { Problem } from '../base/problem.ts';

/** `text` is taken as it is: its schema checks a string. */
export type Format = 'markdown' | 'yaml' | 'json' | 'text';

/** A Markdown file: what its front matter says, and its text. */
export interface Markdown<Front> {
  readonly front: Front;
  readonly body: string;
}

type Data<F extends Format, S extends z.ZodType> = F extends 'markdown' ? Markdown<z.output<S>> : z.output<S>;

/** A file, or a family of files, that a bot folder may hold. */
export interface FileKind<T = unknown, Many extends boolean = boolean> {
  /** Path from the bot folder. In a family each `*` stands for one name or a part of it. */
  readonly pattern: string;
  readonly format: Format;
  /** Schema of the front matter or of the whole value. */
  readonly schema: z.ZodType;
  readonly many: Many;
  /** A bot without it cannot talk. */
  readonly required: boolean;
  /** Whether its files are part of the bot in memory. Off for families that grow without end: they are checked where they enter. */
  readonly held: boolean;
  /** Whether upper and lower case in a path are the same to it. */
  readonly anyCase: boolean;
  /** What its schema cannot say. Asked for a file that the schema takes; a problem of the level error breaks the file. */
  check?(file: CheckedFile<T>): Promise<readonly Omit<Problem, 'file'>[]>;
  /** For types only. */
  readonly data?: T;
}

/** A file as its kind looks at it once more. */
export interface CheckedFile<T> {
  /** From the bot folder. */
  readonly path: string;
  readonly text: string;
  readonly data: T;
}

/** A file of a bot as it was last read. A wrong file is a value, never a throw; its last good version stays in use. */
export type Entry<T> =
  | {
      readonly ok: true;
      readonly path: string;
      readonly digest: string;
      readonly data: T;
      readonly problems: readonly Problem[];
    }
  | {
      readonly ok: false;
      readonly path: string;
      readonly digest: string;
      readonly problems: readonly Problem[];
      readonly last?: T;
    };

export interface FileKindOptions<T> {
  readonly required?: boolean;
  readonly check?: (file: CheckedFile<T>) => Promise<readonly Omit<Problem, 'file'>[]>;
}

export interface FilesKindOptions<T> extends Omit<FileKindOptions<T>, 'required'> {
  readonly held?: boolean;
  readonly anyCase?: boolean;
}

/** Declares one file at a fixed path. */
export function oneFile<F extends Format, S extends z.ZodType>(
  path: string,
  format: F,
  schema: S,
  { required = false, check }: FileKindOptions<Data<F, S>> = {},
): FileKind<Data<F, S>, false> {
  return { pattern: path, format, schema, many: false, required, held: true, anyCase: false, ...(check && { check }) };
}

/** Declares a family of files: `workflows/*.yaml`. With `held: false` they are checked where they enter and not kept in memory. */
export function manyFiles<F extends Format, S extends z.ZodType>(
  pattern: string,
  format: F,
  schema: S,
  { held = true, anyCase = false, check }: FilesKindOptions<Data<F, S>> = {},
): FileKind<Data<F, S>, true> {
  return { pattern, format, schema, many: true, required: false, held, anyCase, ...(check && { check }) };
}

/** The data of an entry: as it is, or as it last was when it is broken now. */
export function usable<T>(entry: Entry<T> | undefined): T | undefined {
  if (!entry) return undefined;
  return entry.ok ? entry.data : entry.last;
}

/** Whether a path from the bot folder belongs to the kind. */
export function matches(kind: FileKind, path: string): boolean {
  const fold = (text: string): string => (kind.anyCase ? text.toLowerCase() : text);
  const wanted = fold(kind.pattern).split('/');
  const given = fold(path).split('/');
  return wanted.length === given.length && wanted.every((part, at) => matchesName(part, given[at] ?? ''));
}

function matchesName(pattern: string, name: string): boolean {
  const [before = '', after] = pattern.split('*', 2);
  if (after === undefined) return pattern === name;
  return name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
}
