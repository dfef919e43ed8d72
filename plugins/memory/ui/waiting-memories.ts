import { BnElement, clientContext, css, html, msg, nothing, pathTo, sectionStyles, type Answer } from 'boternity/ui';
import type { PropertyValues } from 'lit';

type Shared = Answer<'sharedMemories.review'>['memories'][number];

/** Memories of a bot that others are not given before a person has looked at them. Nothing where there are none. */
export class BnWaitingMemories extends BnElement {
  static override properties = { bot: { type: String }, version: { attribute: false }, waiting: { state: true } };
  static override styles = [
    super.styles,
    sectionStyles,
    css`
      /* Nothing waits most of the time, and takes no room. */
      :host {
        display: contents;
      }
      a {
        display: grid;
        gap: var(--bn-space-1);
        padding: var(--bn-space-3) var(--bn-space-4);
        color: var(--bn-ink);
        text-decoration: none;
        overflow-wrap: anywhere;
      }
      a:hover {
        background: var(--bn-ground-hover);
      }
      a:focus-visible {
        outline-offset: calc(-1 * var(--bn-ring));
      }
    `,
  ];
  /** Slug of the bot. */
  declare bot: string;
  /** Changes with its memories, so that they are read again. */
  declare version: unknown;
  declare waiting: readonly Shared[];
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.bot = '';
    this.waiting = [];
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('bot') || changed.has('version')) void this.#read();
  }

  override render(): unknown {
    if (this.waiting.length === 0) return nothing;
    return html`<section aria-labelledby="waiting">
      <h2 id="waiting">${msg('Shared memories that wait for you')}</h2>
      <ul class="lines">
        ${this.waiting.map(
          ({ id, text, state, reasons }) =>
            html`<li>
              <a href=${pathTo('memory', this.bot, id)}>
                <span>${text}</span>
                <span class="soft small"
                  >${
                    state === 'quarantined'
                      ? [msg('In quarantine'), ...reasons].join(' · ')
                      : msg('Nobody vouches for it yet')
                  }</span
                >
              </a>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  async #read(): Promise<void> {
    const { bot } = this;
    const found = await this.#client.value?.call('sharedMemories.review', { bot }).catch(() => undefined);
    if (bot === this.bot) this.waiting = found?.memories ?? [];
  }
}

customElements.define('bn-waiting-memories', BnWaitingMemories);
