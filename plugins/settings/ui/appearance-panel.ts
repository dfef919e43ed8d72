import {
  addWords,
  BnElement,
  chooseLanguage,
  chooseTheme,
  css,
  formStyles,
  html,
  languageNow,
  languages,
  msg,
  pageStyles,
  showTitle,
  themeNow,
  themes,
  type Language,
  type Theme,
} from 'boternity/ui';

const icons = { system: 'system', light: 'sun', dark: 'moon' } as const;

/** How the application looks in this browser: theme and language. */
export class BnAppearancePanel extends BnElement {
  static override styles = [
    super.styles,
    pageStyles,
    formStyles,
    css`
      fieldset {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(6rem, 1fr));
        gap: var(--bn-space-3);
        margin: 0;
        padding: 0;
        border: 0;
      }
      .theme {
        display: grid;
        justify-items: center;
        gap: var(--bn-space-2);
        padding: var(--bn-space-4) var(--bn-space-1);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        text-align: center;
        cursor: pointer;
      }
      .theme:has(:checked) {
        border-color: var(--bn-accent);
        background: var(--bn-accent-soft);
      }
      .theme:has(:focus-visible) {
        outline: var(--bn-ring) solid var(--bn-focus);
        outline-offset: var(--bn-ring);
      }
      .theme bn-icon {
        font-size: var(--bn-text-xl);
      }
      select {
        max-width: 20rem;
      }
    `,
  ];

  override updated(): void {
    showTitle(msg('Appearance'));
  }

  override render(): unknown {
    return html`
      <bn-header><h1>${msg('Appearance')}</h1></bn-header>
      <div class="scroll">
        <div class="column">
          <section aria-labelledby="theme">
            <h2 id="theme">${msg('Theme')}</h2>
            <fieldset aria-labelledby="theme">${themes.map((theme) => this.#theme(theme))}</fieldset>
          </section>
          <section aria-labelledby="language">
            <h2 id="language">${msg('Language')}</h2>
            <select aria-labelledby="language" @change=${(event: Event) => void this.#speak(event)}>
              ${Object.entries(languages).map(
                ([language, name]) =>
                  html`<option value=${language} lang=${language} .selected=${language === languageNow()}>
                    ${name}
                  </option>`,
              )}
            </select>
          </section>
          <p class="soft small">${msg('Both count for this browser only.')}</p>
        </div>
      </div>
    `;
  }

  #theme(theme: Theme): unknown {
    const words = { system: msg('As the system'), light: msg('Light'), dark: msg('Dark') };
    return html`<label class="theme">
      <bn-icon name=${icons[theme]}></bn-icon>
      <span>${words[theme]}</span>
      <input
        class="visually-hidden"
        type="radio"
        name="theme"
        value=${theme}
        .checked=${theme === themeNow()}
        @change=${() => chooseTheme(theme)}
      />
    </label>`;
  }

  async #speak(event: Event): Promise<void> {
    await chooseLanguage((event.target as HTMLSelectElement).value as Language);
    this.requestUpdate();
  }
}

addWords({ de: () => import('./words-de.ts') });
customElements.define('bn-appearance-panel', BnAppearancePanel);
