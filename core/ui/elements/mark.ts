import { svg, type SVGTemplateResult } from 'lit';

/** The mark: a face whose eyes are one endless loop. The same drawing as public/icon.svg. */
export const mark: SVGTemplateResult = svg`<svg viewBox="0 0 64 64" aria-hidden="true" class="mark">
  <rect width="64" height="64" rx="19" fill="var(--bn-accent)"/>
  <path
    d="M32 32C28 25.5 24.6 22 20 22a10 10 0 0 0 0 20c4.6 0 8-3.5 12-10s7.4-10 12-10a10 10 0 0 1 0 20c-4.6 0-8-3.5-12-10Z"
    fill="none" stroke="var(--bn-on-accent)" stroke-width="4.4" stroke-linecap="round" stroke-linejoin="round"/>
  <circle cx="20" cy="32" r="3.2" fill="var(--bn-on-accent)"/>
  <circle cx="44" cy="32" r="3.2" fill="var(--bn-on-accent)"/>
</svg>`;
