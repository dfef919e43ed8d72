import {
  BnElement,
  CallError,
  clientContext,
  css,
  errorNotice,
  html,
  msg,
  nothing,
  pathTo,
  str,
  type LiveConversation,
} from 'boternity/ui';
import type { ConversationPage, NodeView } from '../views.ts';
import './run-context.ts';
import './run-events.ts';
import { details, figures, runNotices, stateLine, titleOf, type Run } from './run-parts.ts';
import './run-recalled.ts';
import { runStyles } from './run-styles.ts';
import { whyThisModel } from './run-ways.ts';
import './tool-call.ts';

/** Least time between two readings while an answer is given, in milliseconds. */
const REST_MS = 400;

/**
 * How an answer came about, beside the conversation: of the one that was chosen, else of the last; current while it is being given.
 * Parts of it are those of the page of a run, to which it leads.
 */
export class BnRunInspector extends BnElement {
  static override properties = {
    page: { attribute: false },
    live: { attribute: false },
    chosen: { type: String },
    shown: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    runStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--bn-space-5);
      }
      h3 {
        font-size: var(--bn-text-l);
        overflow-wrap: anywhere;
      }
      .tools {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--bn-space-2);
      }
    `,
  ];
  declare page: ConversationPage | undefined;
  declare live: LiveConversation<ConversationPage> | undefined;
  /** Id of an answer; the last one of the page when empty. */
  declare chosen: string;
  declare shown: Run | undefined;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);
  #readFor = '';
  #reading: Promise<void> | undefined;

  constructor() {
    super();
    this.chosen = '';
  }

  override willUpdate(): void {
    const node = this.#node();
    const wanted = node ? this.#stampOf(node) : '';
    if (wanted === this.#readFor || !this.#client.value || this.#reading) return;
    if (node?.id !== this.shown?.id) this.shown = undefined;
    this.#readFor = wanted;
    if (node) this.#reading = this.#read(node.id);
  }

  override render(): unknown {
    const { shown, error, page } = this;
    const node = this.#node();
    if (!page || !node) return html`<p class="soft">${msg('There is no answer yet.')}</p>`;
    if (!shown) return errorNotice(error, () => void this.#read(node.id)) ?? nothing;
    const calls = page.nodes.filter(({ turn, kind }) => turn === node.turn && kind === 'task');
    return html`<section>
        <h3>${titleOf(shown)}</h3>
        ${stateLine(shown)}
      </section>
      ${figures(shown)} ${runNotices(shown)}
      <bn-run-context .run=${shown}></bn-run-context>
      ${calls.length > 0 ? this.#calls(calls) : nothing}
      ${shown.recalled.length > 0 ? html`<bn-run-recalled .run=${shown}></bn-run-recalled>` : nothing}
      ${whyThisModel(shown)}
      <section>
        <h2>${msg('In detail')}</h2>
        ${details(shown)}
      </section>
      <bn-run-events .live=${this.live} .node=${node.id} .stamp=${node.text.length}></bn-run-events>
      <p>
        <a href=${pathTo('conversations', page.id, 'runs', shown.id)}
          >${msg('All of it, with the trace of its turn')}</a
        >
      </p>`;
  }

  #calls(calls: readonly NodeView[]): unknown {
    return html`<section>
      <h2>${msg(str`Tools (${calls.length})`)}</h2>
      <div class="tools">${calls.map((node) => html`<bn-tool-call .node=${node}></bn-tool-call>`)}</div>
    </section>`;
  }

  #node(): NodeView | undefined {
    const { nodes = [] } = this.page ?? {};
    const answers = nodes.filter(({ run }) => run !== null);
    return (
      answers.find(({ id }) => id === this.chosen) ?? answers.findLast(({ state }) => state !== 'pending') ?? answers[0]
    );
  }

  /** What says that there may be something new to read of a run; its text is no part of it. */
  #stampOf({ id, state, run, turn }: NodeView): string {
    const steps = (this.page?.nodes ?? []).filter((node) => node.turn === turn).map((node) => node.state);
    return [this.page?.id, id, state, run?.state, run?.model, run?.notices.length, ...steps].join(' ');
  }

  async #read(run: string): Promise<void> {
    const { id: conversation = '' } = this.page ?? {};
    try {
      this.shown = await this.#client.value?.call('runs.show', { conversation, run });
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    await new Promise((done) => setTimeout(done, REST_MS));
    this.#reading = undefined;
    this.requestUpdate();
  }
}

customElements.define('bn-run-inspector', BnRunInspector);
