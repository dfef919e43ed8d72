import { css } from 'boternity/ui';

/** How the page of all bots is laid out. */
export const listStyles = css`
  .wide {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--bn-space-4);
    max-width: 76rem;
    margin-inline: auto;
  }
  .scroll[data-over] {
    outline: var(--bn-ring) dashed var(--bn-accent);
    outline-offset: calc(-1 * var(--bn-space-2));
  }
  ul {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr));
    gap: var(--bn-space-4);
  }
  li {
    content-visibility: auto;
    contain-intrinsic-block-size: auto 13rem;
  }
  /* What is drawn only when it is seen must not cut off its own shadow and rings. */
  li {
    padding: var(--bn-ring);
    margin: calc(-1 * var(--bn-ring));
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--bn-space-3);
  }
  .tools input {
    flex: 1 1 14rem;
    width: auto;
    font-size: max(1rem, var(--bn-text-m));
  }
  .tools label {
    display: flex;
    align-items: center;
    gap: var(--bn-space-2);
    font-size: var(--bn-text-s);
    white-space: nowrap;
  }
  .tools select {
    width: auto;
  }
  .bulk {
    position: sticky;
    z-index: 2;
    inset-block-start: calc(-1 * var(--bn-space-5));
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--bn-space-2);
    padding: var(--bn-space-2) var(--bn-space-3);
    border: var(--bn-border) solid var(--bn-line);
    border-radius: var(--bn-radius-m);
    background: var(--bn-ground-raised);
    box-shadow: var(--bn-shadow-2);
  }
  .bulk .space {
    flex: 1;
  }
  .none {
    padding: var(--bn-space-6);
    text-align: center;
  }
  .more {
    justify-self: center;
  }
`;
