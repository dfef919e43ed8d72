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
  sectionStyles,
  type Answer,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';

type Problem = Answer<'bots.check'>['problems'][number];

const SHOWN = 200;

/** Everything that is wrong in files, each a link to its line in the editor. */
export class BnFleetProblems extends BnElement {
  static override properties = { version: { attribute: false }, problems: { state: true }, error: { state: true } };
  static override styles = [
    super.styles,
    sectionStyles,
    css`
      .lines {
        max-height: 22rem;
        overflow-y: auto;
      }
      .line {
        display: flex;
        gap: var(--bn-space-3);
        padding: var(--bn-space-3) var(--bn-space-4);
        color: var(--bn-ink);
        text-decoration: none;
      }
      a.line:hover {
        background: var(--bn-ground-hover);
      }
      a.line:focus-visible {
        outline-offset: calc(-1 * var(--bn-ring));
      }
      code {
        color: var(--bn-ink-soft);
      }
    `,
  ];
  /** Changes with the fleet, so that they are read again. */
  declare version: unknown;
  declare problems: readonly Problem[] | undefined;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('version') || (!this.problems && !this.error)) void this.#read();
  }

  override render(): unknown {
    if (!this.problems) return errorNotice(this.error);
    if (this.problems.length === 0) return nothing;
    return html`<section>
      <h2>${msg('Problems')}</h2>
      <ul class="lines">
        ${this.problems.slice(0, SHOWN).map((problem) => html`<li>${line(problem)}</li>`)}
      </ul>
    </section>`;
  }

  async #read(): Promise<void> {
    try {
      this.problems = (await this.#client.value?.call('bots.check', {}))?.problems;
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }
}

function line({ file, line: at, level, message }: Problem): unknown {
  const inside = html`<bn-icon class=${level === 'error' ? 'wrong' : 'soft'} name="alert"></bn-icon>
    <span>${message}<br /><code>${file}:${at}</code></span>`;
  const [, slug, path] = /^bots\/([^/]+)\/(.+)$/.exec(file) ?? [];
  if (slug === undefined || path === undefined) return html`<div class="line">${inside}</div>`;
  return html`<a class="line" href="${pathTo('agents', slug, 'files', ...path.split('/'))}?line=${at}">${inside}</a>`;
}

customElements.define('bn-fleet-problems', BnFleetProblems);
