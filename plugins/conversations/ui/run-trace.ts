import { BnElement, CallError, clientContext, css, formatSpan, html, msg, nothing, type Answer } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import type { Run } from './run-parts.ts';
import { bar, runStyles } from './run-styles.ts';

type Trace = Answer<'traces.show'>;
type Span = Trace['spans'][number];

/** What happened in the turn of a run, one below the other as it began; read again whenever the run is. */
export class BnRunTrace extends BnElement {
  static override properties = {
    run: { attribute: false },
    isBegun: { type: Boolean },
    trace: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    runStyles,
    css`
      summary {
        display: grid;
        grid-template-columns: minmax(0, 12rem) minmax(0, 1fr) 10.5rem;
        align-items: center;
        gap: var(--bn-space-1) var(--bn-space-3);
        min-height: var(--bn-target);
        padding: var(--bn-space-1) var(--bn-space-3);
        font-size: var(--bn-text-s);
        list-style: none;
        cursor: pointer;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary:hover {
        background: var(--bn-ground-hover);
      }
      summary:focus-visible {
        outline-offset: calc(-1 * var(--bn-ring));
      }
      .name {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        min-width: 0;
      }
      .name.part {
        padding-inline-start: var(--bn-space-3);
      }
      .name span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .numbers {
        text-align: end;
      }
      .turn {
        color: var(--bn-ink-soft);
        transition: rotate var(--bn-fast) var(--bn-ease);
      }
      [open] .turn {
        rotate: 90deg;
      }
      [open] .turn:dir(rtl) {
        rotate: -90deg;
      }
      details dl {
        padding: var(--bn-space-1) var(--bn-space-4) var(--bn-space-3);
        font-family: var(--bn-font-mono);
        font-size: var(--bn-text-xs);
      }
      dd {
        white-space: pre-line;
      }
      .below {
        margin-block-start: var(--bn-space-2);
      }
      @media (width < 40rem) {
        summary {
          grid-template-columns: minmax(0, 1fr) auto;
          padding-block: var(--bn-space-2);
        }
        .bar {
          grid-area: 2 / 1 / 3 / 3;
        }
        details dl {
          grid-template-columns: minmax(0, 1fr);
          gap: 0;
        }
        details dd {
          margin-block-end: var(--bn-space-2);
        }
      }
    `,
  ];
  declare run: Run | undefined;
  /** Something of its turn has ended, so that there should be something to show. */
  declare isBegun: boolean;
  declare trace: Trace | undefined;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.isBegun = false;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('run') || !this.run) return;
    if (changed.get('run')?.id !== this.run.id) this.trace = undefined;
    if (this.isBegun) void this.#read(this.run.id);
  }

  override render(): unknown {
    const { trace, error } = this;
    return html`<section aria-labelledby="heading">
      <h2 id="heading">${msg('Trace of its turn')}</h2>
      ${trace ? this.#waterfall(trace) : error ? this.#without(error) : this.isBegun ? nothing : this.#soft(msg('Nothing has ended yet.'))}
    </section>`;
  }

  #soft(words: string): unknown {
    return html`<p class="soft small">${words}</p>`;
  }

  #without(error: CallError): unknown {
    if (error.code === 'TRACE_MISSING')
      return this.#soft(
        msg('There is no trace of this turn. Traces are kept for 30 days, if the settings say nothing else.'),
      );
    if (error.code === 'ACTION_MISSING') return this.#soft(msg('No trace is kept: the plugin "traces" does not run.'));
    if (error.status === 403) return this.#soft(msg('You may not read traces.'));
    return html`<bn-notice tone="danger" role="alert"><strong>${error.message}</strong> ${error.hint}</bn-notice>`;
  }

  #waterfall({ spans, running, trace }: Trace): unknown {
    const whole = Math.max(...spans.map(({ startMs, durationMs }) => startMs + durationMs), 1);
    return html`<ol class="lines">
        ${spans.map((span) => this.#span(span, whole))}
      </ol>
      <p class="soft small below">
        ${running ? `${msg('What has not ended yet is missing.')} ` : nothing}${msg('A collector knows it as')}
        <code>${trace}</code>.
      </p>`;
  }

  #span({ name, depth, startMs, durationMs, error, attributes }: Span, whole: number): unknown {
    return html`<li>
      <details>
        <summary>
          <span class="name ${depth > 0 ? 'part' : ''}">
            <bn-icon class="turn" name="chevron"></bn-icon><span title=${name}>${name}</span>
            ${error ? html`<bn-icon class="wrong" name="alert"></bn-icon>` : nothing}
          </span>
          ${bar(startMs / whole, durationMs / whole, error ? 'bad' : depth > 0 ? 'plain' : 'light')}
          <span class="numbers"
            >${error ? html`<span class="wrong">${msg('failed')}</span>, ` : nothing}${
              depth > 0 ? `+${formatSpan(startMs)}, ` : nothing
            }${formatSpan(durationMs)}</span
          >
        </summary>
        <dl class="facts">
          ${Object.entries(attributes).map(
            ([key, value]) =>
              html`<dt>${key}</dt>
                <dd>${wordsOf(value)}</dd>`,
          )}
        </dl>
      </details>
    </li>`;
  }

  async #read(run: string): Promise<void> {
    try {
      const trace = await this.#client.value?.call('traces.show', { run });
      if (run !== this.run?.id) return;
      this.trace = trace;
      this.error = undefined;
    } catch (thrown) {
      if (run === this.run?.id) this.error = CallError.from(thrown);
    }
  }
}

/** One line for each; of hashes their beginning, as in the list of the prompt. */
function wordsOf(value: Span['attributes'][string]): string {
  const text = Array.isArray(value) ? value.join('\n') : String(value);
  return text.replaceAll(/\b([0-9a-f]{8})[0-9a-f]{56}\b/g, '$1');
}

customElements.define('bn-run-trace', BnRunTrace);
