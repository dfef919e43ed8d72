import { css } from 'lit';

/** How the navigation looks, open and folded. */
export const navigationStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100%;
    padding: env(safe-area-inset-top) 0 env(safe-area-inset-bottom);
    background: var(--bn-ground-nav);
    font-size: var(--bn-text-s);
  }
  .top {
    display: flex;
    align-items: center;
    justify-content: space-between;
    min-height: var(--bn-header-height);
    gap: var(--bn-space-1);
    padding-inline: var(--bn-space-4) var(--bn-space-2);
  }
  .home {
    display: flex;
    align-items: center;
    gap: var(--bn-space-2);
    border-radius: var(--bn-radius-s);
    color: var(--bn-ink);
    font-size: var(--bn-text-l);
    font-weight: var(--bn-weight-strong);
    letter-spacing: -0.01em;
    text-decoration: none;
  }
  .mark {
    width: 1.75rem;
    height: 1.75rem;
  }
  .scroll {
    flex: 1;
    min-height: 0;
    padding: var(--bn-space-1) var(--bn-space-2) var(--bn-space-4);
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--bn-line) transparent;
  }
  h2.both {
    display: flex;
    align-items: center;
    justify-content: space-between;
  }
  h2 a {
    margin-block: calc(-1 * var(--bn-space-1));
    margin-inline-end: calc(-1 * var(--bn-space-1));
    padding: var(--bn-space-1) var(--bn-space-2);
    border-radius: var(--bn-radius-s);
    color: inherit;
    text-decoration: none;
  }
  h2 a:hover,
  h2 a[aria-current] {
    background: var(--bn-ground-hover);
    color: var(--bn-ink);
  }
  .line.sleeping > :not(.end) {
    opacity: 0.7;
  }
  .line bn-icon {
    width: 1.25rem;
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-l);
  }
  .line bn-icon.problem {
    color: var(--bn-danger);
  }
  .foot {
    display: flex;
    align-items: center;
    gap: var(--bn-space-2);
    padding: var(--bn-space-3) var(--bn-space-4);
    border-block-start: var(--bn-border) solid var(--bn-line);
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-xs);
  }
  .home span {
    flex: 1;
  }
  .home {
    flex: 1;
    min-width: 0;
  }
  .me {
    display: flex;
    align-items: center;
    gap: var(--bn-space-1);
    padding: var(--bn-space-2);
    border-block-start: var(--bn-border) solid var(--bn-line);
  }
  .me bn-menu {
    flex: 1;
    min-width: 0;
    font-size: var(--bn-text-s);
  }
  .me bn-menu span {
    font-weight: var(--bn-weight);
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .foot.last {
    padding-block: 0 var(--bn-space-3);
    border: 0;
  }
  :host([folded]) :is(.top, .me) {
    flex-direction: column;
    justify-content: center;
    padding: var(--bn-space-3) 0;
  }
  :host([folded]) .home {
    flex: none;
    margin-block-end: var(--bn-space-2);
  }
  :host([folded]) .scroll {
    padding-inline: var(--bn-space-2);
  }
  :host([folded]) .line {
    justify-content: center;
    padding: var(--bn-space-1);
  }
  :host([folded]) .line {
    position: relative;
  }
  :host([folded]) .line .end {
    position: absolute;
    inset-block-start: 0;
    inset-inline-end: 0;
  }
  :host([folded]) section {
    margin-block-start: var(--bn-space-3);
    padding-block-start: var(--bn-space-3);
    border-block-start: var(--bn-border) solid var(--bn-line);
  }
  .foot > span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .foot .end {
    margin-block: calc(-1 * var(--bn-space-2));
    margin-inline: auto calc(-1 * var(--bn-space-2));
  }
  .foot .lost {
    color: var(--bn-danger);
  }
`;
