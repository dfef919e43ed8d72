import { widthOf, charactersOf } from '../../core/cli/width.ts';

/** A terminal's screen with all that scrolled off it: what a program writes, as it stands there in the end. */
export class FakeScreen {
  columns: number;
  rows: number;
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  /** Throws where the cursor is sent above the screen: a real one would stop there, and lines would be lost. */
  write(text: string): boolean {
    // oxlint-disable-next-line no-control-regex
    for (const [part, letters] of text.matchAll(/\u001b\[([?\d;]*[A-Za-z])|\u001b[78=>]|[\n\r]|[^\u001b\n\r]+/g)) {
      if (letters !== undefined) this.#obey(letters);
      else if (part === '\n') this.#move(this.#row + 1, 0);
      else if (part === '\r') this.#column = 0;
      else if (!part.startsWith('\u001b')) for (const character of charactersOf(part)) this.#put(character);
    }
    return true;
  }

  /** Lines without the spaces at their ends; empty ones at the end are left out. */
  get text(): string {
    return this.#lines
      .map((line) => line.join('').trimEnd())
      .join('\n')
      .trimEnd();
  }

  #obey(letters: string): void {
    const count = Number.parseInt(letters, 10);
    const by = Number.isNaN(count) ? 1 : count;
    const kind = letters.at(-1);
    if (kind === 'A') {
      if (this.#row - by < this.#lines.length - this.rows) throw new Error('The cursor left the screen.');
      this.#row -= by;
    }
    if (kind === 'B') this.#row += by;
    if (kind === 'C') this.#column += by;
    if (kind === 'D') this.#column = Math.max(0, this.#column - by);
    if (kind === 'G') this.#column = by - 1;
    if (kind === 'K') this.#lines[this.#row]?.splice(this.#column);
    if (kind !== 'J') return;
    this.#lines[this.#row]?.splice(this.#column);
    this.#lines.splice(this.#row + 1);
  }

  #put(character: string): void {
    const width = widthOf(character);
    if (this.#column + width > this.columns) this.#move(this.#row + 1, 0);
    const line = this.#lines[this.#row] ?? [];
    while (line.length < this.#column) line.push(' ');
    line.splice(this.#column, Math.max(1, width), character, ...(width > 1 ? [''] : []));
    this.#column += width;
  }

  #move(row: number, column: number): void {
    while (this.#lines.length <= row) this.#lines.push([]);
    [this.#row, this.#column] = [row, column];
  }
}
