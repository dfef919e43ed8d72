import { createInterface, type Completer, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Lines that come within so many milliseconds of each other were pasted: together they are one message. */
const PASTED_MS = 30;
/** Shift+Enter, as terminals tell it that tell it at all. */
const NEW_LINE = '\u001b[13;2u';
/** Has the terminal say where a paste begins and ends. */
const MARK_PASTES = '\u001b[?2004h';
const MARK_NO_PASTES = '\u001b[?2004l';

/** What came of a question: a text, `left` at Ctrl+D and at Ctrl+C where nothing is typed, or nothing, because it was taken back. */
export type Asked = { readonly text: string } | 'left' | 'canceled';

export interface Question {
  readonly prompt?: string;
  /** Takes the question back; what was typed stays for the next one. */
  readonly signal?: AbortSignal;
  /** What is typed already is no answer to it, and comes back afterwards. */
  readonly isAside?: boolean;
}

/**
 * What a person types. It is shown only while somebody asks, so that an answer that is being written is not torn; what is typed
 * meanwhile is there at the next question. Enter sends, Alt+Enter, Shift+Enter and a backslash at the end begin a new line.
 */
export class Lines implements Disposable {
  readonly #input: NodeJS.ReadStream;
  readonly #output: NodeJS.WriteStream;
  readonly #echo: Echo;
  readonly #lines: Interface & { history?: string[] };
  readonly #early: string[] = [];
  #asking: ((asked: Asked) => void) | undefined;
  /** Lines that belong to the one that is being typed, in front of it. */
  #above: string[] = [];
  #isPasting = false;
  #isClosed = false;
  #pause: NodeJS.Timeout | undefined;
  /** Called at Ctrl+C while nobody asks. */
  onInterrupt: () => void = () => undefined;
  /** Called with a line that comes while nobody asks; true when nothing more is to be done with it. */
  onEarly: (text: string) => boolean = () => false;
  /** Called at Ctrl+D, asked or not. */
  onLeave: () => void = () => undefined;

  constructor(input: NodeJS.ReadStream, output: NodeJS.WriteStream, completer: Completer) {
    this.#input = input;
    this.#output = output;
    this.#echo = new Echo(output);
    this.#lines = createInterface({ input, output: this.#echo, terminal: true, completer, escapeCodeTimeout: 50 });
    this.#lines.on('line', (text) => this.#take(inOrder(text)));
    this.#lines.on('close', () => this.#close());
    this.#lines.on('SIGINT', () => this.#interrupt());
    input.on('keypress', this.#onKey);
    output.write(MARK_PASTES);
  }

  async ask({ prompt = '› ', signal, isAside = false }: Question = {}): Promise<Asked> {
    if (this.#isClosed) return 'left';
    if (signal?.aborted) return 'canceled';
    const early = isAside ? undefined : this.#early.shift();
    if (early !== undefined) return { text: early };
    const typed = isAside ? this.#lines.line : '';
    if (isAside) this.#setLine('');
    this.#show(prompt);
    const cancel = (): void => {
      this.#hide();
      this.#answer('canceled');
    };
    signal?.addEventListener('abort', cancel, { once: true });
    const asked = await new Promise<Asked>((resolve) => (this.#asking = resolve));
    signal?.removeEventListener('abort', cancel);
    this.#echo.isMuted = true;
    if (isAside && !this.#isClosed) this.#setLine(typed);
    return asked;
  }

  /** Puts a text back that could not be sent. */
  putBack(text: string): void {
    if (!this.#isClosed) this.#setLine(this.#lines.line === '' ? text : `${text}\n${this.#lines.line}`);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#pause);
    this.#input.off('keypress', this.#onKey);
    if (!this.#isClosed) this.#output.write(MARK_NO_PASTES);
    this.onLeave = () => undefined;
    this.#lines.close();
  }

  #show(prompt: string): void {
    this.#echo.isMuted = false;
    this.#lines.setPrompt(prompt);
    // It would move the cursor up by the rows of what was typed while nothing was shown.
    Reflect.set(this.#lines, 'prevRows', 0);
    this.#lines.prompt(true);
  }

  #hide(): void {
    const { rows } = this.#lines.getCursorPos();
    this.#output.write(`\r${rows > 0 ? `\u001b[${rows}A` : ''}\u001b[J`);
    this.#echo.isMuted = true;
  }

  #setLine(text: string): void {
    Reflect.set(this.#lines, 'line', text);
    Reflect.set(this.#lines, 'cursor', text.length);
  }

  #onKey = (
    _text: string | undefined,
    key: { readonly name?: string; readonly sequence?: string; readonly meta?: boolean },
  ): void => {
    if (key.name === 'paste-start') this.#beginPaste();
    if (key.name === 'paste-end') this.#endPaste();
    const isEnter = key.name === 'return' || key.name === 'enter';
    if ((isEnter && key.meta) || key.sequence === NEW_LINE) this.#insert('\n');
  };

  #insert(text: string): void {
    const { line, cursor } = this.#lines;
    this.#setLine(line.slice(0, cursor) + text + line.slice(cursor));
    Reflect.set(this.#lines, 'cursor', cursor + text.length);
    if (this.#asking) this.#lines.prompt(true);
  }

  #beginPaste(): void {
    this.#isPasting = true;
    if (this.#asking) this.#hide();
    // A tab that is pasted completes nothing.
    Reflect.set(this.#lines, 'isCompletionEnabled', false);
  }

  #endPaste(): void {
    this.#isPasting = false;
    Reflect.set(this.#lines, 'isCompletionEnabled', true);
    this.#setLine([...this.#above, this.#lines.line].join('\n'));
    this.#above = [];
    if (this.#asking) this.#show(this.#lines.getPrompt());
  }

  #take(text: string): void {
    if (this.#isPasting) return void this.#above.push(text);
    clearTimeout(this.#pause);
    if (text.endsWith('\\')) {
      this.#above.push(text.slice(0, -1));
      if (this.#asking) this.#show('… ');
      return;
    }
    this.#above.push(text);
    this.#pause = setTimeout(() => {
      const whole = this.#above.join('\n');
      this.#above = [];
      if (this.#asking) this.#answer({ text: whole });
      else if (!this.onEarly(whole)) this.#early.push(whole);
    }, PASTED_MS);
  }

  #answer(asked: Asked): void {
    const asking = this.#asking;
    this.#asking = undefined;
    asking?.(asked);
  }

  #close(): void {
    if (!this.#isClosed) this.#output.write(MARK_NO_PASTES);
    this.#isClosed = true;
    if (this.#asking) this.#output.write('\n');
    this.#answer('left');
    this.onLeave();
  }

  /** What is typed is never lost: the next key up brings it back. */
  #interrupt(): void {
    if (!this.#asking) return this.onInterrupt();
    const typed = [...this.#above, this.#lines.line].join('\n');
    if (typed === '') return this.#answer('left');
    this.#above = [];
    this.#lines.history?.unshift(typed);
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#setLine('');
    this.#output.write('\n');
    this.#show('› ');
  }
}

/** Node gives a text of several lines as it keeps it in its history: last line first, with carriage returns between them. */
function inOrder(text: string): string {
  return text.split('\r').toReversed().join('\n');
}

/** The output of the line editor, which can be muted. */
class Echo extends Writable {
  readonly #output: NodeJS.WriteStream;
  isMuted = true;

  constructor(output: NodeJS.WriteStream) {
    super();
    this.#output = output;
    output.on('resize', this.#onResize);
  }

  get columns(): number {
    return this.#output.columns || 80;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (!this.isMuted) this.#output.write(chunk);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#output.off('resize', this.#onResize);
    done(error);
  }

  #onResize = (): void => void this.emit('resize');
}
