import { css } from 'boternity/ui';

/** How the editor of a file is laid out: its head, the text, what is wrong with it, the line with the button that saves. */
export const editorStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    min-width: 0;
    height: 100%;
  }
  header,
  .foot {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--bn-space-2);
    padding: var(--bn-space-2) var(--bn-space-4);
  }
  header {
    border-block-end: var(--bn-border) solid var(--bn-line);
  }
  .foot {
    border-block-start: var(--bn-border) solid var(--bn-line);
  }
  h1 {
    font-family: var(--bn-font-mono);
    font-size: var(--bn-text-s);
    overflow-wrap: anywhere;
  }
  .ways {
    display: flex;
    flex: 1;
    align-items: center;
    justify-content: end;
    gap: var(--bn-space-2);
  }
  header .button {
    font-size: var(--bn-text-s);
  }
  .soft {
    color: var(--bn-ink-soft);
  }
  p.soft {
    padding: var(--bn-space-5);
  }
  .badge {
    padding: 0 var(--bn-space-2);
    border-radius: var(--bn-radius-full);
    background: var(--bn-ground-hover);
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-xs);
  }
  .modes {
    display: inline-flex;
  }
  .modes button {
    border-radius: 0;
    font-size: var(--bn-text-s);
  }
  .modes button + button {
    border-inline-start: 0;
  }
  .modes button:first-child {
    border-start-start-radius: var(--bn-radius-m);
    border-end-start-radius: var(--bn-radius-m);
  }
  .modes button:last-child {
    border-start-end-radius: var(--bn-radius-m);
    border-end-end-radius: var(--bn-radius-m);
  }
  .modes button[aria-pressed='true'] {
    background: var(--bn-accent-soft);
  }
  .body {
    display: grid;
    flex: 1;
    min-height: 12rem;
    overflow: auto;
    background: var(--bn-ground-raised);
  }
  bn-notice {
    margin: var(--bn-space-3) var(--bn-space-4);
  }
  .problems {
    flex: none;
    max-height: 9rem;
    padding: var(--bn-space-1) var(--bn-space-2);
    border-block-start: var(--bn-border) solid var(--bn-line);
    overflow-y: auto;
  }
  .problems button {
    justify-content: start;
    width: 100%;
    font-size: var(--bn-text-s);
    font-weight: var(--bn-weight);
    text-align: start;
    white-space: normal;
  }
  .problems .error bn-icon {
    color: var(--bn-danger);
  }
  .problems .warning bn-icon {
    color: var(--bn-warning);
  }
  .problems button span:nth-of-type(1) {
    flex: none;
    font-variant-numeric: tabular-nums;
  }
  .problems button span:nth-of-type(2) {
    color: var(--bn-ink);
    overflow-wrap: anywhere;
  }
  .state {
    font-size: var(--bn-text-s);
  }
  .foot input {
    flex: 1;
    width: auto;
    min-width: 8rem;
    font-size: max(1rem, var(--bn-text-s));
  }
  @media (width < 40rem) {
    /* What the change was stands above the button. */
    .foot input {
      flex-basis: 100%;
      order: -1;
    }
    .foot input:disabled {
      display: none;
    }
    .foot .state {
      flex: 1;
    }
  }
`;
