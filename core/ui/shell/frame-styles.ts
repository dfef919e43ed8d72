import { css } from 'lit';

/** The frame: navigation, page and inspector side by side, or the first and the last as drawers. */
export const frameStyles = css`
  :host {
    display: flex;
    height: 100dvh;
    color: var(--bn-ink);
    background: var(--bn-ground);
  }
  .side,
  aside {
    display: flex;
  }
  :is(bn-navigation, bn-inspector) {
    flex: 1;
    min-width: 0;
  }
  .side {
    flex: none;
    min-height: 0;
    width: var(--navigation-width);
  }
  .side.folded {
    width: var(--bn-rail-width);
    border-inline-end: var(--bn-border) solid var(--bn-line);
  }
  main {
    display: flex;
    flex-direction: column;
    flex: 1;
    min-width: 0;
    min-height: 0;
  }
  main > :last-child {
    flex: 1 1 0;
    min-height: 0;
  }
  main.alone {
    overflow-y: auto;
  }
  main:focus-visible {
    outline: none;
  }
  aside {
    flex: none;
    min-height: 0;
    width: var(--inspector-width);
  }
  .plain {
    max-width: var(--bn-measure);
    margin: var(--bn-space-5) auto;
    padding: 0 var(--bn-space-4);
  }
  .skip {
    position: fixed;
    z-index: 6;
    inset-block-start: var(--bn-space-2);
    inset-inline-start: var(--bn-space-2);
    translate: 0 -200%;
  }
  .skip:focus {
    translate: 0;
  }
  .drawer {
    width: min(var(--bn-nav-width), 86vw);
    max-width: none;
    height: 100dvh;
    max-height: none;
    margin: 0;
    padding: 0;
    border: 0;
    background: var(--bn-ground-nav);
    color: inherit;
    box-shadow: var(--bn-shadow-2);
  }
  .drawer.end {
    width: min(var(--bn-drawer-width), 100vw);
    margin-inline-start: auto;
  }
  .drawer[open] {
    animation: from-left var(--bn-slow) var(--bn-ease);
  }
  .drawer.end[open],
  .drawer[open]:dir(rtl) {
    animation-name: from-right;
  }
  .drawer.end[open]:dir(rtl) {
    animation-name: from-left;
  }
  .drawer::backdrop {
    background: var(--bn-shade);
  }
  @keyframes from-left {
    from {
      translate: -100%;
    }
  }
  @keyframes from-right {
    from {
      translate: 100%;
    }
  }
`;
