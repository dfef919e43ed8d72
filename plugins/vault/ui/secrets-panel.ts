import { addWords, BnPage, css, html, msg, nothing, str, type Answer, type Client } from 'boternity/ui';
import './secret-form.ts';

type Secrets = Answer<'secrets.list'>['secrets'];
type Secret = Secrets[number];

/** The secrets: name, whom each counts for, where it is kept. No value is ever shown, or comes back. */
export class BnSecretsPanel extends BnPage<Secrets> {
  static override properties = { open: { state: true }, asked: { state: true }, isRotating: { state: true } };
  static override styles = [
    super.styles,
    css`
      code {
        overflow-wrap: anywhere;
      }
      p + .row {
        margin-block-start: var(--bn-space-3);
      }
    `,
  ];
  /** Which secret gets a value; a new one is the empty text. */
  declare open: string | undefined;
  /** Which secret is about to be deleted. */
  declare asked: string | undefined;
  declare isRotating: boolean;

  protected heading(): string {
    return msg('Secrets');
  }

  protected async read(client: Client): Promise<Secrets> {
    return (await client.call('secrets.list', {})).secrets;
  }

  protected override actions(): unknown {
    if (!this.data || this.open === '') return nothing;
    return html`<button class="primary" @click=${() => (this.open = '')}>
      <bn-icon name="plus"></bn-icon>${msg('New secret')}
    </button>`;
  }

  protected content(secrets: Secrets): unknown {
    return html`<p class="soft">
        ${msg('Keys of services, kept encrypted and handed to nobody but the plugin that needs them. A value is never shown again.')}
      </p>
      ${
        this.open === ''
          ? html`<section aria-labelledby="new">
              <h2 id="new">${msg('New secret')}</h2>
              <bn-secret-form @bn-close=${() => void this.#closed()}></bn-secret-form>
            </section>`
          : nothing
      }
      ${
        secrets.length === 0
          ? this.open === ''
            ? nothing
            : html`<p class="empty">${msg('There is none yet.')}</p>`
          : html`<ul class="lines rows" aria-label=${msg('Secrets')}>
              ${secrets.map((secret) => this.#line(secret))}
            </ul>`
      }
      ${this.#encryption()}`;
  }

  #line(secret: Secret): unknown {
    const { name, scope, preview, variable, behind } = secret;
    const id = idOf(secret);
    const whose = scope === 'global' ? msg('for all bots') : msg(str`only for ${scope}`);
    const others = behind.map((place) => placeWords(place));
    return html`<li>
      <div>
        <code>${name}</code> <span class="soft small">${preview}</span><br />
        <span class="soft small">
          ${whose} · ${placeWords(secret.backend)}${variable === null ? nothing : html` (<code>${variable}</code>)`}
          ${others.length === 0 ? nothing : html` · ${msg(str`does not count: ${others.join(', ')}`)}`}
        </span>
      </div>
      <div class="row">
        <button
          aria-label=${msg(str`Set anew: ${name}`)}
          @click=${() => (this.open = this.open === id ? undefined : id)}
        >
          ${msg('Set anew')}
        </button>
        ${
          secret.backend === 'environment' && behind.length === 0
            ? nothing
            : html`<button aria-label=${msg(str`Delete ${name}`)} @click=${() => (this.asked = id)}>
                ${msg('Delete')}
              </button>`
        }
      </div>
      ${
        this.open === id
          ? html`<bn-secret-form
              name=${name}
              bot=${scope === 'global' ? '' : scope}
              @bn-close=${() => void this.#closed()}
            ></bn-secret-form>`
          : nothing
      }
      ${
        this.asked === id
          ? html`<bn-notice tone="danger">
              ${msg('It is deleted for good; whatever uses it stops working.')}
              <button slot="actions" class="danger" @click=${() => void this.#delete(secret)}>
                ${msg(str`Delete ${name}`)}
              </button>
              <button slot="actions" @click=${() => (this.asked = undefined)}>${msg('Keep')}</button>
            </bn-notice>`
          : nothing
      }
    </li>`;
  }

  #encryption(): unknown {
    return html`<section aria-labelledby="key">
      <h2 id="key">${msg('Encryption')}</h2>
      <p class="soft small">
        ${msg('A new key encrypts all of them anew; the old one opens nothing any more, and no older backup either.')}
      </p>
      <p class="row">
        ${
          this.isRotating
            ? html`<button class="danger" @click=${() => void this.#rotate()}>${msg('Make a new key now')}</button>
                <button @click=${() => (this.isRotating = false)}>${msg('Keep')}</button>`
            : html`<button @click=${() => (this.isRotating = true)}>${msg('Make a new key')}</button>`
        }
      </p>
    </section>`;
  }

  #closed(): Promise<void> {
    this.open = undefined;
    return this.reload();
  }

  async #delete({ name, scope }: Secret): Promise<void> {
    this.asked = undefined;
    const which = scope === 'global' ? { name } : { name, bot: scope };
    await this.act((client) => client.call('secrets.delete', which), msg(str`${name} is deleted.`));
  }

  async #rotate(): Promise<void> {
    this.isRotating = false;
    await this.act(
      (client) => client.call('secrets.rotate_key', {}),
      msg('All secrets are encrypted under a new key.'),
    );
  }
}

function idOf({ name, scope }: Secret): string {
  return `${scope}/${name}`;
}

function placeWords(place: Secret['backend']): string {
  const words = {
    environment: msg('environment'),
    keychain: msg('keychain of the system'),
    file: msg('encrypted file'),
  };
  return words[place];
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-secrets-panel', BnSecretsPanel);
