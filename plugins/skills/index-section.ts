import type { Section } from 'boternity';
import type { Skill } from './skills.ts';

/** Longest index, in characters: it stands in every prompt. */
const LONGEST = 20_000;
/** Last before the history. */
const ORDER = 80;

const intro =
  'These are your skills. When a task fits one of them, load it with skills_load before you begin and do as it says; ' +
  'files that it names are read with skills_read_file. Scripts of a skill cannot be run here.';

/** The index of skills as it stands in a prompt: name and description, a line each, the same bytes for the same skills. */
export function indexSection(skills: readonly Skill[]): Section {
  const lines: string[] = [];
  let length = 0;
  for (const { name, data } of skills) {
    const line = `- ${name}: ${data.front.description.replaceAll(/\s+/g, ' ')}`;
    length += line.length;
    if (length > LONGEST) break;
    lines.push(line);
  }
  const left = skills.length - lines.length;
  const more = left > 0 ? [`${left} more skills are listed by skills_list.`] : [];
  return { id: 'skills', order: ORDER, text: [intro, ...lines, ...more].join('\n') };
}
