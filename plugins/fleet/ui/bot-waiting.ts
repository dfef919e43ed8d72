import {
  BnElement,
  CallError,
  FleetChangedEvent,
  clientContext,
  css,
  html,
  msg,
  nothing,
  str,
  type Answer,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import './bot-diff.ts';

type Waits = Answer<'bots.show'>['waits'];

/** What lies in a bot's folder and is not in force: a changed identity to accept or put back, code to allow. */
export class BnBotWaiting extends BnElement {
  static override properties = {
    slug: { type: String },
    waits: { attribute: false },
    diff: { state: true },
    error: { state: true },
    isBusy: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        gap: var(--bn-space-3);
      }
      ul {
        margin: var(--bn-space-2) 0 0;
        padding-inline-start: var(--bn-space-4);
        list-style: disc;
      }
    `,
  ];
  declare slug: string;
  declare waits: Waits;
  declare diff: string | undefined;
  declare error: CallError | undefined;
  declare isBusy: boolean;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.slug = '';
    this.waits = [];
    this.isBusy = false;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('waits') && !changed.has('slug')) return;
    this.diff = undefined;
    if (this.waits.some(({ kind }) => kind === 'identity')) void this.#readDiff();
  }

  override render(): unknown {
    const paths = (wanted: 'identity' | 'code'): string[] =>
      this.waits.filter(({ kind }) => kind === wanted).map(({ path }) => path);
    return html`${this.#identity(paths('identity'))} ${this.#code(paths('code'))}
    ${
      this.error
        ? html`<bn-notice tone="danger" role="alert"
            ><strong>${this.error.message}</strong> ${this.error.hint}</bn-notice
          >`
        : nothing
    }`;
  }

  #identity(paths: readonly string[]): unknown {
    if (paths.length === 0) return nothing;
    return html`<bn-notice tone="warning" role="status">
        <strong>${msg(str`${paths.join(', ')} changed and waits for you.`)}</strong>
        ${msg('The bot goes on as it was until you accept the change.')}
        <button slot="actions" class="primary" ?disabled=${this.isBusy} @click=${() => void this.#run('soul.accept')}>
          ${msg('Accept the change')}
        </button>
        <button slot="actions" ?disabled=${this.isBusy} @click=${() => void this.#run('soul.restore')}>
          ${msg('Put back what was')}
        </button>
      </bn-notice>
      ${this.diff === undefined ? nothing : html`<bn-bot-diff .diff=${this.diff}></bn-bot-diff>`}`;
  }

  #code(paths: readonly string[]): unknown {
    if (paths.length === 0) return nothing;
    return html`<bn-notice tone="warning" role="status">
      <strong>${msg('Code arrived that nobody has allowed.')}</strong>
      ${msg('It does not run until you have read it and allow it:')}
      <ul>
        ${paths.map((path) => html`<li><code>${path}</code></li>`)}
      </ul>
      <button slot="actions" ?disabled=${this.isBusy} @click=${() => void this.#run('approvals.grant')}>
        ${msg('Allow it')}
      </button>
    </bn-notice>`;
  }

  async #readDiff(): Promise<void> {
    try {
      this.diff = (await this.#client.value?.call('soul.diff', { bot: this.slug }))?.diff;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  async #run(action: 'soul.accept' | 'soul.restore' | 'approvals.grant'): Promise<void> {
    this.isBusy = true;
    try {
      await this.#client.value?.call(action, { bot: this.slug });
      this.error = undefined;
      this.dispatchEvent(new FleetChangedEvent());
    } catch (thrown) {
      this.error = CallError.from(thrown);
    } finally {
      this.isBusy = false;
    }
  }
}

customElements.define('bn-bot-waiting', BnBotWaiting);
