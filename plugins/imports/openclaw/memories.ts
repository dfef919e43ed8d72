import type { DraftMemory, Left } from '../format.ts';
import { dateOf, MAX_TEXT, withoutComments } from '../parts/daily.ts';
import { entriesOf } from '../parts/markdown.ts';

/** The facts of a MEMORY.md: list items and paragraphs with what the comments behind them say. */
export function curatedFacts(text: string): DraftMemory[] {
  return entriesOf(text).flatMap(({ heading, text: entry }) => {
    const plain = withoutComments(entry);
    if (plain === '') return [];
    const importance = Number(commentIn(entry, 'importance'));
    const triggers = (commentIn(entry, 'trigger') ?? '')
      .split(/[,;]/)
      .map((each) => each.trim())
      .filter(Boolean);
    return [
      {
        text: plain.slice(0, MAX_TEXT),
        kind: 'fact' as const,
        origin: 'owner' as const,
        category: categoryOf(heading),
        ...(importance >= 1 && importance <= 10 && { importance: Math.ceil(importance / 2) }),
        ...(triggers.length > 0 && { triggers }),
      },
    ];
  });
}

export interface Directives {
  /** The text without the directives that no longer hold. */
  readonly text: string;
  readonly memories: readonly DraftMemory[];
  readonly superseded: readonly string[];
}

/** The directives of a USER.md: each is announced by a comment with its date and whether it still holds. */
export function directivesIn(text: string): Directives {
  const memories: DraftMemory[] = [];
  const superseded: string[] = [];
  const lines = text.split('\n');
  const kept: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const [comment, date = '', status = ''] =
      /^\s*<!--\s*observed:\s*(\S+)\s*\|\s*status:\s*(\w+)\s*-->\s*$/.exec(line) ?? [];
    if (comment === undefined) {
      kept.push(line);
      continue;
    }
    const block: string[] = [];
    while (at + 1 < lines.length && isPart(lines[at + 1] ?? '', block.length)) block.push(lines[(at += 1)] ?? '');
    const directive = withoutComments(block.join('\n').replace(/^\s*[-*+]\s+/, ''));
    if (status === 'superseded') superseded.push(directive);
    else {
      kept.push(line, ...block);
      const when = dateOf(date);
      if (directive !== '')
        memories.push({
          text: directive.slice(0, MAX_TEXT),
          kind: 'fact',
          origin: 'owner',
          category: 'preference',
          importance: 4,
          ...(when && { at: when }),
        });
    }
  }
  return { text: kept.join('\n'), memories, superseded };
}

/** Why files of the memory folder stay behind. */
export function notDaily(path: string): Left {
  if (/\/dreaming\//.test(path)) return { what: path, why: 'written for review there; never something to remember' };
  return { what: path, why: 'it is no log of a day' };
}

function commentIn(entry: string, label: string): string | undefined {
  return new RegExp(`<!--\\s*${label}:\\s*([^>]*?)\\s*-->`, 'i').exec(entry)?.[1];
}

/** A directive is one item or paragraph: it ends at a blank line, a comment, a heading or the next item. */
function isPart(line: string, taken: number): boolean {
  if (line.trim() === '' || /^\s*<!--/.test(line) || line.startsWith('#')) return false;
  return taken === 0 || !/^\s*[-*+]\s/.test(line);
}

function categoryOf(heading: string): NonNullable<DraftMemory['category']> {
  if (/prefer|likes|style|vorlieb/i.test(heading)) return 'preference';
  if (/decision|decided/i.test(heading)) return 'decision';
  if (/correct|lesson|mistake/i.test(heading)) return 'correction';
  return 'fact';
}
