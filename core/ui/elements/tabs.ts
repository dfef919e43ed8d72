import '@awesome.me/webawesome/dist/components/tab-group/tab-group.js';
import '@awesome.me/webawesome/dist/components/tab/tab.js';
import '@awesome.me/webawesome/dist/components/tab-panel/tab-panel.js';
import { css, html, nothing } from 'lit';
import { BnElement } from './element.ts';
import './icon.ts';
import './web-awesome.ts';

export interface Tab {
  /** Names the slot of its content, and itself in the event. */
  readonly name: string;
  readonly label: string;
  readonly icon?: string | undefined;
}

/** Another tab was chosen: `name` says which. */
export class TabEvent extends Event {
  static readonly type = 'bn-tab';
  readonly name: string;

  constructor(name: string) {
    super(TabEvent.type);
    this.name = name;
  }
}

/**
 * Tabs, by arrows and by pointer; the content of each lies in the slot of its name. Keep `current` where you keep your state:
 * only then is what a tab shows a page with an address.
 * @slot <name> - The content of a tab. @event bn-tab - Another one was chosen.
 */
export class BnTabs extends BnElement {
  static override properties = {
    label: { type: String },
    tabs: { attribute: false },
    current: { type: String },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        min-width: 0;
      }
      wa-tab-group {
        --track-width: var(--bn-ring);
        --track-color: var(--bn-line);
        --indicator-color: var(--bn-accent);
      }
      wa-tab::part(tab) {
        gap: var(--bn-space-2);
        min-height: var(--bn-target);
        padding: var(--bn-space-1) var(--bn-space-3);
      }
    `,
  ];
  declare label: string;
  declare tabs: readonly Tab[];
  declare current: string;

  constructor() {
    super();
    this.label = '';
    this.tabs = [];
    this.current = '';
  }

  override render(): unknown {
    const current = this.tabs.some(({ name }) => name === this.current) ? this.current : (this.tabs[0]?.name ?? '');
    return html`<wa-tab-group
      aria-label=${this.label || nothing}
      active=${current}
      @wa-tab-show=${(event: CustomEvent<{ name: string }>) => this.#shown(event)}
    >
      ${this.tabs.map(
        ({ name, label, icon }) =>
          html`<wa-tab panel=${name}>${icon ? html`<bn-icon name=${icon}></bn-icon>` : nothing}${label}</wa-tab>`,
      )}
      ${this.tabs.map(({ name }) => html`<wa-tab-panel name=${name}><slot name=${name}></slot></wa-tab-panel>`)}
    </wa-tab-group>`;
  }

  #shown(event: CustomEvent<{ name: string }>): void {
    event.stopPropagation();
    const { name } = event.detail;
    if (name === this.current || (this.current === '' && name === this.tabs[0]?.name)) return;
    this.current = name;
    this.dispatchEvent(new TabEvent(name));
  }
}

customElements.define('bn-tabs', BnTabs);

declare global {
  interface HTMLElementEventMap {
    'bn-tab': TabEvent;
  }
}
