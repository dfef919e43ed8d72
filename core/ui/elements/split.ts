import WaSplitPanel from '@awesome.me/webawesome/dist/components/split-panel/split-panel.js';
import { css, type CSSResultGroup } from 'lit';
import './web-awesome.ts';

/**
 * Two parts with a handle between them, moved by pointer and by arrows; Enter folds the first. `position` is the first part's share in
 * per cent, `--min` and `--max` are its bounds; orientation="vertical" puts them one above the other.
 * @slot start - The first part. @slot end - The second. @event wa-reposition - The handle was moved.
 */
export class BnSplit extends WaSplitPanel {
  static override get styles(): CSSResultGroup {
    return [
      super.styles,
      css`
        :host {
          --divider-width: var(--bn-border);
          --divider-hit-area: var(--bn-space-4);
          --min: 12rem;
          --max: calc(100% - 12rem);
          min-height: 0;
        }
        .divider {
          background: var(--bn-line);
          transition: background var(--bn-fast) var(--bn-ease);
        }
        .divider:is(:hover, :focus-visible) {
          background: var(--bn-accent);
        }
      `,
    ];
  }
}

customElements.define('bn-split', BnSplit);
