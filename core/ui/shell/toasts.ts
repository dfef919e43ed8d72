import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { BnElement } from '../elements/element.ts';
import '../elements/icon.ts';
import { msg } from '../language.ts';
import { ToastEvent, type ToastOptions } from '../toast.ts';

const MOST = 3;
const STAYS_MS = 5_000;
const STAYS_LONG_MS = 12_000;

interface Toast extends ToastOptions {
  readonly id: number;
  readonly text: string;
}

/** The toasts that are shown, the newest last. Pointer or focus on them keeps them. */
export class BnToasts extends BnElement {
  static override properties = { toasts: { state: true } };
  static override styles = [
    super.styles,
    css`
      :host {
        position: fixed;
        z-index: 5;
        inset-block-end: calc(var(--bn-space-5) + env(safe-area-inset-bottom));
        inset-inline: var(--bn-space-4);
        display: grid;
        justify-items: center;
        pointer-events: none;
      }
      [role='status'] {
        max-width: 100%;
      }
      ul {
        display: grid;
        gap: var(--bn-space-2);
        max-width: 100%;
      }
      li {
        display: flex;
        align-items: center;
        gap: var(--bn-space-3);
        max-width: 34rem;
        min-height: var(--bn-target);
        padding-block: var(--bn-space-1);
        padding-inline: var(--bn-space-4) var(--bn-space-1);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ink);
        color: var(--bn-ground);
        box-shadow: var(--bn-shadow-2);
        font-size: var(--bn-text-s);
        pointer-events: auto;
        animation: rise var(--bn-slow) var(--bn-ease);
      }
      @keyframes rise {
        from {
          opacity: 0;
          translate: 0 var(--bn-space-3);
        }
      }
      li > span {
        flex: 1;
        overflow-wrap: anywhere;
      }
      li button,
      li button:hover {
        border: 0;
        background: transparent;
        color: inherit;
      }
      li button:focus-visible {
        outline-color: currentColor;
        outline-offset: calc(-1 * var(--bn-ring));
      }
      li button.action {
        text-decoration: underline;
        text-underline-offset: 0.18em;
      }
      @media (forced-colors: active) {
        li {
          border: var(--bn-border) solid CanvasText;
        }
      }
    `,
  ];
  declare toasts: readonly Toast[];
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #last = 0;

  constructor() {
    super();
    this.toasts = [];
    this.whileConnected(() => {
      const show = (event: ToastEvent): void => this.#show(event);
      document.addEventListener(ToastEvent.type, show as (event: Event) => void);
      return () => document.removeEventListener(ToastEvent.type, show as (event: Event) => void);
    });
  }

  override render(): unknown {
    return html`<div
      role="status"
      aria-live="polite"
      aria-atomic="false"
      aria-relevant="additions"
      aria-label=${msg('What has happened')}
    >
      <ul>
        ${repeat(
          this.toasts,
          ({ id }) => id,
          (toast) => this.#line(toast),
        )}
      </ul>
    </div>`;
  }

  #line(toast: Toast): unknown {
    const { id, text, tone, action } = toast;
    return html`<li
      @pointerenter=${() => this.#keep(id)}
      @pointerleave=${() => this.#time(toast)}
      @focusin=${() => this.#keep(id)}
      @focusout=${() => this.#time(toast)}
    >
      ${tone === 'danger' ? html`<bn-icon name="alert"></bn-icon>` : nothing}<span>${text}</span>
      ${action ? html`<button class="action" @click=${() => this.#act(toast)}>${action.label}</button>` : nothing}
      <button class="square" aria-label=${msg('Dismiss')} @click=${() => this.#drop(id)}>
        <bn-icon name="close"></bn-icon>
      </button>
    </li>`;
  }

  #show({ text, options }: ToastEvent): void {
    const toast = { ...options, text, id: (this.#last += 1) };
    for (const { id } of this.toasts.slice(0, Math.max(0, this.toasts.length + 1 - MOST))) this.#drop(id);
    this.toasts = [...this.toasts, toast];
    this.#time(toast);
  }

  #act({ id, action }: Toast): void {
    this.#drop(id);
    action?.run();
  }

  #time({ id, tone, action }: Toast): void {
    this.#keep(id);
    const stays = action || tone === 'danger' ? STAYS_LONG_MS : STAYS_MS;
    this.#timers.set(
      id,
      setTimeout(() => this.#drop(id), stays),
    );
  }

  #keep(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  #drop(id: number): void {
    this.#keep(id);
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }
}

customElements.define('bn-toasts', BnToasts);
