import { BnElement, clientContext, html, msg, nothing, str, toast } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { attach, attachedTo, detach, followAttached, giveBack, takeAttached } from './attached-drafts.ts';
import { composerStyles } from './composer-styles.ts';
import { keepDraft, readDraft } from './drafts.ts';
import { followDrops } from './drop.ts';
import { SendEvent, SlashEvent, StopEvent, type DetachEvent } from './events.ts';
import { slashFitting, slashIn, type SlashCommand } from './slash-commands.ts';
import type { Uploaded } from './upload.ts';

const touch = globalThis.matchMedia('(pointer: coarse)');

/**
 * Where messages are written. Enter sends, Shift+Enter makes a new line; on a touch screen only the button sends. Files come by the
 * button, by paste and by drop anywhere on the page.
 * @event bn-send - A message that is not blank. @event bn-stop - The running answer shall stop. @event bn-slash - A command.
 */
export class BnComposer extends BnElement {
  static override properties = {
    draftKey: { type: String, attribute: 'draft-key' },
    bot: { type: String },
    placeholder: { type: String },
    isRunning: { type: Boolean },
    isOff: { type: Boolean },
    hasCommands: { type: Boolean },
    waiting: { type: Number },
    text: { state: true },
    chosen: { state: true },
    isClosed: { state: true },
    isDropping: { state: true },
    isSendingSoon: { state: true },
  };
  static override styles = [super.styles, composerStyles];
  /** The conversation whose draft is kept. */
  declare draftKey: string;
  /** Id of the bot for which files are; without it none can be sent. */
  declare bot: string;
  declare placeholder: string;
  declare isRunning: boolean;
  /** Nothing can be sent now; writing goes on. */
  declare isOff: boolean;
  /** Texts that begin with a slash may be commands. */
  declare hasCommands: boolean;
  /** Messages that wait for the answer before theirs. */
  declare waiting: number;
  declare text: string;
  /** Which of the commands that fit is chosen. */
  declare chosen: number;
  /** The list of commands was closed, until something else is written. */
  declare isClosed: boolean;
  declare isDropping: boolean;
  /** It was to be sent while files were on their way, and goes when they are there. */
  declare isSendingSoon: boolean;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.draftKey = '';
    this.bot = '';
    this.placeholder = msg('Write a message');
    this.isRunning = false;
    this.isOff = false;
    this.hasCommands = false;
    this.waiting = 0;
    this.text = '';
    this.chosen = 0;
    this.isClosed = false;
    this.isDropping = false;
    this.isSendingSoon = false;
    this.whileConnected(() => followAttached(() => this.#filesChanged()));
    this.whileConnected(() =>
      followDrops({
        over: (isOver) => (this.isDropping = isOver && this.bot !== ''),
        drop: (files) => this.#attach(files),
      }),
    );
  }

  /** Puts a text in, in front of what is there, and the cursor behind it; and files of a message that was not sent. */
  write(text: string, files: readonly Uploaded[] = []): void {
    this.#keep([text, this.text].filter((part) => part.trim() !== '').join('\n'));
    if (files.length > 0) giveBack(this.#files, files);
    this.focus();
  }

  override focus(): void {
    void this.updateComplete.then(() => {
      const field = this.renderRoot.querySelector('textarea');
      field?.focus({ preventScroll: true });
      field?.setSelectionRange(field.value.length, field.value.length);
    });
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('draftKey')) return;
    this.text = readDraft(this.draftKey);
    this.isSendingSoon = false;
  }

  override updated(): void {
    this.renderRoot.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }

  override render(): unknown {
    const files = attachedTo(this.#files);
    if (files.length > 0) void import('./attached-chips.ts');
    const fitting = this.#fitting();
    return html`
      ${fitting.length > 0 ? this.#commands(fitting) : nothing}
      ${
        this.waiting > 0
          ? html`<p class="waiting" role="status">
              ${
                this.waiting === 1
                  ? msg('1 message waits for the answer before it')
                  : msg(str`${this.waiting} messages wait for the answers before them`)
              }
            </p>`
          : nothing
      }
      ${this.isSendingSoon ? html`<p class="waiting" role="status">${msg('It is sent as soon as its files are there')}</p>` : nothing}
      <div class="box" @click=${(event: Event) => event.target === event.currentTarget && this.focus()}>
        <bn-attached-chips
          .files=${files}
          @bn-detach=${(event: DetachEvent) => this.#detach(event.key)}
        ></bn-attached-chips>
        <div class="row">${this.#attachButton()} ${this.#field(fitting)} ${this.#buttons()}</div>
      </div>
      ${touch.matches ? nothing : html`<p class="keys">${msg('Enter sends, Shift + Enter makes a new line')}</p>`}
      ${this.isDropping ? html`<div class="drop">${msg('Drop files to send them with your message')}</div>` : nothing}
    `;
  }

  #attachButton(): unknown {
    if (this.bot === '') return nothing;
    return html`<button
        class="quiet"
        aria-label=${msg('Attach files')}
        title=${msg('Attach files')}
        @click=${() => this.renderRoot.querySelector('input')?.click()}
      >
        <bn-icon name="clip"></bn-icon>
      </button>
      <input
        type="file"
        multiple
        hidden
        tabindex="-1"
        aria-hidden="true"
        @change=${(event: Event) => this.#chosen(event.target as HTMLInputElement)}
      />`;
  }

  #field(fitting: readonly SlashCommand[]): unknown {
    const isOpen = fitting.length > 0;
    return html`<textarea
      rows="1"
      dir=${this.text === '' ? nothing : 'auto'}
      role=${isOpen ? 'combobox' : nothing}
      aria-expanded=${isOpen ? 'true' : nothing}
      aria-controls=${isOpen ? 'slash' : nothing}
      aria-activedescendant=${isOpen ? `slash-${this.chosen}` : nothing}
      aria-label=${this.placeholder}
      placeholder=${this.placeholder}
      enterkeyhint=${touch.matches ? 'enter' : 'send'}
      .value=${this.text}
      @input=${(event: InputEvent) => this.#keep((event.target as HTMLTextAreaElement).value)}
      @keydown=${(event: KeyboardEvent) => this.#key(event)}
      @paste=${(event: ClipboardEvent) => this.#paste(event)}
    ></textarea>`;
  }

