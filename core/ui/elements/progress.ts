import WaProgressBar from '@awesome.me/webawesome/dist/components/progress-bar/progress-bar.js';
import { css, type CSSResultGroup } from 'lit';
import './web-awesome.ts';

/** How far something is: `value` in per cent, or `indeterminate`; `label` names it. Stand the figure beside it as text. */
export class BnProgress extends WaProgressBar {
  static override get styles(): CSSResultGroup {
    return [
      super.styles,
      css`
        :host {
          --track-height: var(--bn-space-2);
          --track-color: var(--bn-line);
          --indicator-color: var(--bn-accent);
        }
        @media (prefers-reduced-motion: reduce) {
          .indicator {
            animation: none !important;
          }
        }
      `,
    ];
  }
}

customElements.define('bn-progress', BnProgress);
