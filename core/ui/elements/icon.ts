import { css, html, LitElement, svg, type SVGTemplateResult } from 'lit';

/** The drawings by name, in a field of 24 by 24. */
export const shapes: Readonly<Record<string, SVGTemplateResult>> = {
  alert: svg`<path d="M12 9v4.5M12 16.6v.1M10.3 4.3 3 17a2 2 0 0 0 1.7 3h14.6a2 2 0 0 0 1.7-3L13.7 4.3a2 2 0 0 0-3.4 0Z"/>`,
  archive: svg`<rect x="3.5" y="4.5" width="17" height="4.6" rx="1.4"/><path d="M5.2 9.1v8.3a2.1 2.1 0 0 0 2.1 2.1h9.4a2.1 2.1 0 0 0 2.1-2.1V9.1M9.8 13h4.4"/>`,
  back: svg`<path d="m14.5 6.5-5.5 5.5 5.5 5.5"/>`,
  bots: svg`<path d="M12 4.2V7M9.4 11.6v1.8M14.6 11.6v1.8M2.8 11v3.4M21.2 11v3.4"/><rect x="5" y="7" width="14" height="11.5" rx="3.2"/>`,
  brain: svg`<path d="M12 5.6v12.8M12 6.6a2.9 2.9 0 0 0-5.5.5 3 3 0 0 0-2 4.6 3.2 3.2 0 0 0 1.1 5.1 3.1 3.1 0 0 0 6.4.5M12 6.6a2.9 2.9 0 0 1 5.5.5 3 3 0 0 1 2 4.6 3.2 3.2 0 0 1-1.1 5.1 3.1 3.1 0 0 1-6.4.5M8.2 11.2c1 .1 1.8.7 2 1.7M15.8 11.2c-1 .1-1.8.7-2 1.7"/>`,
  branch: svg`<circle cx="7" cy="5.8" r="2.2"/><circle cx="7" cy="18.2" r="2.2"/><circle cx="17" cy="7.8" r="2.2"/><path d="M7 8v8M17 10c0 4.2-9.2 2-10 5.8"/>`,
  bulb: svg`<path d="M9 16.8v-2.4a6 6 0 1 1 6 0v2.4ZM9.8 20.2h4.4"/>`,
  chart: svg`<path d="M4.5 4.5v13a2 2 0 0 0 2 2h13M9 15.5v-3.5M13.2 15.5v-8M17.4 15.5v-5.4"/>`,
  chat: svg`<path d="M6 5h12a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3h-6.2L7 20.5V17H6a3 3 0 0 1-3-3V8a3 3 0 0 1 3-3Z"/>`,
  check: svg`<path d="m5 12.6 4.4 4.4L19 7.4"/>`,
  chevron: svg`<path d="m9.5 6.5 5.5 5.5-5.5 5.5"/>`,
  clock: svg`<circle cx="12" cy="12" r="8.2"/><path d="M12 7.4V12l3 2"/>`,
  clip: svg`<path d="m19.5 11.4-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8.1-8.1a3.1 3.1 0 0 1 4.4 4.4l-8 8a1.6 1.6 0 0 1-2.2-2.2l7-7.1"/>`,
  close: svg`<path d="m6.5 6.5 11 11M17.5 6.5l-11 11"/>`,
  copy: svg`<rect x="9" y="9" width="11" height="11" rx="2.4"/><path d="M5.4 15A2 2 0 0 1 4 13.1V6.4A2.4 2.4 0 0 1 6.4 4h6.7A2 2 0 0 1 15 5.4"/>`,
  dot: svg`<circle cx="12" cy="12" r="3.4"/>`,
  down: svg`<path d="M12 5v14M6 13l6 6 6-6"/>`,
  download: svg`<path d="M12 4v10.5M7 10l5 5 5-5M4.5 19.5h15"/>`,
  external: svg`<path d="M13.5 4.5h6v6M19.5 4.5 11 13M17.5 13.5v4a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2h4"/>`,
  file: svg`<path d="M6.4 3.8h6.8l4.9 4.9v9.1a2.4 2.4 0 0 1-2.4 2.4H6.4A2.4 2.4 0 0 1 4 17.8V6.2a2.4 2.4 0 0 1 2.4-2.4ZM13 4v5h5" transform="translate(.9)"/>`,
  filter: svg`<path d="M4 6.5h16M7 12h10M10.2 17.5h3.6"/>`,
  fold: svg`<path d="m6.5 9.5 5.5 5.5 5.5-5.5"/>`,
  folder: svg`<path d="M3.5 7.4A2.4 2.4 0 0 1 5.9 5h3.3l2.3 2.6h6.6a2.4 2.4 0 0 1 2.4 2.4v6.6a2.4 2.4 0 0 1-2.4 2.4H5.9a2.4 2.4 0 0 1-2.4-2.4Z"/>`,
  gear: svg`<circle cx="12" cy="12" r="3"/><path d="M12 3.5v2.3M12 18.2v2.3M3.5 12h2.3M18.2 12h2.3M6 6l1.6 1.6M16.4 16.4 18 18M6 18l1.6-1.6M16.4 7.6 18 6"/>`,
  globe: svg`<circle cx="12" cy="12" r="8.4"/><path d="M3.6 12h16.8M12 3.6c5 5 5 11.8 0 16.8M12 3.6c-5 5-5 11.8 0 16.8"/>`,
  grid: svg`<rect x="4" y="4" width="6.6" height="6.6" rx="1.6"/><rect x="13.4" y="4" width="6.6" height="6.6" rx="1.6"/><rect x="4" y="13.4" width="6.6" height="6.6" rx="1.6"/><rect x="13.4" y="13.4" width="6.6" height="6.6" rx="1.6"/>`,
  heart: svg`<path d="M3.5 12h4l2.2-5.5 4 11 2.3-5.5h4.5"/>`,
  home: svg`<path d="m4 11 8-6.8 8 6.8M6 9.5v8.3a2 2 0 0 0 2 2h8a2 2 0 0 0 2-2V9.5"/>`,
  info: svg`<circle cx="12" cy="12" r="8.6"/><path d="M12 11.2v5M12 7.9v.1"/>`,
  inspect: svg`<rect x="3.8" y="4.5" width="16.4" height="15" rx="2.6"/><path d="M14.6 4.5v15"/>`,
  key: svg`<circle cx="8" cy="15.5" r="4.3"/><path d="M11.2 12.4 19.5 4.2M15.6 8.1l2.9 2.9M18 5.7l1.6 1.6"/>`,
  keyboard: svg`<rect x="3" y="6" width="18" height="12" rx="2.4"/><path d="M7 10h.1M10.3 10h.1M13.7 10h.1M17 10h.1M8 14h8"/>`,
  leave: svg`<path d="M10 4.5H7A2.5 2.5 0 0 0 4.5 7v10A2.5 2.5 0 0 0 7 19.5h3M9.5 12h10M15.8 8.2l3.8 3.8-3.8 3.8"/>`,
  menu: svg`<path d="M4 7.5h16M4 12h16M4 16.5h10"/>`,
  moon: svg`<path d="M19.5 14.4A8 8 0 0 1 9.6 4.5a8 8 0 1 0 9.9 9.9Z"/>`,
  more: svg`<path d="M5.5 12h.1M12 12h.1M18.5 12h.1" stroke-width="2.8"/>`,
  offline: svg`<path d="M2.8 9a14 14 0 0 1 18.4 0M6 12.8a9.3 9.3 0 0 1 12 0M9.2 16.5a4.6 4.6 0 0 1 5.6 0M12 20v.1"/>`,
  pause: svg`<path d="M9 6v12M15 6v12"/>`,
  pencil: svg`<path d="m4.5 19.5.9-4.1L16 4.8a1.9 1.9 0 0 1 2.7 0l.5.5a1.9 1.9 0 0 1 0 2.7L8.6 18.6ZM14 6.8l3.2 3.2"/>`,
  play: svg`<path d="M8 5.6v12.8L18.5 12Z"/>`,
  plug: svg`<path d="M9 3.8v4.7M15 3.8v4.7M6.5 8.5h11v2.7a5.5 5.5 0 0 1-11 0ZM12 16.7v3.5"/>`,
  plus: svg`<path d="M12 5v14M5 12h14"/>`,
  refresh: svg`<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.7 3.6v4.2h-4.2"/>`,
  search: svg`<circle cx="10.8" cy="10.8" r="6.3"/><path d="m15.6 15.6 4.9 4.9"/>`,
  send: svg`<path d="M12 19.2V4.8M5.8 11 12 4.8l6.2 6.2"/>`,
  shield: svg`<path d="M12 3.8 5 6.5v5c0 4.3 2.9 7.2 7 8.7 4.1-1.5 7-4.4 7-8.7v-5Z"/>`,
  side: svg`<rect x="3.8" y="4.5" width="16.4" height="15" rx="2.6"/><path d="M9.4 4.5v15"/>`,
  sort: svg`<path d="M8 5v14M4.5 15.5 8 19l3.5-3.5M16 19V5M12.5 8.5 16 5l3.5 3.5"/>`,
  star: svg`<path d="m12 4.2 2.4 4.9 5.4.8-3.9 3.8.9 5.4-4.8-2.6-4.8 2.6.9-5.4L4.2 9.9l5.4-.8Z"/>`,
  stop: svg`<rect x="7" y="7" width="10" height="10" rx="2.2" fill="currentColor"/>`,
  sun: svg`<circle cx="12" cy="12" r="3.8"/><path d="M12 3.5v1.8M12 18.7v1.8M3.5 12h1.8M18.7 12h1.8M6 6l1.3 1.3M16.7 16.7 18 18M6 18l1.3-1.3M16.7 7.3 18 6"/>`,
  system: svg`<rect x="3.5" y="5" width="17" height="11" rx="2.2"/><path d="M9 20h6M12 16v4"/>`,
  tool: svg`<path d="M14.8 4.4a5 5 0 0 0-6.2 6.4L3.9 15.5a2 2 0 0 0 0 2.8l1.8 1.8a2 2 0 0 0 2.8 0l4.7-4.7a5 5 0 0 0 6.4-6.2l-3 3-3.3-.9-.9-3.3Z"/>`,
  trash: svg`<path d="M4.5 7h15M9.2 7V5.4A1.4 1.4 0 0 1 10.6 4h2.8a1.4 1.4 0 0 1 1.4 1.4V7M6.4 7l.8 11a2.2 2.2 0 0 0 2.2 2h5.2a2.2 2.2 0 0 0 2.2-2l.8-11"/>`,
  undo: svg`<path d="M8.5 5 4.5 9l4 4M4.5 9h9a5.5 5.5 0 0 1 0 11H9"/>`,
  upload: svg`<path d="M12 15V4.5M7 9l5-5 5 5M4.5 19.5h15"/>`,
  user: svg`<circle cx="12" cy="8.2" r="3.9"/><path d="M4.8 20a7.3 7.3 0 0 1 14.4 0"/>`,
  users: svg`<circle cx="9" cy="8.4" r="3.5"/><path d="M2.8 19.5a6.3 6.3 0 0 1 12.4 0M15.5 5.2a3.5 3.5 0 0 1 0 6.4M17.3 14.2a6.3 6.3 0 0 1 4 5.3"/>`,
  wallet: svg`<path d="M4 7.5v9.3a2.2 2.2 0 0 0 2.2 2.2h11.6a2.2 2.2 0 0 0 2.2-2.2v-6.6A2.2 2.2 0 0 0 17.8 8H5.2A1.9 1.9 0 0 1 5.2 4.5h11.3M16.3 13.4h.1"/>`,
};

/**
 * A line drawing beside a word; never the only bearer of a meaning. An unknown name gives a dot.
 * Names: alert archive back bots brain branch bulb chart chat check chevron clip clock close copy dot down download external
 * file filter fold folder gear globe grid heart home info inspect key keyboard leave menu moon more offline pause pencil
 * play plug plus refresh search send shield side sort star stop sun system tool trash undo upload user users wallet.
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
    /* What points along the text points the other way where it runs from the right. */
    :host(:is([name='back'], [name='chevron'], [name='inspect'], [name='leave'], [name='side'], [name='undo']):dir(rtl))
      svg {
      scale: -1 1;
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
