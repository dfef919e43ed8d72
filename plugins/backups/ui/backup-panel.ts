import {
  addWords,
  BnPage,
  css,
  formatCount,
  formatFullTime,
  html,
  msg,
  nothing,
  str,
  toast,
  type Answer,
  type Client,
  pathTo,
} from 'boternity/ui';

interface Data {
  readonly backups: Answer<'backups.list'>['backups'];
  readonly schedule: Answer<'backups.list'>['schedule'];
  readonly size: Answer<'home.measure'>;
}
type Backup = Data['backups'][number];

/** The home and its backups: how large it is, make one, fetch it, delete it, and how one is brought back. */
export class BnBackupPanel extends BnPage<Data> {
  static override properties = { told: { state: true }, asked: { state: true }, left: { state: true } };
  static override styles = [
    super.styles,
    css`
      pre {
        margin: var(--bn-space-2) 0 0;
        padding: var(--bn-space-3);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-code);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      form,
      section > bn-notice {
        margin-block-end: var(--bn-space-3);
      }
      li bn-notice {
        flex: 1 0 100%;
      }
    `,
  ];
  /** How far a backup is that is being written. */
  declare told: string | undefined;
  /** Which backup is about to be deleted. */
  declare asked: string | undefined;
  /** What the last backup does not hold. */
  declare left: Answer<'backups.create'>['left'] | undefined;

  protected heading(): string {
    return msg('Home and backup');
  }

  protected async read(client: Client): Promise<Data> {
    const [{ backups, schedule }, size] = await Promise.all([
      client.call('backups.list', {}),
      client.call('home.measure', {}),
    ]);
    return { backups, schedule, size };
  }

  protected content(data: Data): unknown {
    return html`${this.#home(data.size)}${this.#backups(data)}${this.#restore(data)}`;
  }

  #home({ path, bytes, files, parts }: Data['size']): unknown {
    return html`<section aria-labelledby="home">
      <h2 id="home">${msg('Home folder')}</h2>
      <p><code>${path}</code></p>
      <p class="soft">
        ${msg(str`${sizeWords(bytes)} in ${formatCount(files)} files.`)}
        ${parts
          .filter((part) => part.bytes > 0)
          .slice(0, 4)
          .map((part) => `${part.name} ${sizeWords(part.bytes)}`)
          .join(' · ')}
      </p>
    </section>`;
  }

  #backups({ backups, schedule }: Data): unknown {
    return html`<section aria-labelledby="backups">
      <div class="head"><h2 id="backups">${msg('Backups')}</h2></div>
      ${this.#schedule(schedule)}
      <form class="make" @submit=${(event: SubmitEvent) => void this.#make(event)}>
        <label class="check">
          <input
            type="checkbox"
            name="keys"
          />${msg('Take the keys of the vault along: whoever has the backup then has every secret')}
        </label>
        <div class="row">
          <span class="soft" role="status">${this.told ?? nothing}</span>
          <button class="primary" ?disabled=${this.isBusy}>${msg('Make a backup')}</button>
        </div>
      </form>
      ${
        this.left && this.left.length > 0
          ? html`<bn-notice
              ><strong>${msg('What is not in it:')}</strong>
              ${this.left.map(({ what, why }) => html`<p>${what}: ${why}</p>`)}</bn-notice
            >`
          : nothing
      }
      ${
        backups.length === 0
          ? html`<p class="empty">${msg('There is none yet.')}</p>`
          : html`<ul class="lines rows" aria-label=${msg('Backups')}>
              ${backups.map((backup) => this.#line(backup))}
            </ul>`
      }
    </section>`;
  }

  #schedule({ every, at, next, failed }: Data['schedule']): unknown {
    if (every === 'off') return html`<p class="soft">${msg('The server makes none by itself.')}</p>`;
    const time = next === null ? '' : formatFullTime(next);
    return html`<p class="soft">
        ${msg(str`The server makes one each day at ${at} and removes old ones of these; the next: ${time}.`)}
      </p>
      ${
        failed
          ? html`<bn-notice tone="warning">${msg(str`The last automatic backup failed: ${failed.message}`)}</bn-notice>`
          : nothing
      }`;
  }

  #line({ name, bytes, at, automatic }: Backup): unknown {
    return html`<li>
      <div>
        <strong>${name}</strong><br />
        <span class="soft small"
          ><time datetime=${at}>${formatFullTime(at)}</time> ·
          ${sizeWords(bytes)}${automatic ? ` · ${msg('automatic')}` : nothing}</span
        >
      </div>
      <div class="row">
        <a
          class="button"
          download=${name}
          href=${pathTo('api', 'v1', 'backups', name, 'content')}
          aria-label=${msg(str`Fetch ${name}`)}
        >
          ${msg('Fetch')}
        </a>
        <button aria-label=${msg(str`Delete ${name}`)} @click=${() => (this.asked = name)}>${msg('Delete')}</button>
      </div>
      ${
        this.asked === name
          ? html`<bn-notice tone="danger">
              ${msg('The backup is deleted for good.')}
              <button slot="actions" class="danger" @click=${() => void this.#delete(name)}>
                ${msg(str`Delete ${name}`)}
              </button>
              <button slot="actions" @click=${() => (this.asked = undefined)}>${msg('Keep')}</button>
            </bn-notice>`
          : nothing
      }
    </li>`;
  }

  #restore({ backups: [latest], size }: Data): unknown {
    const file = latest?.file ?? `${size.path}/backups/boternity-….tar.gz`;
    return html`<section aria-labelledby="restore">
      <h2 id="restore">${msg('Bring one back')}</h2>
      <p class="soft">
        ${msg('The server must not run meanwhile, so the terminal does it. What is there now is put aside, not deleted.')}
      </p>
      <pre tabindex="0">
bnity restore "${file}" --verify
bnity restore "${file}" --to "${size.path}" --force</pre>
    </section>`;
  }

  async #make(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const withKeys = new FormData(event.target as HTMLFormElement).get('keys') !== null;
    this.told = msg('The home is being packed …');
    const onProgress = (fact: unknown): void => void (this.told = String(fact));
    await this.act(async (client) => {
      const made = await client.call('backups.create', { with_keys: withKeys }, { onProgress });
      this.left = made.left;
      toast(this, msg(str`${made.name} is written.`));
    });
    this.told = undefined;
  }

  async #delete(backup: string): Promise<void> {
    this.asked = undefined;
    await this.act((client) => client.call('backups.delete', { backup }), msg(str`${backup} is deleted.`));
  }
}

/** `14 kB`, `2.5 MB`. */
function sizeWords(bytes: number): string {
  return bytes < 1_048_576
    ? `${formatCount(Math.ceil(bytes / 1_024))} kB`
    : `${formatCount(Math.round(bytes / 104_857.6) / 10)} MB`;
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-backup-panel', BnBackupPanel);
