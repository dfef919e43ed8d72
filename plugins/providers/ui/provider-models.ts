import {
  BnElement,
  CallError,
  clientContext,
  CloseEvent,
  css,
  errorNotice,
  formatCount,
  formatDollars,
  formStyles,
  html,
  msg,
  nothing,
  sectionStyles,
  str,
  type Answer,
} from 'boternity/ui';

type Model = Answer<'providers.fetch'>['models'][number];

/** The models that a service says it has, and the way to offer more of them. @event bn-close - Something was added, or it is not wanted. */
export class BnProviderModels extends BnElement {
  static override properties = {
    name: { type: String },
    models: { state: true },
    filter: { state: true },
    error: { state: true },
    isBusy: { state: true },
  };
  static override styles = [
    super.styles,
    sectionStyles,
    formStyles,
    css`
      :host {
        flex: 1 0 100%;
      }
      ul {
        max-height: 20rem;
        margin-block: var(--bn-space-3);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        overflow-y: auto;
      }
      li {
        padding-inline: var(--bn-space-3);
      }
      .check span:last-child {
        margin-inline-start: auto;
      }
    `,
  ];
  declare name: string;
  declare models: readonly Model[] | undefined;
  declare filter: string;
  declare error: CallError | undefined;
  declare isBusy: boolean;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.name = '';
    this.filter = '';
    this.isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.#fetch([]));
  }

  override render(): unknown {
    const { models } = this;
    if (!models)
      return html`${errorNotice(this.error, () => void this.#fetch([]))}
        ${this.error ? nothing : html`<p class="soft" role="status">${msg('The service is asked for its models …')}</p>`}
        <div class="row">${this.#close()}</div>`;
    const shown = models.filter(({ id }) => id.toLowerCase().includes(this.filter.toLowerCase()));
    return html`<form @submit=${(event: SubmitEvent) => void this.#add(event)}>
      ${
        models.length > 10
          ? html`<input
              type="search"
              aria-label=${msg('Search models')}
              placeholder=${msg('Search models')}
              @input=${(event: Event) => (this.filter = (event.target as HTMLInputElement).value)}
            />`
          : nothing
      }
      <ul aria-label=${msg(str`Models of ${this.name}`)} tabindex="0">
        ${shown.map((model) => this.#line(model))}
      </ul>
      ${errorNotice(this.error)}
      <div class="row">
        ${this.#close()}
        <button class="primary" ?disabled=${this.isBusy}>${msg('Offer the chosen ones')}</button>
      </div>
    </form>`;
  }

  #line({ id, state, window, input, output }: Model): unknown {
    const facts = [
      ...(window === null ? [] : [msg(str`${formatCount(window)} tokens`)]),
      ...(input === null ? [] : [`${formatDollars(input)} / ${formatDollars(output ?? 0)}`]),
      ...(state === 'unlisted' ? [msg('the service does not name it any more')] : []),
    ];
    return html`<li>
      <label class="check"
        ><input type="checkbox" value=${id} .checked=${state !== 'new'} ?disabled=${state !== 'new'} /><span>${id}</span
        ><span class="soft small ${state === 'unlisted' ? 'wrong' : ''}">${facts.join(' · ')}</span></label
      >
    </li>`;
  }

  #close(): unknown {
    return html`<button type="button" @click=${() => this.dispatchEvent(new CloseEvent())}>${msg('Close')}</button>`;
  }

  async #add(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const boxes = this.renderRoot.querySelectorAll<HTMLInputElement>('[type=checkbox]:checked:not(:disabled)');
    await this.#fetch(Array.from(boxes, ({ value }) => value));
    if (!this.error) this.dispatchEvent(new CloseEvent());
  }

  async #fetch(add: string[]): Promise<void> {
    this.isBusy = true;
    this.error = undefined;
    try {
      this.models = (await this.#client.value?.call('providers.fetch', { name: this.name, add }))?.models;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }
}

customElements.define('bn-provider-models', BnProviderModels);
