import { BnElement, css, formatCount, formatShare, html, msg, nothing, str } from 'boternity/ui';
import type { Run } from './run-parts.ts';
import { bar, runStyles } from './run-styles.ts';

type Section = Run['prompt'][number];

/** What the prompt of a run was made of and what each part weighed; never the text. */
export class BnRunPrompt extends BnElement {
  static override properties = { run: { attribute: false } };
  static override styles = [
    super.styles,
    runStyles,
    css`
      p {
        margin-block-end: var(--bn-space-3);
      }
      ol {
        display: grid;
        gap: var(--bn-space-3);
      }
      li {
        display: grid;
        gap: var(--bn-space-1);
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 var(--bn-space-2);
      }
      .head strong {
        overflow-wrap: anywhere;
      }
      .numbers {
        margin-inline-start: auto;
      }
    `,
  ];
  declare run: Run | undefined;

  override render(): unknown {
    if (!this.run) return nothing;
    const { prompt, context } = this.run;
    const weight = prompt.reduce((sum, { tokens }) => sum + tokens, 0);
    return html`<section aria-labelledby="heading">
      <h2 id="heading">${msg('Prompt')}</h2>
      <p class="soft small">
        ${context ? said(context) : nothing}
        ${msg('Sections of the prefix stay the same until a file changes, so that services can cache them; those of the tail are new in every turn. Sizes are estimates.')}
      </p>
      <ol>
        ${prompt.map((section) => line(section, weight))}
      </ol>
    </section>`;
  }
}

function said({ tokens, limit, trimmed, compacted, before }: NonNullable<Run['context']>): string {
  const cuts = [
    trimmed === 0 ? '' : trimmed === 1 ? msg('1 result was cut') : msg(str`${formatCount(trimmed)} results were cut`),
    compacted === 0
      ? ''
      : compacted === 1
        ? msg('1 message was summed up')
        : msg(str`${formatCount(compacted)} messages were summed up`),
  ].filter(Boolean);
  const was = before === undefined ? '' : msg(str`, before that ${formatCount(before)}`);
  const why = cuts.length === 0 ? '' : ` ${msg(str`To make it fit ${cuts.join(msg(' and '))}.`)}`;
  return msg(str`With the messages about ${formatCount(tokens)} of ${formatCount(limit)} tokens${was}.`) + why;
}

function line({ id, stability, tokens, sha256, tools }: Section, weight: number): unknown {
  const share = weight === 0 ? 0 : tokens / weight;
  return html`<li>
    <div class="head">
      <strong>${id}</strong>
      <span class="soft small"
        >${stability}${tools === undefined ? nothing : `, ${tools === 1 ? msg('1 tool') : msg(str`${formatCount(tools)} tools`)}`}</span
      >
      <code class="soft" title=${sha256}>${sha256.slice(0, 8)}</code>
      <span class="numbers">${msg(str`${formatCount(tokens)} tokens, ${formatShare(share)}`)}</span>
    </div>
    ${bar(0, share, stability === 'tail' ? 'light' : 'plain')}
  </li>`;
}

customElements.define('bn-run-prompt', BnRunPrompt);
