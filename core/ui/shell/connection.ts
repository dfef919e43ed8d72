import { css, html, nothing, type PropertyValues } from 'lit';
import { clientContext, fleetContext } from '../contexts.ts';
import { BnElement } from '../elements/element.ts';
import '../elements/icon.ts';
import { FleetChangedEvent } from '../events.ts';
import { formatTime } from '../format.ts';
import { msg, str } from '../language.ts';
import { toast } from '../toast.ts';
import { followUpdates, type Updates } from './updates.ts';

/** A line above the page: that the server cannot be reached and how old is what is shown, or that there is a new version. Empty in between. */
export class BnConnection extends BnElement {
  static override properties = { take: { state: true }, waiting: { state: true } };
  static override styles = [
    super.styles,
    css`
      :host {
        flex: none;
      }
      .line {
        display: flex;
        align-items: center;
        gap: var(--bn-space-3);
        min-height: var(--bn-target);
        padding: var(--bn-space-2) var(--bn-space-4);
        background: var(--bn-warning-soft);
        font-size: var(--bn-text-s);
      }
      .line > bn-icon {
        flex: none;
        color: var(--bn-warning);
      }
      .line.news {
        background: var(--bn-accent-soft);
      }
      .line.news > bn-icon {
        color: var(--bn-accent);
      }
      span {
        flex: 1;
        min-width: 0;
      }
    `,
  ];
  declare take: (() => void) | undefined;
  /** How many messages wait for the server. */
  declare waiting: number;
  readonly #client = this.watch(clientContext);
  readonly #fleet = this.watch(fleetContext);
  #updates: Updates | undefined;
  #wasAway = false;

  constructor() {
    super();
    this.waiting = 0;
    this.whileConnected(() => {
      const updates = followUpdates((take) => (this.take = take));
      this.#updates = updates;
      return () => updates.close();
    });
    this.whileConnected(() => {
      let stop: (() => void) | undefined;
      void this.updateComplete.then(() => (stop = this.#followOutbox()));
      return () => stop?.();
    });
  }

  override updated(_changed: PropertyValues<this>): void {
    const isAway = this.#fleet.value?.state === 'unreachable';
    if (isAway) void this.#count();
    // A server that was away may have come back as another version.
    if (this.#wasAway && !isAway) this.#updates?.look();
    this.#wasAway = isAway;
  }

  override render(): unknown {
    const { fleet, take } = { fleet: this.#fleet.value, take: this.take };
    return html`<div role="status">
      ${
        fleet?.state === 'unreachable'
          ? html`<div class="line">
              <bn-icon name="offline"></bn-icon>
              <span>${msg('The server cannot be reached.')} ${this.#shown(fleet.toldAt)} ${this.#waits()}</span>
              <button class="quiet" @click=${() => this.dispatchEvent(new FleetChangedEvent())}>
                ${msg('Try again')}
              </button>
            </div>`
          : nothing
      }
      ${
        take
          ? html`<div class="line news">
              <bn-icon name="refresh"></bn-icon>
              <span>${msg('A new version is there.')}</span>
              <button class="quiet" @click=${take}>${msg('Reload')}</button>
            </div>`
          : nothing
      }
    </div>`;
  }

  #shown(at: number | undefined): unknown {
    return at === undefined ? nothing : msg(str`You see what it said at ${formatTime(new Date(at).toISOString())}.`);
  }

  #waits(): unknown {
    if (this.waiting === 0) return nothing;
    return this.waiting === 1
      ? msg('One message waits to be sent.')
      : msg(str`${this.waiting} messages wait to be sent.`);
  }

  #followOutbox(): (() => void) | undefined {
    return this.#client.value?.outbox?.subscribe(({ message, error }) => {
      void this.#count();
      if (error)
        toast(this, msg(str`A message could not be sent: ${error.message} It said: ${message.text}`), {
          tone: 'danger',
          action: { label: msg('Copy it'), run: () => void globalThis.navigator.clipboard?.writeText(message.text) },
        });
      // Also for one that has just begun to wait: the server may be there, and only that one request was lost.
      this.dispatchEvent(new FleetChangedEvent());
    });
  }

  async #count(): Promise<void> {
    this.waiting = (await this.#client.value?.outbox?.waiting())?.length ?? 0;
  }
}

customElements.define('bn-connection', BnConnection);
