import { createInterface, type Interface } from 'node:readline/promises';

/** Lines that come within so many milliseconds of each other were pasted: together they are one message. */
const PASTED_MS = 30;

/** What a person types, line by line. Lines typed while nobody asks are kept for the next question. */
export class Lines implements Disposable {
  readonly #lines: Interface;
  readonly #early: string[] = [];
  #asking: ((text: string | undefined) => void) | undefined;
  #pasted: string[] = [];
  #pause: NodeJS.Timeout | undefined;
  /** Called at Ctrl+C while nobody asks. */
  onInterrupt: () => void = () => undefined;

  constructor(input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.#lines = createInterface({ input, output, prompt: '› ' });
    this.#lines.on('line', (text) => this.#take(text));
    this.#lines.on('close', () => this.#answer(undefined));
    this.#lines.on('SIGINT', () => this.#interrupt());
  }

  /** The next message, all lines of it; undefined at Ctrl+D, and at Ctrl+C when nothing is typed. */
  ask(prompt = '› '): Promise<string | undefined> {
    const early = this.#early.shift();
    if (early !== undefined) return Promise.resolve(early);
    this.#lines.setPrompt(prompt);
    this.#lines.prompt();
    return new Promise((resolve) => (this.#asking = resolve));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#pause);
    this.#lines.close();
  }

  #take(text: string): void {
    this.#pasted.push(text);
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      const whole = this.#pasted.join('\n');
      this.#pasted = [];
      if (this.#asking) this.#answer(whole);
      else this.#early.push(whole);
    }, PASTED_MS);
  }

  #answer(text: string | undefined): void {
    const asking = this.#asking;
    this.#asking = undefined;
    asking?.(text);
  }

  #interrupt(): void {
    if (!this.#asking) return this.onInterrupt();
    if (this.#lines.line === '') return this.#answer(undefined);
    this.#lines.write(null, { ctrl: true, name: 'u' });
  }
}
