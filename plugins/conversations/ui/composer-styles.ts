import { css } from 'boternity/ui';

/** Of the composer: one box that grows, and what stands above and below it. */
export const composerStyles = css`
  :host {
    position: relative;
  }
  .box {
    border: var(--bn-border) solid var(--bn-line-strong);
    border-radius: var(--bn-radius-l);
    background: var(--bn-ground-raised);
    box-shadow: var(--bn-shadow-1);
    transition: border-color var(--bn-fast) var(--bn-ease);
    cursor: text;
  }
  .box:focus-within {
    border-color: var(--bn-focus);
    box-shadow: 0 0 0 var(--bn-border) var(--bn-focus);
  }
  .row {
    display: flex;
    align-items: end;
    gap: var(--bn-space-1);
    padding: var(--bn-space-2);
  }
  textarea {
    flex: 1;
    min-width: 0;
    max-height: calc(6lh + 2 * var(--bn-space-2));
    padding: var(--bn-space-2);
    border: 0;
    background: none;
    font-size: max(1rem, var(--bn-text-m));
    line-height: var(--bn-line-height);
    resize: none;
    field-sizing: content;
    scrollbar-width: thin;
  }
  textarea:focus-visible {
    outline: 0;
  }
  textarea::placeholder {
    color: var(--bn-ink-soft);
    opacity: 1;
  }
  @supports not (field-sizing: content) {
    textarea {
      height: 4.5rem;
    }
  }
  .row button {
    flex: none;
    width: var(--bn-target);
    height: var(--bn-target);
    padding: 0;
    border-radius: var(--bn-radius-full);
    font-size: var(--bn-text-l);
  }
  .keys,
  .waiting {
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-xs);
  }
  .keys {
    margin-block-start: var(--bn-space-1);
    text-align: center;
  }
  .waiting {
    margin-block-end: var(--bn-space-1);
    padding-inline: var(--bn-space-3);
  }
  .slash {
    position: absolute;
    z-index: 2;
    inset-inline: 0;
    bottom: calc(100% + var(--bn-space-1));
    max-height: min(20rem, 45vh);
    padding: var(--bn-space-1);
    border: var(--bn-border) solid var(--bn-line);
    border-radius: var(--bn-radius-m);
    background: var(--bn-ground-raised);
    box-shadow: var(--bn-shadow-2);
    overflow-y: auto;
  }
  .slash li {
    display: flex;
    flex-wrap: wrap;
    gap: 0 var(--bn-space-3);
    align-items: center;
    min-height: var(--bn-target);
    padding: var(--bn-space-1) var(--bn-space-3);
    border-radius: var(--bn-radius-s);
    font-size: var(--bn-text-s);
    cursor: pointer;
  }
  .slash li[aria-selected='true'] {
    background: var(--bn-accent-soft);
  }
  .slash .about {
    color: var(--bn-ink-soft);
  }
  .slash li[aria-selected='true'] .about {
    color: var(--bn-ink);
  }
  .drop {
    position: fixed;
    z-index: 6;
    inset: var(--bn-space-3);
    display: grid;
    place-content: center;
    border: var(--bn-ring) dashed var(--bn-accent);
    border-radius: var(--bn-radius-l);
    background: color-mix(in oklab, var(--bn-ground) 88%, transparent);
    font-size: var(--bn-text-l);
    font-weight: var(--bn-weight-strong);
    pointer-events: none;
  }
`;
