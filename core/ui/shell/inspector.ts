import { css, html, LitElement, nothing } from 'lit';
import { BnElement } from '../elements/element.ts';
import { CloseEvent } from '../events.ts';
import '../elements/icon.ts';
import { msg } from '../language.ts';
import type { Inspected } from './inspect.ts';

/** The pane at the side of the page: a heading, a button that closes it, and what an element of the page shows in it. @event bn-close */
export class BnInspector extends BnElement {
  static override properties = { from: { attribute: false }, shown: { attribute: false } };
  static override styles = [
    super.styles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        background: var(--bn-ground);
      }
      header {
        display: flex;
        flex: none;
        align-items: center;
        gap: var(--bn-space-2);
        min-height: var(--bn-header-height);
        padding-block-start: env(safe-area-inset-top);
        padding-inline: var(--bn-space-4) var(--bn-space-2);
        border-block-end: var(--bn-border) solid var(--bn-line);
      }
      h2 {
        flex: 1;
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .content {
        flex: 1;
        min-height: 0;
        padding: var(--bn-space-4);
        overflow: auto;
        overscroll-behavior: contain;
      }
      .content:focus-visible {
        outline-offset: calc(-1 * var(--bn-ring));
      }
    `,
  ];
  /** The element that asked for it; it is drawn anew with it, and goes with it. */
  declare from: Element | undefined;
  declare shown: Inspected | undefined;
  #followed: LitElement | undefined;
  readonly #follower = {
    hostUpdated: (): void => this.requestUpdate(),
    hostDisconnected: (): void => this.#close(),
  };

  override willUpdate(): void {
    const host = this.from instanceof LitElement ? this.from : undefined;
    if (host === this.#followed) return;
    this.#followed?.removeController(this.#follower);
    this.#followed = host;
    host?.addController(this.#follower);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#followed?.removeController(this.#follower);
    this.#followed = undefined;
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('.content')?.focus();
  }

  override render(): unknown {
    const { shown } = this;
    if (!shown) return nothing;
    return html`<header>
        <h2>${shown.heading}</h2>
        <button class="quiet square" aria-label=${msg('Close')} @click=${() => this.#close()}>
          <bn-icon name="close"></bn-icon>
        </button>
      </header>
      <div class="content" tabindex="0" role="region" aria-label=${shown.heading}>${shown.content()}</div>`;
  }

  #close(): void {
    this.dispatchEvent(new CloseEvent());
  }
}

customElements.define('bn-inspector', BnInspector);
