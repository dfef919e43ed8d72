import { css } from 'boternity/ui';

/** What the forms of this plugin share: labels above wide fields, actions below. */
export const formStyles = css`
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
  select {
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
  .soft {
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-s);
    font-weight: var(--bn-weight);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: var(--bn-space-2);
  }
`;
