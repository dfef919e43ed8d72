import { css } from 'lit';

/** The look of bn-form: labels above wide fields, a soft line of explanation below, what is wrong behind it. */
export const fieldStyles = css`
  form,
  .fields {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--bn-space-5);
  }
  .field {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--bn-space-1);
    min-width: 0;
  }
  fieldset {
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  fieldset.group {
    padding: var(--bn-space-4);
    border: var(--bn-border) solid var(--bn-line);
    border-radius: var(--bn-radius-m);
  }
  .group > .hint {
    margin-bottom: var(--bn-space-4);
  }
  label,
  legend,
  summary {
    padding: 0;
    font-size: var(--bn-text-s);
    font-weight: var(--bn-weight-strong);
  }
  .group > legend {
    padding-inline: var(--bn-space-1);
  }
  .must {
    color: var(--bn-ink-soft);
    font-weight: var(--bn-weight);
  }
  input,
  select,
  textarea {
    min-width: 0;
    font-size: max(1rem, var(--bn-text-m));
  }
  textarea {
    min-height: 6rem;
    resize: vertical;
    field-sizing: content;
  }
  textarea.code {
    font-family: var(--bn-font-mono);
    font-size: var(--bn-text-s);
  }
  :is(input, select, textarea):disabled {
    background: var(--bn-ground-hover);
    color: var(--bn-ink-soft);
  }
  :is(input, select, textarea)[aria-invalid='true'] {
    border-color: var(--bn-danger);
  }
  .switch {
    display: flex;
    align-items: center;
    gap: var(--bn-space-3);
    min-height: var(--bn-target);
  }
  .switch input {
    flex: none;
    width: 1.15rem;
    height: 1.15rem;
    min-height: 0;
    margin: 0;
    accent-color: var(--bn-accent);
  }
  .hint {
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-s);
    overflow-wrap: anywhere;
  }
  .error {
    color: var(--bn-danger);
    font-size: var(--bn-text-s);
    overflow-wrap: anywhere;
  }
  .lines {
    display: grid;
    gap: var(--bn-space-2);
    margin-block: var(--bn-space-1) var(--bn-space-2);
  }
  .lines:not(:has(li)) {
    display: none;
  }
  .lines li {
    display: flex;
    align-items: center;
    gap: var(--bn-space-1);
  }
  .lines li > :first-child {
    flex: 1;
  }
  button.up {
    rotate: 180deg;
  }
  .add {
    justify-self: start;
  }
  details > .fields {
    margin-top: var(--bn-space-4);
  }
  summary {
    width: fit-content;
    min-height: var(--bn-target);
    align-content: center;
    color: var(--bn-ink-soft);
    cursor: pointer;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: var(--bn-space-2);
  }
`;
