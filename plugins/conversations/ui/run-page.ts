import {
  BnElement,
  CallError,
  clientContext,
  createHurry,
  css,
  followNews,
  html,
  isTerminal,
  msg,
  nothing,
  pathTo,
  showTitle,
  pageStyles,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';
import { goneNotice } from './gone.ts';
import { details, figures, runNotices, stateLine, titleOf, type Run } from './run-parts.ts';
import './run-prompt.ts';
import './run-recalled.ts';
import { runStyles } from './run-styles.ts';
import './run-trace.ts';
import { runSteps, whyThisModel } from './run-ways.ts';

/** How one answer came about: which model gave it and why, what it took and cost, its prompt by weight, its trace. */
export class BnRunPage extends BnElement {
  static override properties = {
    conversation: { type: String },
    run: { type: String },
    shown: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    pageStyles,
    runStyles,
    css`
      bn-header .button {
        margin-inline-start: calc(-1 * var(--bn-space-3));
      }
      h1 {
        font-size: var(--bn-text-2xl);
        line-height: 1.25;
        letter-spacing: -0.015em;
        overflow-wrap: anywhere;
      }
    `,
  ];
  /** Id of the conversation. */
  declare conversation: string;
  /** Id of the answer. */
  declare run: string;
  declare shown: Run | undefined;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  #readFor = '';

  constructor() {
    super();
    this.conversation = '';
    this.run = '';
    this.whileConnected(() => {
      const closing = new AbortController();
      void this.updateComplete.then(() => this.#follow(closing.signal));
      return () => closing.abort();
    });
  }

  override willUpdate(_changed: PropertyValues<this>): void {
    const wanted = `${this.conversation} ${this.run}`;
    if (wanted === this.#readFor || !this.#client.value) return;
    this.#readFor = wanted;
    this.shown = undefined;
    this.error = undefined;
    showTitle(msg('How an answer came about'));
    void this.#read();
  }

  override render(): unknown {
    const { shown, error } = this;
    const isTitle = shown?.purpose === 'title';
    const back = pathTo('conversations', this.conversation) + (isTitle ? '' : `?message=${this.run}`);
    return html`
      <bn-header
        ><a class="button quiet" href=${back}><bn-icon name="back"></bn-icon>${msg('The conversation')}</a></bn-header
      >
      <div class="scroll" tabindex="0" role="group" aria-label=${msg('How an answer came about')}>
        <div class="column">${error ? this.#failure(error) : nothing} ${shown ? this.#run(shown) : nothing}</div>
      </div>
    `;
  }

  #failure(error: CallError): unknown {
    if (error.code === 'CONVERSATION_MISSING') return goneNotice(error, false);
    return html`<bn-notice tone="danger" role="alert">
      <strong>${error.message}</strong> ${error.hint}
      <button slot="actions" @click=${() => void this.#read()}>${msg('Try again')}</button>
    </bn-notice>`;
  }

  #run(run: Run): unknown {
    const { steps } = run;
    return html`
      <div>
        <h1>${titleOf(run)}</h1>
        ${stateLine(run)}
      </div>
      ${figures(run)} ${runNotices(run)}
      ${run.recalled.length > 0 ? html`<bn-run-recalled .run=${run}></bn-run-recalled>` : nothing} ${whyThisModel(run)}
      <section>
        <h2>${msg('In detail')}</h2>
        ${details(run)}
      </section>
      ${steps.length > 1 ? runSteps(run) : nothing}
      ${run.prompt.length > 0 ? html`<bn-run-prompt .run=${run}></bn-run-prompt>` : nothing}
      <bn-run-trace
        .run=${run}
        .isBegun=${steps.some((step) => isTerminal(step.state)) || steps.length === 0}
      ></bn-run-trace>
    `;
  }

  async #read(): Promise<void> {
    const wanted = this.#readFor;
    const { conversation, run } = this;
    try {
      const shown = await this.#client.value?.call('runs.show', { conversation, run });
      if (wanted !== this.#readFor) return;
      this.shown = shown;
      this.error = undefined;
    } catch (thrown) {
      if (wanted === this.#readFor) this.error = CallError.from(thrown);
    }
  }

  /** The server tells when a run of the conversation is in another state; then it is read again. */
  async #follow(signal: AbortSignal): Promise<void> {
    const client = this.#client.value;
    if (!client || signal.aborted) return;
    const again = createHurry(() => void (signal.aborted || this.#read()));
    let wasLost = false;
    await followNews(client, signal, {
      live: (isLive) => {
        if (isLive && wasLost) again();
        wasLost = !isLive;
      },
      news: (events) => events.some((event) => this.#concerns(event)) && again(),
    });
  }

  #concerns(event: unknown): boolean {
    const { type, conversation } = event as { readonly type: string; readonly conversation?: string };
    return type === 'reset' || (conversation === this.conversation && type !== 'seen');
  }
}

customElements.define('bn-run-page', BnRunPage);
