import { css } from 'boternity/ui';

/** How written answers look. */
export const proseStyles = css`
  .prose {
    line-height: var(--bn-line-height-prose);
    overflow-wrap: anywhere;
  }
  .prose :is(p, li, h1, h2, h3, h4, h5, h6, th, td) {
    unicode-bidi: plaintext;
  }
  .block + .block {
    margin-top: var(--bn-space-3);
  }
  .prose :is(h1, h2, h3, h4, h5, h6) {
    margin: var(--bn-space-4) 0 0;
    font-size: var(--bn-text-m);
    font-weight: var(--bn-weight-strong);
    line-height: var(--bn-line-height);
  }
  .prose h1 {
    font-size: var(--bn-text-xl);
  }
  .prose h2 {
    font-size: var(--bn-text-l);
  }
  .block:first-child > :first-child {
    margin-top: 0;
  }
  .prose :is(ul, ol) {
    margin: 0;
    padding-inline-start: 1.4em;
    list-style: revert;
  }
  .prose li + li,
  .prose li > :is(ul, ol, p + p) {
    margin-top: var(--bn-space-1);
  }
  .prose blockquote {
    margin: 0;
    padding-inline-start: var(--bn-space-4);
    border-inline-start: var(--bn-space-1) solid var(--bn-line);
    color: var(--bn-ink-soft);
  }
  .prose hr {
    margin: var(--bn-space-4) 0;
    border: 0;
    border-top: var(--bn-border) solid var(--bn-line);
  }
  .prose :not(pre) > code {
    padding: 0.1em 0.35em;
    border-radius: var(--bn-radius-s);
    background: var(--bn-ground-code);
    direction: ltr;
    unicode-bidi: isolate;
  }
  .prose a:not([href]) {
    color: inherit;
  }
  .scroll {
    overflow-x: auto;
    scrollbar-width: thin;
  }
  figure {
    border: var(--bn-border) solid var(--bn-line);
    border-radius: var(--bn-radius-m);
    background: var(--bn-ground-code);
    overflow: hidden;
  }
  figcaption {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding-inline: var(--bn-space-3) var(--bn-space-1);
    color: var(--bn-ink-soft);
    font-size: var(--bn-text-xs);
  }
  .copy {
    min-height: var(--bn-space-6);
    font-weight: var(--bn-weight);
  }
  pre {
    margin: 0;
    padding: var(--bn-space-1) var(--bn-space-3) var(--bn-space-3);
    line-height: var(--bn-line-height);
    tab-size: 2;
  }
  table {
    border-collapse: collapse;
    font-size: var(--bn-text-s);
  }
  :is(th, td):not([align]) {
    text-align: start;
  }
  :is(th, td) {
    padding: var(--bn-space-2) var(--bn-space-3);
    border-bottom: var(--bn-border) solid var(--bn-line);
    vertical-align: top;
  }
  th {
    font-weight: var(--bn-weight-strong);
    white-space: nowrap;
  }
  :is(th, td):first-child {
    padding-inline-start: 0;
  }
  .plain {
    unicode-bidi: plaintext;
    white-space: pre-wrap;
  }
  .scroll:has(> table) {
    max-width: 100%;
  }
  .prose img {
    max-width: 100%;
    height: auto;
    border-radius: var(--bn-radius-m);
  }
  a.image {
    display: inline-flex;
    align-items: center;
    min-height: var(--bn-target);
    padding: 0 var(--bn-space-3);
    border: var(--bn-border) dashed var(--bn-line-strong);
    border-radius: var(--bn-radius-m);
    color: var(--bn-ink);
    font-size: var(--bn-text-s);
    text-decoration: none;
  }
  a.image:hover {
    background: var(--bn-ground-hover);
  }
  .math.shown {
    display: block;
    padding: var(--bn-space-1) 0;
    overflow-x: auto;
    scrollbar-width: thin;
  }
  math {
    font-size: 1.08em;
  }
  .diagram {
    padding: var(--bn-space-3);
    border: var(--bn-border) solid var(--bn-line);
    border-radius: var(--bn-radius-m);
    overflow: auto;
  }
  :is(.hljs-keyword, .hljs-built_in, .hljs-selector-tag, .hljs-section, .hljs-name, .hljs-addition) {
    color: var(--bn-accent);
  }
  :is(.hljs-string, .hljs-regexp, .hljs-attribute, .hljs-symbol, .hljs-template-variable, .hljs-selector-class) {
    color: var(--bn-warning);
  }
  :is(.hljs-number, .hljs-literal, .hljs-variable, .hljs-deletion, .hljs-meta) {
    color: var(--bn-danger);
  }
  :is(.hljs-comment, .hljs-quote) {
    color: var(--bn-ink-soft);
    font-style: italic;
  }
  :is(.hljs-title, .hljs-type, .hljs-strong) {
    font-weight: var(--bn-weight-strong);
  }
  .streaming > .block:last-child > :is(p, ul, ol, h1, h2, h3):last-child::after {
    content: '●' / '';
    margin-inline-start: 0.3em;
    color: var(--bn-accent);
    font-size: 0.7em;
    animation: pulse var(--bn-pulse) ease-in-out infinite alternate;
  }
  @keyframes pulse {
    to {
      opacity: 0.25;
    }
  }
`;
