import { BnElement, clientContext, css, html, msg, type Answer } from 'boternity/ui';

/** Somebody wants a bot of a template. */
export class BeginEvent extends Event {
  readonly template: string;

  constructor(template: string) {
    super('bn-begin');
    this.template = template;
  }
}

/** What stands where no bot is yet: the templates to begin with. @event bn-begin - One was chosen. */
export class BnFleetEmpty extends BnElement {
  static override properties = { templates: { state: true } };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        gap: var(--bn-space-5);
        padding-block: var(--bn-space-6);
        text-align: center;
      }
      p {
        max-width: var(--bn-measure);
        margin-inline: auto;
        color: var(--bn-ink-soft);
      }
      h2 {
        font-size: var(--bn-text-xl);
      }
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr));
        gap: var(--bn-space-4);
      }
      li button {
        display: grid;
        justify-items: start;
        gap: var(--bn-space-2);
        width: 100%;
        height: 100%;
        padding: var(--bn-space-4);
        border-radius: var(--bn-radius-l);
        text-align: start;
        white-space: normal;
      }
      li span {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-s);
        font-weight: var(--bn-weight);
      }
      li strong {
        text-transform: capitalize;
      }
    `,
  ];
  declare templates: Answer<'templates.list'>['templates'];
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.templates = [];
    this.whileConnected(() => {
      void this.updateComplete.then(async () => {
        const answer = await this.#client.value?.call('templates.list', {}).catch(() => undefined);
        this.templates = answer?.templates ?? [];
      });
      return () => undefined;
    });
  }

  override render(): unknown {
    return html`<div>
        <h2>${msg('There are no bots yet')}</h2>
        <p>${msg('A bot is a folder with a few text files. Begin with one of these, and change it as you like.')}</p>
      </div>
      <ul aria-label=${msg('Templates')}>
        ${this.templates
          .filter(({ name }) => name !== 'blank')
          .map(
            ({ name, emoji, accentColor, description }) =>
              html`<li>
                <button @click=${() => this.dispatchEvent(new BeginEvent(name))}>
                  <bn-avatar .emoji=${emoji} .name=${name} .color=${accentColor}></bn-avatar>
                  <strong>${name}</strong>
                  <span>${description}</span>
                </button>
              </li>`,
          )}
      </ul>`;
  }
}

customElements.define('bn-fleet-empty', BnFleetEmpty);
