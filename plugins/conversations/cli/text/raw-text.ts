import { charactersOf, widthOf } from 'boternity';

/** A screen as this needs it. */
export interface Screen {
  write(text: string): unknown;
  readonly columns: number;
  readonly rows: number;
}

const TAB = '    ';

/** Text at the end of a screen that can be taken away again: it breaks its lines itself and knows how many there are. */
export class RawText {
  readonly #screen: Screen;
  #rows = 0;
  #column = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Whether its beginning could leave the screen. */
  get isFull(): boolean {
    return this.#rows >= this.#screen.rows - 2;
  }

  /** Shows more, as far as there is room; gives how much of it, in UTF-16 units. */
  write(text: string): number {
    const width = Math.max(2, this.#screen.columns - 1);
    let shown = '';
    let taken = 0;
    for (const character of charactersOf(text)) {
      if (this.isFull && taken > 0) break;
      taken += character.length;
      const isTab = character === '\t';
      const columns = character === '\n' ? 0 : isTab ? TAB.length : widthOf(character);
      if (character === '\n' || this.#column + columns > width) {
        shown += '\n';
        this.#rows += 1;
        this.#column = 0;
      }
      if (character === '\n') continue;
      shown += isTab ? TAB : character;
      this.#column += columns;
    }
    if (shown !== '') this.#screen.write(shown);
    return taken;
  }

  /** Takes it off the screen. */
  erase(): void {
    if (this.#rows > 0 || this.#column > 0)
      this.#screen.write(`\r${this.#rows > 0 ? `\u001b[${this.#rows}A` : ''}\u001b[J`);
    this.forget();
  }

  /** Leaves it where it is; what comes begins behind it. */
  forget(): void {
    this.#rows = 0;
    this.#column = 0;
  }
}
