import { css } from 'lit';

/** Keys, as they stand on a keyboard. */
export const keyCaps = css`
  .keys {
    display: inline-flex;
    flex: none;
    gap: var(--bn-space-1);
  }
  kbd {
    min-width: 1.5rem;
    padding: 0 0.35em;
    border: var(--bn-border) solid var(--bn-line);
    border-radius: var(--bn-radius-s);
    background: var(--bn-ground);
    color: var(--bn-ink-soft);
    font: inherit;
    font-size: var(--bn-text-xs);
    text-align: center;
  }
`;
