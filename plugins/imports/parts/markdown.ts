import { parseFrontMatter } from 'boternity';

/** A Markdown text without its front matter, and that as far as it can be read. */
export function splitMarkdown(text: string): { front: Record<string, unknown>; body: string } {
  try {
    const { data, body } = parseFrontMatter(text);
    const front = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
    return { front, body: body.replace(/^\s*\n/, '') };
  } catch {
    return { front: {}, body: text.replace(/^---/, '\n---') };
  }
}

/** A text as a file of a bot: one that only looks like front matter is made plain text. */
export function asBotFile(text: string): string {
  try {
    parseFrontMatter(text);
    return text;
  } catch {
    return `\n${text}`;
  }
}

export interface MarkdownSection {
  readonly heading: string;
  readonly text: string;
}

/** The parts of a text between its headings of the second level and above; the first may have no heading. */
export function sectionsOf(text: string): MarkdownSection[] {
  const sections: { heading: string; lines: string[] }[] = [{ heading: '', lines: [] }];
  let isCode = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    const heading = isCode ? undefined : /^#{1,2}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading !== undefined) sections.push({ heading, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ heading, lines }) => ({ heading, text: lines.join('\n').trim() }));
}

/** List items with their continuation lines, and paragraphs that are in no list. Headings, rules and lone comments are no entries. */
export function entriesOf(text: string): { heading: string; text: string }[] {
  const entries: { heading: string; lines: string[]; isOpen: boolean }[] = [];
  let heading = '';
  let isCode = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    const title = isCode ? undefined : /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    const item = isCode ? undefined : /^(?:[-*+]|\d+[.)])\s+(.*)$/.exec(line)?.[1];
    const last = entries.at(-1);
    if (title !== undefined) {
      heading = title;
      if (last) last.isOpen = false;
    } else if (item !== undefined) entries.push({ heading, lines: [item], isOpen: true });
    else if (/^\s*$|^\s*([-_*]\s*){3,}$/.test(line)) {
      if (last && !isCode) last.isOpen = false;
    } else if (last?.isOpen) last.lines.push(line.trim());
    else entries.push({ heading, lines: [line.trim()], isOpen: true });
  }
  return entries
    .map(({ heading, lines }) => ({ heading, text: lines.join('\n').trim() }))
    .filter(({ text }) => text.replaceAll(/<!--[^]*?-->/g, '').trim() !== '');
}
