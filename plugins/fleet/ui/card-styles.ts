import { css } from 'boternity/ui';

/** How the card of a bot looks. Its name is a link that covers the whole card; what else can be done lies above it. */
export const cardStyles = css`
  :host {
    height: 100%;
  }
  article {
    position: relative;
    display: flex;
    flex-direction: column;
    gap: var(--bn-space-3);
    height: 100%;
    padding: var(--bn-space-4);
    border: var(--bn-border) solid var(--bn-line);
    border-radius: var(--bn-radius-l);
    background: var(--bn-ground-raised);
    box-shadow: var(--bn-shadow-1);
    transition: border-color var(--bn-fast) var(--bn-ease);
  }
  article:hover {
    border-color: var(--bn-line-strong);
  }
  .who {
    display: flex;
    align-items: center;
    gap: var(--bn-space-3);
  }
  .who > div {
    min-width: 0;
    flex: 1;
  }
  .who p {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  h2 a {
    color: var(--bn-ink);
    text-decoration: none;
    overflow-wrap: anywhere;
  }
  h2 a::after {
    position: absolute;
    inset: 0;
    border-radius: var(--bn-radius-l);
    content: '';
  }
  h2 a:focus-visible {
    outline: 0;
  }
  h2 a:focus-visible::after {
    outline: var(--bn-ring) solid var(--bn-focus);
    outline-offset: var(--bn-ring);
  }
  input[type='checkbox'] {
    position: relative;
    width: 1.125rem;
    min-height: 1.125rem;
    margin: var(--bn-space-2);
    align-self: start;
    accent-color: var(--bn-accent);
  }
  .soft {
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-s);
  }
  .about {
    display: -webkit-box;
    flex: 1;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }
  dl {
    display: flex;
    justify-content: space-between;
    gap: var(--bn-space-3);
    margin: 0;
    font-size: var(--bn-text-s);
  }
  dt {
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-xs);
  }
  dd {
    margin: 0;
    font-variant-numeric: tabular-nums;
  }
  .end {
    display: flex;
    align-items: center;
    gap: var(--bn-space-1);
  }
  .end .space {
    flex: 1;
  }
  .badge {
    display: inline-flex;
    align-items: center;
    gap: var(--bn-space-1);
    font-size: var(--bn-text-s);
  }
  .wrong {
    color: var(--bn-danger);
  }
  .waits {
    color: var(--bn-warning);
  }
  .runs {
    color: var(--bn-accent);
  }
  .end :is(.button, button, bn-menu) {
    position: relative;
  }
`;
