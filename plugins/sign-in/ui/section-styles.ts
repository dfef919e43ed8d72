import { css, html, nothing, type CallError } from 'boternity/ui';

/** What the sections of the page "Access" share: a heading with an action beside it, and lines in a box. */
export const sectionStyles = css`
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--bn-space-2);
    margin-bottom: var(--bn-space-2);
  }
  h2 {
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-s);
  }
  .lines {
    border: var(--bn-border) solid var(--bn-line);
    border-radius: var(--bn-radius-m);
    background: var(--bn-ground-raised);
    overflow: hidden;
  }
  .lines > li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--bn-space-2) var(--bn-space-4);
    padding: var(--bn-space-3) var(--bn-space-4);
  }
  .lines > li + li {
    border-top: var(--bn-border) solid var(--bn-line);
  }
  .lines > li > div:first-child {
    min-width: min(100%, 12rem);
    flex: 1;
    overflow-wrap: anywhere;
  }
  .soft {
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-s);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: var(--bn-space-2);
  }
  bn-notice {
    margin-bottom: var(--bn-space-3);
  }
`;

export function errorNotice(error: CallError | undefined): unknown {
  if (!error) return nothing;
  return html`<bn-notice tone="danger" role="alert"><strong>${error.message}</strong> ${error.hint}</bn-notice>`;
}
