import { css } from 'boternity/ui';

/** Lines and columns of the first page. */
export const dashboardStyles = css`
  .column {
    max-width: 76rem;
  }
  .two {
    display: grid;
    grid-template-columns: minmax(0, 5fr) minmax(0, 3fr);
    align-items: start;
    gap: var(--bn-space-5);
  }
  .side {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--bn-space-5);
  }
  .quick {
    display: none;
    gap: var(--bn-space-2);
  }
  .line {
    display: flex;
    align-items: center;
    gap: var(--bn-space-3);
    min-height: calc(var(--bn-target) + var(--bn-space-4));
    padding: var(--bn-space-2) var(--bn-space-4);
    color: inherit;
    text-decoration: none;
  }
  a.line:hover {
    background: var(--bn-ground-hover);
  }
  a.line:focus-visible {
    outline-offset: calc(-1 * var(--bn-ring));
  }
  .words {
    display: grid;
    min-width: 0;
    flex: 1;
  }
  .words > * {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  time {
    flex: none;
  }
  .strong {
    font-weight: var(--bn-weight-strong);
  }
  .good,
  .live {
    color: var(--bn-accent);
  }
  .mark {
    flex: none;
    padding-inline: var(--bn-space-2);
    border-radius: var(--bn-radius-full);
    background: var(--bn-accent-soft);
    color: var(--bn-accent);
    font-weight: var(--bn-weight-strong);
  }
  @media (width < 64rem) {
    .two {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @media (width < 52rem) {
    .quick {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr));
    }
    .quick .button {
      padding-inline: var(--bn-space-1);
      font-size: var(--bn-text-s);
    }
    bn-header .wide {
      display: none;
    }
  }
`;
