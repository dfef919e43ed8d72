import { css } from 'lit';

/** Lists of the navigation: headings, and one line for each thing there is. */
export const navigationLines = css`
  h2 {
    padding: var(--bn-space-4) var(--bn-space-2) var(--bn-space-1);
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-xs);
  }
  .line {
    display: flex;
    align-items: center;
    gap: var(--bn-space-2);
    min-height: var(--bn-target);
    padding: var(--bn-space-1) var(--bn-space-2);
    border-radius: var(--bn-radius-m);
    color: var(--bn-ink);
    text-decoration: none;
    transition: background var(--bn-fast) var(--bn-ease);
  }
  .line:hover,
  .line[aria-current] {
    background: var(--bn-ground-hover);
  }
  .line[aria-current] {
    font-weight: var(--bn-weight-strong);
  }
  .line > span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .line .end {
    margin-inline-start: auto;
    overflow: visible;
  }
`;
