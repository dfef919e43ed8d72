import { BnElement, css, formatCount, formatShare, html, msg, nothing, str, svg } from 'boternity/ui';
import type { Run } from './run-parts.ts';
import { runStyles } from './run-styles.ts';

/** A stretch of the prompt. */
interface Stretch {
  readonly name: string;
  readonly about: string;
  readonly look: 'prefix' | 'messages' | 'tail';
  readonly tokens: number;
  readonly bytes?: number | undefined;
}

/**
 * What fills the prompt of a run: a bar of its sections and its messages, the same as a list with tokens and bytes, how much of it the
 * service read from its cache, and what it is of that which the model takes.
 */
export class BnRunContext extends BnElement {
  static override properties = { run: { attribute: false } };
  static override styles = [
    super.styles,
    runStyles,
    css`
      svg {
        display: block;
        width: 100%;
        height: 1.25rem;
        border-radius: var(--bn-radius-s);
        background: var(--bn-line);
      }
      svg.cache {
        height: 0.35rem;
        margin-block-start: 2px;
      }
      svg:dir(rtl) {
        scale: -1 1;
      }
      rect {
        stroke: var(--bn-ground);
        stroke-width: 1;
      }
      .prefix {
        fill: var(--bn-accent);
        color: var(--bn-accent);
      }
      .messages {
        fill: var(--bn-ink-soft);
        color: var(--bn-ink-soft);
      }
      .tail {
        fill: var(--bn-warning);
        color: var(--bn-warning);
      }
      .cached {
        fill: var(--bn-success, var(--bn-accent));
      }
      ul {
        display: grid;
        gap: var(--bn-space-1);
        margin-block-start: var(--bn-space-3);
        font-size: var(--bn-text-s);
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 var(--bn-space-2);
      }
      .mark {
        flex: none;
        align-self: center;
        width: 0.6rem;
        height: 0.6rem;
        border-radius: 2px;
        background: currentColor;
      }
      .name {
        overflow-wrap: anywhere;
      }
      .numbers {
        margin-inline-start: auto;
      }
      p {
        margin-block-start: var(--bn-space-2);
      }
    `,
  ];
  declare run: Run | undefined;

  override render(): unknown {
    const { run } = this;
    if (!run || run.prompt.length === 0) return nothing;
    const stretches = stretchesOf(run);
    const whole = Math.max(
      1,
      stretches.reduce((sum, { tokens }) => sum + tokens, 0),
    );
    return html`<section aria-labelledby="heading">
      <h2 id="heading">${msg('What fills the prompt')}</h2>
      <svg aria-hidden="true">${bars(stretches, whole)}</svg>
      ${this.#cache(run)}
      <ul>
        ${stretches.map((stretch) => line(stretch, whole))}
      </ul>
      ${room(run)} ${cuts(run)}
    </section>`;
  }

  #cache({ usage }: Run): unknown {
    const { input, cacheRead } = usage;
    if (input === null || input === 0 || cacheRead === null) return nothing;
    const share = Math.min(1, cacheRead / input);
    return html`<svg class="cache" aria-hidden="true">
        <rect class="cached" width="${share * 100}%" height="100%"></rect>
      </svg>
      <p class="soft small">
        ${msg(str`${formatCount(cacheRead)} of ${formatCount(input)} tokens were read from the service’s cache, ${formatShare(share)}.`)}
      </p>`;
  }
}

function stretchesOf({ prompt, context }: Run): Stretch[] {
  const sections = (wanted: 'prefix' | 'tail'): Stretch[] =>
    prompt
      .filter(({ stability }) => stability === wanted)
      .map(({ id, tokens, bytes, tools }) => ({
        name: id,
        about: tools === undefined ? '' : tools === 1 ? msg('1 tool') : msg(str`${formatCount(tools)} tools`),
        look: wanted,
        tokens,
        bytes,
      }));
  const fixed = prompt.reduce((sum, { tokens }) => sum + tokens, 0);
  const messages = Math.max(0, (context?.tokens ?? fixed) - fixed);
  return [
    ...sections('prefix'),
    { name: msg('messages'), about: '', look: 'messages', tokens: messages },
    ...sections('tail'),
  ];
}

function bars(stretches: readonly Stretch[], whole: number): unknown[] {
  let at = 0;
  return stretches.map(({ look, tokens }) => {
    const x = (at / whole) * 100;
    at += tokens;
    return svg`<rect class=${look} x="${x}%" width="${(tokens / whole) * 100}%" height="100%"></rect>`;
  });
}

function line({ name, about, look, tokens, bytes }: Stretch, whole: number): unknown {
  const size = bytes === undefined ? '' : `, ${msg(str`${formatCount(bytes)} bytes`)}`;
  return html`<li>
    <span class="mark ${look}" aria-hidden="true"></span><span class="name">${name}</span
    ><span class="soft">${about}</span>
    <span class="numbers">${msg(str`${formatCount(tokens)} tokens`)}${size}, ${formatShare(tokens / whole)}</span>
  </li>`;
}

function room({ context }: Run): unknown {
  if (!context) return nothing;
  const { tokens, limit } = context;
  return html`<p class="soft small">
    ${msg(str`About ${formatCount(tokens)} of ${formatCount(limit)} tokens that the model takes, ${formatShare(tokens / Math.max(1, limit))}.`)}
  </p>`;
}

function cuts({ context }: Run): unknown {
  if (!context || context.trimmed + context.compacted === 0) return nothing;
  const { trimmed, compacted } = context;
  return html`<p class="soft small">
    ${msg(str`To make it fit, ${trimmed} results were cut and ${compacted} messages summed up.`)}
  </p>`;
}

customElements.define('bn-run-context', BnRunContext);
