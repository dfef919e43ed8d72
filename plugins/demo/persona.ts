/** Who the demo speaks as, read from the system prompt. */
export interface Persona {
  readonly name: string;
  readonly tone: string;
  readonly traits: readonly string[];
  /** What the soul says, one thought a line, without Markdown marks. */
  readonly soul: readonly string[];
  /** What the bot knows of its person. */
  readonly user: readonly string[];
}

/** Reads the sections of a system prompt. Missing ones are empty. */
export function readPersona(system: string): Persona {
  const soul = section(system, 'soul');
  return {
    name: field(section(system, 'bot'), 'name') || field(soul, 'name') || 'your bot',
    tone: field(soul, 'tone'),
    traits: field(soul, 'traits')
      .split(',')
      .map((trait) => trait.trim())
      .filter((trait) => trait !== ''),
    soul: thoughts(soul.replaceAll(/^(tone|traits|name):.*$/gm, '')),
    user: thoughts(section(system, 'user')),
  };
}

function section(system: string, id: string): string {
  return new RegExp(`<${id}>\\n?([^]*?)\\n?</${id}>`).exec(system)?.[1] ?? '';
}

function field(text: string, name: string): string {
  return new RegExp(`^${name}:(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
}

/** Headings and comments are no thoughts. */
function thoughts(text: string): string[] {
  return text
    .replaceAll(/<!--[^]*?-->/g, '')
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .map((line) =>
      line
        .replace(/^\s*([-*+>]|\d+[.)])\s+/, '')
        .replaceAll(/\*\*|__|`/g, '')
        .trim(),
    )
    .filter((line) => /\p{L}/u.test(line));
}
