import { css, html, nothing, type CSSResultGroup } from 'lit';
import { msg } from '../language.ts';
import type { CallError } from '../live/call-error.ts';
import './notice.ts';

/**
 * What the sections of a page share: `.head` is a heading with actions beside it, `.row` things side by side, `.lines` a box of lines, `.lines.rows`
 * one whose lines have words at the start and actions at the end, `.empty` what stands where nothing is yet, `.soft`, `.small` and `.wrong` kinds of text, `dl.facts` names with values.
 */
export const sectionStyles: CSSResultGroup = css`
  h2 {
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-s);
  }
  h2:not(.head > h2) {
    margin-block-end: var(--bn-space-2);
  }
  .head,
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--bn-space-2);
  }
  .head {
    justify-content: space-between;
    margin-block-end: var(--bn-space-2);
  }
  .lines {
    border: var(--bn-border) solid var(--bn-line);
    border-radius: var(--bn-radius-m);
    background: var(--bn-ground-raised);
    overflow: hidden;
  }
  .lines > li + li {
    border-block-start: var(--bn-border) solid var(--bn-line);
  }
  .lines.rows > li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--bn-space-2) var(--bn-space-4);
    padding: var(--bn-space-3) var(--bn-space-4);
  }
  .lines.rows > li > div:first-child {
    min-width: min(100%, 12rem);
    flex: 1;
    overflow-wrap: anywhere;
  }
  .facts {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: var(--bn-space-1) var(--bn-space-4);
    margin: 0;
  }
  .facts dt {
    color: var(--bn-ink-soft);
  }
  .facts dd {
    margin: 0;
    overflow-wrap: anywhere;
    font-variant-numeric: tabular-nums;
  }
  .empty {
    padding: var(--bn-space-4);
    border: var(--bn-border) dashed var(--bn-line);
    border-radius: var(--bn-radius-m);
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-s);
    text-align: center;
    text-wrap: balance;
  }
  .soft {
    color: var(--bn-ink-soft);
  }
  .small {
    font-size: var(--bn-text-s);
  }
  .wrong {
    color: var(--bn-danger);
  }
`;

/** A page below its bn-header: `.scroll` is the area that scrolls, `.column` inside it the column of sections; with all that sections share. */
export const pageStyles: CSSResultGroup = [
  sectionStyles,
  css`
    :host {
      display: flex;
      flex-direction: column;
      height: 100%;
    }
    h1 {
      font-size: var(--bn-text-l);
    }
    .scroll {
      flex: 1;
      min-height: 0;
      padding: var(--bn-space-5) var(--bn-space-4) var(--bn-space-7);
      overflow-y: auto;
    }
    .scroll:focus-visible {
      outline-offset: calc(-1 * var(--bn-ring));
    }
    .column {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--bn-space-5);
      max-width: var(--bn-measure);
      margin-inline: auto;
    }
  `,
];

/** Forms: labels above wide fields, actions at the end of `.row`; `.hint` explains a field, `.both` is a field with a button beside it, `.check` a box to tick with its label. */
export const formStyles: CSSResultGroup = css`
  form {
    display: grid;
    gap: var(--bn-space-4);
  }
  label,
  .field {
    display: grid;
    gap: var(--bn-space-1);
    font-size: var(--bn-text-s);
    font-weight: var(--bn-weight-strong);
  }
  input,
  select,
  textarea {
    min-width: 0;
    font-size: max(1rem, var(--bn-text-m));
    font-weight: var(--bn-weight);
  }
  .both {
    display: flex;
    gap: var(--bn-space-2);
  }
  .both input {
    flex: 1;
  }
  .check {
    display: flex;
    align-items: center;
    gap: var(--bn-space-2);
    min-height: var(--bn-target);
    font-weight: var(--bn-weight);
  }
  .check input {
    flex: none;
    width: auto;
    min-height: 0;
    accent-color: var(--bn-accent);
  }
  .hint {
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-s);
    font-weight: var(--bn-weight);
  }
  form .row {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: var(--bn-space-2);
  }
`;

/** What went wrong with a call, and what to do; with a way to try again when there is one. Nothing without an error. */
export function errorNotice(error: CallError | undefined, again?: () => void): unknown {
  if (!error) return nothing;
  return html`<bn-notice tone="danger" role="alert"
    ><strong>${error.message}</strong> ${error.hint}
    ${again ? html`<button slot="actions" @click=${again}>${msg('Try again')}</button>` : nothing}</bn-notice
  >`;
}
