import { css, html, LitElement, svg, type SVGTemplateResult } from 'lit';

const shapes: Readonly<Record<string, SVGTemplateResult>> = {
  back: svg`<path d="m14.5 6.5-5.5 5.5 5.5 5.5"/>`,
  alert: svg`<path d="M12 9v4.5M12 16.6v.1M10.3 4.3 3 17a2 2 0 0 0 1.7 3h14.6a2 2 0 0 0 1.7-3L13.7 4.3a2 2 0 0 0-3.4 0Z"/>`,
  bots: svg`<path d="M12 4.2V7M9.4 11.6v1.8M14.6 11.6v1.8M2.8 11v3.4M21.2 11v3.4"/><rect x="5" y="7" width="14" height="11.5" rx="3.2"/>`,
  branch: svg`<circle cx="7" cy="5.8" r="2.2"/><circle cx="7" cy="18.2" r="2.2"/><circle cx="17" cy="7.8" r="2.2"/><path d="M7 8v8M17 10c0 4.2-9.2 2-10 5.8"/>`,
  bulb: svg`<path d="M9 16.8v-2.4a6 6 0 1 1 6 0v2.4ZM9.8 20.2h4.4"/>`,
  chat: svg`<path d="M6 5h12a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3h-6.2L7 20.5V17H6a3 3 0 0 1-3-3V8a3 3 0 0 1 3-3Z"/>`,
  check: svg`<path d="m5 12.6 4.4 4.4L19 7.4"/>`,
  chevron: svg`<path d="m9.5 6.5 5.5 5.5-5.5 5.5"/>`,
  close: svg`<path d="m6.5 6.5 11 11M17.5 6.5l-11 11"/>`,
  copy: svg`<rect x="9" y="9" width="11" height="11" rx="2.4"/><path d="M5.4 15A2 2 0 0 1 4 13.1V6.4A2.4 2.4 0 0 1 6.4 4h6.7A2 2 0 0 1 15 5.4"/>`,
  dot: svg`<circle cx="12" cy="12" r="3.4"/>`,
  down: svg`<path d="M12 5v14M6 13l6 6 6-6"/>`,
  folder: svg`<path d="M3.5 7.4A2.4 2.4 0 0 1 5.9 5h3.3l2.3 2.6h6.6a2.4 2.4 0 0 1 2.4 2.4v6.6a2.4 2.4 0 0 1-2.4 2.4H5.9a2.4 2.4 0 0 1-2.4-2.4Z"/>`,
  info: svg`<circle cx="12" cy="12" r="8.6"/><path d="M12 11.2v5M12 7.9v.1"/>`,
  key: svg`<circle cx="8" cy="15.5" r="4.3"/><path d="M11.2 12.4 19.5 4.2M15.6 8.1l2.9 2.9M18 5.7l1.6 1.6"/>`,
  leave: svg`<path d="M10 4.5H7A2.5 2.5 0 0 0 4.5 7v10A2.5 2.5 0 0 0 7 19.5h3M9.5 12h10M15.8 8.2l3.8 3.8-3.8 3.8"/>`,
  menu: svg`<path d="M4 7.5h16M4 12h16M4 16.5h10"/>`,
  more: svg`<path d="M5.5 12h.1M12 12h.1M18.5 12h.1" stroke-width="2.8"/>`,
  offline: svg`<path d="M2.8 9a14 14 0 0 1 18.4 0M6 12.8a9.3 9.3 0 0 1 12 0M9.2 16.5a4.6 4.6 0 0 1 5.6 0M12 20v.1"/>`,
  pencil: svg`<path d="m4.5 19.5.9-4.1L16 4.8a1.9 1.9 0 0 1 2.7 0l.5.5a1.9 1.9 0 0 1 0 2.7L8.6 18.6ZM14 6.8l3.2 3.2"/>`,
  plus: svg`<path d="M12 5v14M5 12h14"/>`,
  refresh: svg`<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.7 3.6v4.2h-4.2"/>`,
  search: svg`<circle cx="10.8" cy="10.8" r="6.3"/><path d="m15.6 15.6 4.9 4.9"/>`,
  send: svg`<path d="M12 19.2V4.8M5.8 11 12 4.8l6.2 6.2"/>`,
  stop: svg`<rect x="7" y="7" width="10" height="10" rx="2.2" fill="currentColor"/>`,
  tool: svg`<path d="M14.8 4.4a5 5 0 0 0-6.2 6.4L3.9 15.5a2 2 0 0 0 0 2.8l1.8 1.8a2 2 0 0 0 2.8 0l4.7-4.7a5 5 0 0 0 6.4-6.2l-3 3-3.3-.9-.9-3.3Z"/>`,
  trash: svg`<path d="M4.5 7h15M9.2 7V5.4A1.4 1.4 0 0 1 10.6 4h2.8a1.4 1.4 0 0 1 1.4 1.4V7M6.4 7l.8 11a2.2 2.2 0 0 0 2.2 2h5.2a2.2 2.2 0 0 0 2.2-2l.8-11"/>`,
};

/**
 * A line drawing beside a word; never the only bearer of a meaning. An unknown name gives a dot.
 * Names: alert back bots branch bulb chat check chevron close copy dot down folder info key leave menu more offline pencil plus
 * refresh search send stop tool trash.
 */
export class BnIcon extends LitElement {
  static override properties = { name: { type: String } };
  static override styles = css`
    :host {
      display: inline-flex;
      flex: none;
      width: 1.2em;
      height: 1.2em;
    }
    svg {
      width: 100%;
      height: 100%;
      fill: none;
      stroke: currentColor;
      stroke-width: 1.7;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
  `;
  declare name: string;

  constructor() {
    super();
    this.name = 'dot';
  }

  override render(): unknown {
    return html`<svg viewBox="0 0 24 24" aria-hidden="true">${shapes[this.name] ?? shapes['dot']}</svg>`;
  }
}

customElements.define('bn-icon', BnIcon);
