import {
  BnElement,
  CallError,
  clientContext,
  CloseEvent,
  css,
  errorNotice,
  FleetChangedEvent,
  formStyles,
  html,
  msg,
  navigate,
  nothing,
  pathTo,
  type Answer,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import './import-bot.ts';

/** How a new bot begins. */
export interface CreateBotWish {
  readonly way: 'template' | 'blank' | 'git' | 'import';
  readonly template?: string;
  /** An archive that was dropped. */
  readonly file?: File;
}

type Way = CreateBotWish['way'];

/** Makes a new bot: of a template, of nothing but a name, of a git repository, of an archive. @event bn-close - It was closed. */
export class BnCreateBot extends BnElement {
  static override properties = {
    wish: { attribute: false },
    way: { state: true },
    isBusy: { state: true },
    error: { state: true },
    templates: { state: true },
  };
  static override styles = [
    super.styles,
    formStyles,
    css`
      .ways {
        display: grid;
        grid-template-columns: repeat(4, 1fr);
        gap: var(--bn-space-1);
        margin-block-end: var(--bn-space-4);
        padding: var(--bn-space-1);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground);
      }
      .ways button {
        padding-inline: var(--bn-space-1);
        border-color: transparent;
        background: transparent;
        font-size: var(--bn-text-s);
      }
      .ways button[aria-pressed='true'] {
        border-color: var(--bn-line);
        background: var(--bn-ground-raised);
      }
      fieldset {
        display: grid;
        gap: var(--bn-space-2);
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        margin-block-end: var(--bn-space-1);
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight-strong);
      }
      .template {
        display: grid;
        grid-template-columns: auto auto minmax(0, 1fr);
        align-items: center;
        gap: var(--bn-space-3);
        padding: var(--bn-space-2) var(--bn-space-3);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        cursor: pointer;
      }
      .template:has(:checked) {
        border-color: var(--bn-accent);
        background: var(--bn-accent-soft);
      }
      .template input {
        width: auto;
        min-height: 0;
        accent-color: var(--bn-accent);
      }
      .template strong {
        text-transform: capitalize;
      }
      .template span {
        color: var(--bn-ink-soft);
        font-weight: var(--bn-weight);
      }
    `,
  ];
  /** What it begins with; it is open while there is one. */
  declare wish: CreateBotWish | undefined;
  declare way: Way;
  declare isBusy: boolean;
  declare error: CallError | undefined;
  declare templates: Answer<'templates.list'>['templates'];
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.way = 'template';
    this.isBusy = false;
    this.templates = [];
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('wish') || !this.wish) return;
    this.way = this.wish.way;
    this.error = undefined;
    if (this.templates.length === 0) void this.#readTemplates();
  }

  override render(): unknown {
    const words: Record<Way, string> = {
      template: msg('Template'),
      blank: msg('Blank'),
      git: msg('Git'),
      import: msg('Import'),
    };
    return html`<bn-dialog
      heading=${msg('New bot')}
      .isOpen=${this.wish !== undefined}
      @bn-close=${() => this.#close()}
    >
      <div class="ways" role="group" aria-label=${msg('What it begins with')}>
        ${(Object.keys(words) as Way[]).map(
          (way) =>
            html`<button type="button" aria-pressed=${this.way === way} @click=${() => this.#choose(way)}>
              ${words[way]}
            </button>`,
        )}
      </div>
      ${
        this.way === 'import'
          ? html`<bn-import-bot .file=${this.wish?.file} @bn-close=${() => this.#close()}></bn-import-bot>`
          : this.#form()
      }
    </bn-dialog>`;
  }

  #form(): unknown {
    return html`<form @submit=${(event: SubmitEvent) => void this.#submit(event)}>
      ${
        this.way === 'git'
          ? html`<label
              >${msg('Address of the repository')}
              <input
                name="from"
                required
                maxlength="2000"
                autocomplete="off"
                placeholder="https://example.org/ada.git"
              />
              <span class="hint"
                >${msg('It comes with its history. What runs code in it waits until you have read it and allow it.')}</span
              ></label
            >`
          : nothing
      }
      <label
        >${msg('Name')}
        <input name="name" required maxlength="100" autocomplete="off" autofocus placeholder="Ada" />
      </label>
      ${this.way === 'template' ? this.#choice() : nothing}
      ${this.way === 'blank' ? html`<p class="hint">${msg('Nothing but a name: you write who it is.')}</p>` : nothing}
      ${errorNotice(this.error)}
      <div class="row">
        <button type="button" @click=${() => this.#close()}>${msg('Cancel')}</button>
        <button class="primary" ?disabled=${this.isBusy}>${msg('Create')}</button>
      </div>
    </form>`;
  }

  #choice(): unknown {
    const templates = this.templates.filter(({ name }) => name !== 'blank');
    const wanted = this.wish?.template ?? templates[0]?.name;
    return html`<fieldset>
      <legend>${msg('Template')}</legend>
      ${templates.map(
        ({ name, emoji, accentColor, description }) =>
          html`<label class="template">
            <input type="radio" name="template" value=${name} ?checked=${name === wanted} />
            <bn-avatar size="s" .emoji=${emoji} .name=${name} .color=${accentColor}></bn-avatar>
            <div><strong>${name}</strong> <span>${description}</span></div>
          </label>`,
      )}
    </fieldset>`;
  }

  async #readTemplates(): Promise<void> {
    try {
      this.templates = (await this.#client.value?.call('templates.list', {}))?.templates ?? [];
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  #choose(way: Way): void {
    this.way = way;
    this.error = undefined;
  }

  #close(): void {
    this.error = undefined;
    this.dispatchEvent(new CloseEvent());
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = (name: string): string =>
      form.querySelector<HTMLInputElement>(`[name=${name}]:is(:not([type=radio]), :checked)`)?.value.trim() ?? '';
    const name = given('name');
    const from = given('from');
    // The list may still be on its way.
    const template = this.way === 'blank' ? 'blank' : given('template') || (this.wish?.template ?? '');
    if (name === '' || this.isBusy) return;
    this.isBusy = true;
    this.error = undefined;
    try {
      const born = this.way === 'git' ? { name, from } : { name, ...(template !== '' && { template }) };
      const { slug } = (await this.#client.value?.call('bots.create', born)) ?? {};
      form.reset();
      this.#close();
      this.dispatchEvent(new FleetChangedEvent());
      if (slug !== undefined) navigate(pathTo('agents', slug));
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }
}

customElements.define('bn-create-bot', BnCreateBot);
