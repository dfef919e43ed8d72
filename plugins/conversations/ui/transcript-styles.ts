import { css } from 'boternity/ui';

/** How a transcript looks. */
export const transcriptStyles = css`
  :host {
    position: relative;
    flex: 1;
    min-height: 0;
  }
  .scroll {
    height: 100%;
    overflow-y: auto;
    overflow-anchor: none;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--bn-line-strong) transparent;
  }
  .scroll:focus-visible {
    outline-offset: calc(-1 * var(--bn-ring));
  }
  .column {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    max-width: var(--bn-measure);
    margin-inline: auto;
    padding: var(--bn-space-5) var(--bn-space-4) 0;
  }
  .stretch {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--bn-space-5);
    padding-block-end: var(--bn-space-5);
  }
  .room {
    block-size: var(--height);
  }
  .message {
    justify-self: end;
    max-width: min(85%, 36rem);
    padding: var(--bn-space-2) var(--bn-space-4);
    border-radius: var(--bn-radius-l);
    border-end-end-radius: var(--bn-radius-s);
    margin-block-end: var(--bn-space-5);
    background: var(--bn-accent-soft);
    line-height: var(--bn-line-height-prose);
    overflow-wrap: anywhere;
  }
  .message {
    opacity: 0.7;
    unicode-bidi: plaintext;
    white-space: pre-wrap;
  }
  .aside {
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-s);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .earlier {
    justify-self: center;
    margin-block-end: var(--bn-space-5);
  }
  .answer {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: var(--bn-space-1) var(--bn-space-3);
  }
  .answer h2 {
    min-height: 2.25rem;
    align-content: center;
    font-size: var(--bn-text-s);
  }
  .parts {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    grid-column: 2;
    gap: var(--bn-space-2);
  }
  @media (width < 40rem) {
    .answer {
      gap: var(--bn-space-2);
    }
    .parts {
      grid-column: 1 / -1;
    }
  }
  .found {
    outline: var(--bn-ring) solid var(--bn-accent);
    outline-offset: var(--bn-space-2);
    border-radius: var(--bn-radius-s);
  }
  .latest {
    position: absolute;
    inset-block-end: var(--bn-space-3);
    inset-inline: 0;
    width: max-content;
    margin-inline: auto;
    border-radius: var(--bn-radius-full);
    box-shadow: var(--bn-shadow-2);
  }
`;
