import { css } from 'lit';

/** What every element of the house shares: box model, focus, buttons, fields, links. All values come from tokens.css. */
export const baseStyles = css`
  :host {
    box-sizing: border-box;
    display: block;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  figure {
    margin: 0;
    padding: 0;
  }
  h1,
  h2,
  h3 {
    font-size: inherit;
    font-weight: var(--bn-weight-strong);
    text-wrap: balance;
  }
  ul {
    list-style: none;
  }
  a {
    color: var(--bn-accent);
    text-underline-offset: 0.18em;
  }
  code,
  pre {
    direction: ltr;
    unicode-bidi: isolate;
    font-family: var(--bn-font-mono);
    font-size: 0.92em;
  }
  :focus-visible {
    outline: var(--bn-ring) solid var(--bn-focus);
    outline-offset: var(--bn-ring);
  }

  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--bn-space-2);
    min-height: var(--bn-target);
    padding: 0 var(--bn-space-3);
    border: var(--bn-border) solid var(--bn-line);
    border-radius: var(--bn-radius-m);
    background: var(--bn-ground-raised);
    color: var(--bn-ink);
    font: inherit;
    font-weight: var(--bn-weight-strong);
    text-decoration: none;
    white-space: nowrap;
    cursor: pointer;
    transition:
      background var(--bn-fast) var(--bn-ease),
      border-color var(--bn-fast) var(--bn-ease),
      color var(--bn-fast) var(--bn-ease);
  }
  :is(button, .button):hover {
    background: var(--bn-ground-hover);
  }
  button.primary,
  .button.primary {
    border-color: transparent;
    background: var(--bn-accent);
    color: var(--bn-on-accent);
  }
  :is(button, .button).primary:hover {
    background: var(--bn-accent-hover);
  }
  button.danger {
    border-color: transparent;
    background: var(--bn-danger);
    color: var(--bn-on-accent);
  }
  button.quiet,
  .button.quiet {
    border-color: transparent;
    background: transparent;
    color: var(--bn-ink-soft);
  }
  :is(button, .button).quiet:hover {
    background: var(--bn-ground-hover);
    color: var(--bn-ink);
  }
  button.square,
  .button.square {
    width: var(--bn-target);
    padding: 0;
  }
  button:is(:disabled, [aria-disabled='true']):is(*, :hover) {
    border-color: transparent;
    background: var(--bn-ground-hover);
    color: var(--bn-ink-soft);
    cursor: default;
  }

  input,
  textarea,
  select {
    width: 100%;
    min-height: var(--bn-target);
    padding: var(--bn-space-2) var(--bn-space-3);
    border: var(--bn-border) solid var(--bn-line-strong);
    border-radius: var(--bn-radius-m);
    background: var(--bn-ground-raised);
    color: inherit;
    font: inherit;
  }
  /* One line beside a button is as high as the button. */
  input,
  select {
    padding-block: var(--bn-space-1);
  }
  summary::marker {
    color: var(--bn-ink-soft);
  }

  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
    }
  }
  @media (forced-colors: active) {
    button,
    .button {
      border-color: ButtonText;
    }
  }
`;
