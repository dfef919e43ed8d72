import { findSecrets } from 'boternity';
import type { DraftSecret } from '../format.ts';

/** Gathers keys that stood in plain text, and gives what stands in their place. */
export class SecretCollector {
  readonly #found = new Map<string, DraftSecret>();

  get all(): DraftSecret[] {
    return [...this.#found.values()];
  }

  /** Keeps a value aside; gives `${NAME}`. The same value keeps its first name. */
  take(wanted: string, value: string, where: string): string {
    const known = this.#found.values().find((each) => each.value === value);
    if (known) return `\${${known.name}}`;
    let name = secretName(wanted);
    for (let number = 2; this.#found.has(name); number += 1) name = `${secretName(wanted)}_${number}`;
    this.#found.set(name, { name, value, where });
    return `\${${name}}`;
  }

  /** A text without what looks like a key in it. */
  async clean(text: string, path: string): Promise<{ text: string; count: number }> {
    const { found } = await findSecrets(text, { path });
    const spans = found.filter(({ end, start }) => end > start).toSorted((a, b) => a.start - b.start);
    let cleaned = '';
    let at = 0;
    let count = 0;
    for (const { start, end, rule, line } of spans) {
      if (start < at) continue;
      cleaned += text.slice(at, start) + this.take(rule, text.slice(start, end), `${path}:${line}`);
      at = end;
      count += 1;
    }
    return { text: cleaned + text.slice(at), count };
  }
}

/** A name as the vault takes it: upper case, digits and underscores. */
function secretName(wanted: string): string {
  const name = wanted
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replaceAll(/^[_0-9]+|_+$/g, '');
  return name === '' ? 'SECRET' : name.slice(0, 80);
}
