import {
  BnElement,
  CallError,
  clientContext,
  CloseEvent,
  css,
  errorNotice,
  FleetChangedEvent,
  html,
  msg,
  navigate,
  nothing,
  pathTo,
  sectionStyles,
  str,
  type Answer,
} from 'boternity/ui';
import type { PropertyValues } from 'lit';

type Plan = Answer<'imports.plan'>;

/** Says that this page sends the request, as no other can. */
const OURS = { 'x-requested-with': 'boternity', 'content-type': 'application/gzip' };

/** Takes in an archive: it is sent, what it would become is shown, and only then is it made. @event bn-close - It is done. */
export class BnImportBot extends BnElement {
  static override properties = {
    file: { attribute: false },
    plan: { state: true },
    isBusy: { state: true },
    isOver: { state: true },
    error: { state: true },
  };
  static override styles = [
    super.styles,
    sectionStyles,
    css`
      :host {
        display: grid;
        gap: var(--bn-space-4);
      }
      .drop {
        display: grid;
        justify-items: center;
        gap: var(--bn-space-3);
        padding: var(--bn-space-5);
        border: var(--bn-border) dashed var(--bn-line-strong);
        border-radius: var(--bn-radius-m);
        text-align: center;
      }
      .drop[data-over] {
        border-color: var(--bn-accent);
        background: var(--bn-accent-soft);
      }
      .end {
        display: flex;
        justify-content: end;
        gap: var(--bn-space-2);
      }
      ul {
        display: grid;
        gap: var(--bn-space-1);
      }
    `,
  ];
  /** An archive that was dropped elsewhere. */
  declare file: File | undefined;
  declare plan: Plan | undefined;
  declare isBusy: boolean;
  declare isOver: boolean;
  declare error: CallError | undefined;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.isBusy = false;
    this.isOver = false;
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('file') && this.file) void this.#send(this.file);
  }

  override render(): unknown {
    return html`${errorNotice(this.error)} ${this.plan ? this.#shown(this.plan) : this.#drop()}`;
  }

  #drop(): unknown {
    return html`<div
      class="drop"
      ?data-over=${this.isOver}
      @dragover=${(event: DragEvent) => {
        event.preventDefault();
        this.isOver = true;
      }}
      @dragleave=${() => (this.isOver = false)}
      @drop=${(event: DragEvent) => {
        event.preventDefault();
        event.stopPropagation();
        this.isOver = false;
        void this.#send(event.dataTransfer?.files[0]);
      }}
    >
      <p class="soft">
        ${msg('Drop an archive here: an export of this server, or a packed workspace of another program.')}
      </p>
      <button ?disabled=${this.isBusy} @click=${() => this.renderRoot.querySelector('input')?.click()}>
        ${this.isBusy ? msg('It is looked at …') : msg('Choose an archive')}
      </button>
      <input
        type="file"
        hidden
        accept=".tar,.gz,.tgz,application/gzip"
        aria-label=${msg('Archive file')}
        @change=${(event: Event) => void this.#send((event.target as HTMLInputElement).files?.[0])}
      />
    </div>`;
  }

  #shown(plan: Plan): unknown {
    return html`<p>${msg(str`${plan.source} was taken for: ${plan.title}. It would become:`)}</p>
      ${plan.bots.map(
        ({ name, slug, files, memories, problems, disabled }) =>
          html`<section>
            <h2>${name} <code class="soft">${slug}</code></h2>
            <ul>
              <li>${files.length === 1 ? msg('1 file') : msg(str`${files.length} files`)}</li>
              ${memories.length > 0 ? html`<li>${memories.length === 1 ? msg('1 memory') : msg(str`${memories.length} memories`)}</li>` : nothing}
              ${disabled.map(({ what, where }) => html`<li>${msg(str`${what} arrives switched off (${where})`)}</li>`)}
              ${problems.map(({ file, line, message }) => html`<li class="wrong">${file}:${line} ${message}</li>`)}
            </ul>
          </section>`,
      )}
      ${
        plan.skills.length > 0
          ? html`<p class="soft">${msg(str`Shared skills: ${plan.skills.map(({ name }) => name).join(', ')}`)}</p>`
          : nothing
      }
      ${
        plan.secrets.length > 0
          ? html`<p>
              ${plan.secrets.length === 1 ? msg('1 key in plain text comes along in no file.') : msg(str`${plan.secrets.length} keys in plain text come along in no file.`)}
            </p>`
          : nothing
      }
      ${
        plan.left.length > 0
          ? html`<details>
              <summary>${msg('What does not come along')}</summary>
              <ul>
                ${plan.left.map(({ what, why }) => html`<li><code>${what}</code> ${why}</li>`)}
              </ul>
            </details>`
          : nothing
      }
      <div class="end">
        <button @click=${() => void this.#discard(plan)}>${msg('Cancel')}</button>
        <button class="primary" ?disabled=${this.isBusy} @click=${() => void this.#apply(plan)}>
          ${msg('Import')}
        </button>
      </div>`;
  }

  async #send(file: File | undefined): Promise<void> {
    const client = this.#client.value;
    if (!file || !client || this.isBusy) return;
    this.isBusy = true;
    this.error = undefined;
    try {
      const response = await client.fetch('/uploads', { method: 'POST', headers: OURS, body: file });
      const { data } = (await response.json()) as { data: { upload: string } };
      this.plan = await client.call('imports.plan', { upload: data.upload, source: file.name.slice(0, 200) });
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }

  async #apply({ id, skills }: Plan): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      // A skill of this server that others use is not replaced by what came from elsewhere.
      const keep = skills.some(({ state }) => state === 'differs') ? { skills: 'keep' as const } : {};
      const made = await this.#client.value?.call('imports.apply', { import: id, ...keep });
      this.plan = undefined;
      this.dispatchEvent(new CloseEvent());
      this.dispatchEvent(new FleetChangedEvent());
      const [first] = made?.bots ?? [];
      if (first) navigate(pathTo('agents', first.slug));
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.isBusy = false;
  }

  async #discard({ id }: Plan): Promise<void> {
    this.plan = undefined;
    await this.#client.value?.call('imports.discard', { import: id }).catch(() => undefined);
    this.dispatchEvent(new CloseEvent());
  }
}

customElements.define('bn-import-bot', BnImportBot);
