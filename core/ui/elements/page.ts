import { html, type CSSResultGroup, type PropertyDeclarations } from 'lit';
import type { Client } from '../client.ts';
import { clientContext } from '../contexts.ts';
import { msg } from '../language.ts';
import { CallError } from '../live/call-error.ts';
import { showTitle } from '../shell/page-title.ts';
import { toast } from '../toast.ts';
import { BnElement } from './element.ts';
import './header.ts';
import { errorNotice, formStyles, pageStyles } from './page-styles.ts';

/**
 * Base of a page that reads something, shows it and does things with it: header, column, what went wrong. Says what it reads
 * (`read`), its heading and what it draws (`content`).
 */
export abstract class BnPage<Data> extends BnElement {
  static override properties: PropertyDeclarations = {
    data: { state: true },
    error: { state: true },
    isBusy: { state: true },
  };
  static override styles: CSSResultGroup = [super.styles, pageStyles, formStyles];
  /** What was read; undefined until it is there. */
  declare data: Data | undefined;
  /** Why the last reading or deed failed. */
  declare error: CallError | undefined;
  declare isBusy: boolean;
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.isBusy = false;
  }

  protected abstract heading(): string;
  protected abstract read(client: Client): Promise<Data>;
  protected abstract content(data: Data): unknown;

  /** Actions at the end of the header. */
  protected actions(): unknown {
    return undefined;
  }

  /** The server. Only while the element is in the page. */
  protected get client(): Client {
    const client = this.#client.value;
    if (client) return client;
    throw new Error('The page is not in the application any more.');
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.reload());
  }

  override updated(): void {
    showTitle(this.heading());
  }

  override render(): unknown {
    const { data } = this;
    return html`
      <bn-header
        ><h1>${this.heading()}</h1>
        <div slot="end" class="row">${this.actions()}</div></bn-header
      >
      <div class="scroll">
        <div class="column">${this.notice()} ${data === undefined ? this.#waiting() : this.content(data)}</div>
      </div>
    `;
  }

  /** What went wrong, above the content. A page that says it where it belongs gives nothing here. */
  protected notice(): unknown {
    return errorNotice(this.error, this.data === undefined ? () => void this.reload() : undefined);
  }

  #waiting(): unknown {
    return this.error ? undefined : html`<p class="soft" role="status">${msg('One moment …')}</p>`;
  }

  /** Reads again. What is shown stays when it fails. */
  protected async reload(): Promise<void> {
    try {
      this.data = await this.read(this.client);
      this.error = undefined;
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  /** Does something and reads again; says so in a few words. Gives whether it came about: what failed stands in `error`. */
  protected async act(work: (client: Client) => Promise<unknown>, done?: string): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.error = undefined;
    try {
      await work(this.client);
    } catch (thrown) {
      this.error = CallError.from(thrown);
    } finally {
      this.isBusy = false;
    }
    if (this.error) return false;
    await this.reload();
    if (done !== undefined) toast(this, done);
    return true;
  }
}