  #buttons(): unknown {
    const isBlank = !this.#mayHold();
    const stop = html`<button aria-label=${msg('Stop the answer')} title=${msg('Stop')} @click=${() => this.#stop()}>
      <bn-icon name="stop"></bn-icon>
    </button>`;
    const send = html`<button
      class="primary"
      aria-label=${msg('Send')}
      title=${msg('Send')}
      aria-disabled=${isBlank || this.isOff || this.isSendingSoon}
      @click=${() => this.#send()}
    >
      <bn-icon name="send"></bn-icon>
    </button>`;
    return html`${this.isRunning ? stop : nothing}${this.isRunning && isBlank ? nothing : send}`;
  }

  #commands(fitting: readonly SlashCommand[]): unknown {
    return html`<ul class="slash" id="slash" role="listbox" aria-label=${msg('Commands')}>
      ${fitting.map(
        ({ name, usage, about }, at) =>
          html`<li
            id="slash-${at}"
            role="option"
            aria-selected=${at === this.chosen}
            @pointerdown=${(event: Event) => event.preventDefault()}
            @click=${() => this.#pick(fitting[at])}
          >
            <span><strong>/${name}</strong> ${usage ?? nothing}</span><span class="about">${about}</span>
          </li>`,
      )}
    </ul>`;
  }

  #key(event: KeyboardEvent): void {
    const { key, shiftKey, altKey, ctrlKey, metaKey, isComposing } = event;
    // Some browsers report the Enter that ends a composition with the code 229 only.
    if (isComposing || event.keyCode === 229 || this.#keyInList(event)) return;
    if (key !== 'Enter' || shiftKey || altKey || ctrlKey || metaKey || touch.matches) return;
    event.preventDefault();
    this.#send();
  }

  /** Whether the list of commands has taken the key. */
  #keyInList(event: KeyboardEvent): boolean {
    const fitting = this.#fitting();
    const { key, shiftKey } = event;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    const isChoice = (key === 'Enter' && !shiftKey) || (key === 'Tab' && !shiftKey);
    if (fitting.length === 0 || !(step !== undefined || isChoice || key === 'Escape')) return false;
    event.preventDefault();
    if (step !== undefined) this.chosen = (this.chosen + step + fitting.length) % fitting.length;
    else if (key === 'Escape') this.isClosed = true;
    else this.#pick(fitting[this.chosen], key === 'Tab');
    return true;
  }

  #fitting(): readonly SlashCommand[] {
    return this.hasCommands && !this.isClosed ? slashFitting(this.text) : [];
  }

  /** Does what needs nothing more; the rest is written out, and waits for what stands behind it. */
  #pick(command: SlashCommand | undefined, isOnlyWritten = false): void {
    if (!command) return;
    const isWhole = this.text === `/${command.name}` && !command.needsMore;
    if (isOnlyWritten || (command.usage !== undefined && !isWhole)) {
      this.#keep(`/${command.name} `);
      this.focus();
    } else this.#command(command, '');
  }

  #send(): void {
    const text = this.text.trim();
    const slash = this.hasCommands ? slashIn(text) : undefined;
    if (slash) return this.#command(slash.command, slash.rest);
    if (!this.#mayHold() || this.isOff) return;
    if (this.#isBusy()) {
      this.isSendingSoon = true;
      return;
    }
    this.#keep('');
    this.dispatchEvent(new SendEvent(text, takeAttached(this.#files)));
    this.focus();
  }

  #filesChanged(): void {
    this.requestUpdate();
    if (!this.isSendingSoon || this.#isBusy()) return;
    const isWhole = attachedTo(this.#files).every(({ error }) => error === undefined);
    this.isSendingSoon = false;
    // What could not be uploaded is the person's to decide on.
    if (isWhole) this.#send();
  }

  #command({ name, needsMore }: SlashCommand, rest: string): void {
    if (needsMore && rest === '') return this.#keep(`/${name} `);
    this.#keep('');
    this.dispatchEvent(new SlashEvent(name, rest));
  }

  #stop(): void {
    this.dispatchEvent(new StopEvent());
    this.focus();
  }

  get #files(): string {
    return `${this.draftKey} ${this.bot}`;
  }

  /** There is something that can be sent, or will be when it has come. */
  #mayHold(): boolean {
    return this.text.trim() !== '' || attachedTo(this.#files).some(({ error }) => error === undefined);
  }

  #isBusy(): boolean {
    return attachedTo(this.#files).some(({ uploaded, error }) => !uploaded && error === undefined);
  }

  #chosen(input: HTMLInputElement): void {
    this.#attach([...(input.files ?? [])]);
    // The same file may be chosen again.
    input.value = '';
    this.focus();
  }

  /** Text that comes with a picture of itself, as from a spreadsheet, is text. */
  #paste(event: ClipboardEvent): void {
    const given = event.clipboardData;
    if (!given || given.files.length === 0 || given.types.includes('text/plain')) return;
    event.preventDefault();
    this.#attach([...given.files]);
  }

  #attach(files: readonly File[]): void {
    const client = this.#client.value;
    if (!client || this.bot === '' || files.length === 0) return;
    const complaint = attach(this.#files, client, this.bot, files);
    if (complaint !== undefined) toast(this, complaint, { tone: 'danger' });
  }

  #detach(key: number): void {
    const client = this.#client.value;
    if (client) detach(this.#files, client, this.bot, key);
    this.focus();
  }

  #keep(text: string): void {
    this.text = text;
    this.chosen = 0;
    this.isClosed = false;
    this.isSendingSoon = false;
    keepDraft(this.draftKey, text);
  }
}

customElements.define('bn-composer', BnComposer);
