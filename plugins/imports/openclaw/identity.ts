import { editFrontMatter } from 'boternity';
import { splitMarkdown } from '../parts/markdown.ts';
import { textAt, type Values } from './config.ts';

export interface ReadIdentity {
  readonly name?: string;
  readonly emoji?: string;
  readonly avatar?: string;
  readonly theme?: string;
  readonly creature?: string;
  readonly vibe?: string;
  /** What is no label with a value. */
  readonly rest: string;
}

const labels = ['name', 'theme', 'creature', 'vibe', 'emoji', 'avatar'] as const;
type Label = (typeof labels)[number];
const MAX_AVATAR = 2 * 1024 * 1024;

/** The lines `- Label: value` of an IDENTITY.md; a value may stand on the next line, one in brackets is a placeholder. */
export function parseIdentity(text: string): ReadIdentity {
  const found: Partial<Record<Label, string>> = {};
  const rest: string[] = [];
  const lines = splitMarkdown(text).body.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const [, given = '', inline = ''] = /^\s*[-*+]\s*[*_]*([A-Za-z]+)[*_]*\s*:[*_]*\s*(.*)$/.exec(line) ?? [];
    const label = labels.find((each) => each === given.toLowerCase());
    if (label === undefined) {
      rest.push(line);
      continue;
    }
    const next = lines[at + 1] ?? '';
    const isBelow = bare(inline) === '' && /^\s+\S/.test(next) && !/^\s*[-*+]\s/.test(next);
    if (isBelow) at += 1;
    const value = bare(isBelow ? next : inline);
    if (value !== '' && !/^\(.*\)$/.test(value)) found[label] ??= value;
  }
  return { ...found, rest: rest.join('\n').trim() };
}

/** What the configuration says of an agent wins over its IDENTITY.md. */
export function withConfigured(read: ReadIdentity, configured: Values): ReadIdentity {
  const set = (['name', 'theme', 'emoji', 'avatar'] as const).flatMap((key) => {
    const value = textAt(configured, key);
    return value === undefined ? [] : [[key, value.trim()] as const];
  });
  return { ...read, ...Object.fromEntries(set) };
}

/** An IDENTITY.md of ours. */
export async function identityFile(identity: ReadIdentity, name: string, avatar: string | undefined): Promise<string> {
  const { theme, creature, vibe } = identity;
  const emoji = firstEmoji(identity.emoji);
  const values = {
    display_name: name,
    emoji,
    avatar,
    description: theme ?? creature ?? vibe,
    vibe,
    creature,
    theme,
  };
  const changes = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ path: [key], value }],
  );
  return editFrontMatter(identity.rest === '' ? '' : `${identity.rest}\n`, changes);
}

/** Whether a file may be a picture of a bot. */
export function isAvatar(path: string, bytes: number): boolean {
  return /\.(png|jpe?g|gif|webp|svg|avif)$/i.test(path) && bytes <= MAX_AVATAR;
}

/** Without the marks of emphasis and code around it. */
function bare(value: string): string {
  return value.trim().replaceAll(/^[*_`\s]+|[*_`\s]+$/g, '');
}

function firstEmoji(text: string | undefined): string | undefined {
  for (const { segment } of new Intl.Segmenter().segment(text ?? ''))
    if (/\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(segment)) return segment;
  return undefined;
}
