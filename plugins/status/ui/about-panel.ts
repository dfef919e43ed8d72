import { addWords, BnPage, css, formatFullTime, html, msg, nothing, str, type Answer, type Client } from 'boternity/ui';

interface Data {
  readonly about: Answer<'server.about'>;
  readonly isReady: boolean;
}

/** What runs here: version, Node, home, health, licences, where to read more. */
export class BnAboutPanel extends BnPage<Data> {
  static override properties = { findings: { state: true } };
  static override styles = [
    super.styles,
    css`
      .problems {
        display: grid;
        gap: var(--bn-space-2);
        margin-block-start: var(--bn-space-3);
      }
      .row + p {
        margin-block-start: var(--bn-space-3);
      }
      .facts {
        padding: var(--bn-space-4);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--bn-text-s);
      }
      :is(td, th) {
        padding: var(--bn-space-1) var(--bn-space-2);
        border-block-end: var(--bn-border) solid var(--bn-line);
        text-align: start;
        overflow-wrap: anywhere;
      }
      summary {
        min-height: var(--bn-target);
        align-content: center;
        cursor: pointer;
      }
    `,
  ];
  /** What the doctor found; undefined until somebody asks. */
  declare findings: Answer<'doctor.plan'> | undefined;

  protected heading(): string {
    return msg('About');
  }

  protected async read(client: Client): Promise<Data> {
    const [about, isReady] = await Promise.all([
      client.call('server.about', {}),
      fetch('/readyz').then(
        ({ ok }) => ok,
        () => false,
      ),
    ]);
    return { about, isReady };
  }

  protected content({ about, isReady }: Data): unknown {
    return html`${this.#facts(about)}${this.#health(about, isReady)}${this.#links()}${this.#licences(about)}`;
  }

  #facts({ version, update, node, system, home, startedAt, memory }: Data['about']): unknown {
    return html`<section aria-labelledby="what">
      <h2 id="what">Boternity</h2>
      ${update === null ? nothing : html`<bn-notice tone="info">${update}</bn-notice>`}
      <dl class="facts">
        <dt>${msg('Version')}</dt>
        <dd>${version}</dd>
        <dt>Node</dt>
        <dd>${node}</dd>
        <dt>${msg('System')}</dt>
        <dd>${system}</dd>
        <dt>${msg('Home')}</dt>
        <dd>${home}</dd>
        <dt>${msg('Runs since')}</dt>
        <dd><time datetime=${startedAt}>${formatFullTime(startedAt)}</time></dd>
        <dt>${msg('Memory in use')}</dt>
        <dd>${Math.round(memory / 1_048_576)} MB</dd>
      </dl>
    </section>`;
  }

  #health({ problems }: Data['about'], isReady: boolean): unknown {
    const { findings } = this;
    return html`<section aria-labelledby="health">
      <div class="head">
        <h2 id="health">${msg('Health')}</h2>
        <button ?disabled=${this.isBusy} @click=${() => void this.#examine()}>${msg('Examine everything')}</button>
      </div>
      <p role="status">
        ${isReady ? msg('The server is ready.') : msg('The server does not say that it is ready.')}
        ${findings ? this.#found(findings) : nothing}
      </p>
      <div class="problems">
        ${problems.map((problem) => html`<bn-notice tone="warning">${problem}</bn-notice>`)}
        ${(findings?.findings ?? []).map(
          ({ level, message, advice, fix }) =>
            html`<bn-notice tone=${level === 'error' ? 'danger' : 'warning'}>
              ${message} ${advice ?? nothing}
              ${fix ? html`<p class="soft">${msg(str`${fix.does}: bnity doctor --fix`)}</p>` : nothing}
            </bn-notice>`,
        )}
      </div>
    </section>`;
  }

  #found({ findings }: Answer<'doctor.plan'>): string {
    if (findings.length === 0) return msg('Nothing was found.');
    return findings.length === 1 ? msg('1 thing was found.') : msg(str`${findings.length} things were found.`);
  }

  #links(): unknown {
    return html`<section aria-labelledby="links">
      <h2 id="links">${msg('Read more')}</h2>
      <p class="row">
        <a class="button" href="/api/openapi.json" target="_blank" rel="noopener">OpenAPI</a>
        <a class="button" href="/healthz" target="_blank" rel="noopener">/healthz</a>
        <a class="button" href="/readyz" target="_blank" rel="noopener">/readyz</a>
      </p>
      <p class="soft small">
        ${msg('The guides lie in the folder docs/ of the product; every command explains itself:')}
        <code>bnity --help</code>
      </p>
    </section>`;
  }

  #licences({ license, packages }: Data['about']): unknown {
    return html`<section aria-labelledby="licences">
      <h2 id="licences">${msg('Licences')}</h2>
      <p>${msg(str`Boternity: ${license}`)}</p>
      <details>
        <summary>${msg(str`${packages.length} packages it is made of`)}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">${msg('Package')}</th>
              <th scope="col">${msg('Version')}</th>
              <th scope="col">${msg('Licence')}</th>
            </tr>
          </thead>
          <tbody>
            ${packages.map(
              (one) =>
                html`<tr>
                  <td>${one.name}</td>
                  <td>${one.version}</td>
                  <td>${one.license}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </details>
    </section>`;
  }

  async #examine(): Promise<void> {
    await this.act(async (client) => {
      this.findings = await client.call('doctor.plan', {});
    });
  }
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-about-panel', BnAboutPanel);
