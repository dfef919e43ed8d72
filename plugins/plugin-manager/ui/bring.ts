import { html, msg, nothing, type Answer } from 'boternity/ui';

export interface Bringing {
  readonly isBusy: boolean;
  /** What the last check found; undefined before there was one. */
  readonly checked: Answer<'plugins.check'> | undefined;
  readonly add: (spec: string) => void;
  readonly create: (name: string) => void;
  readonly check: () => void;
}

/** Installs a plugin, writes a new one, and looks through those of others. */
export function bring({ isBusy, checked, add, create, check }: Bringing): unknown {
  return html`<details>
    <summary>${msg('Add, write or check plugins')}</summary>
    <form @submit=${(event: Event) => give(event, add)}>
      <label
        >${msg('Package of npm, or path of a folder or .tgz on the server')}
        <input name="value" required autocomplete="off" spellcheck="false"
      /></label>
      <button ?disabled=${isBusy}>${msg('Install')}</button>
      <span class="soft small">${msg('Its scripts are not run, and it is not turned on.')}</span>
    </form>
    <form @submit=${(event: Event) => give(event, create)}>
      <label
        >${msg('Name of a new plugin')}
        <input name="value" required autocomplete="off" spellcheck="false" pattern="[a-z][a-z0-9\\-]*"
      /></label>
      <button ?disabled=${isBusy}>${msg('Write it')}</button>
      <span class="soft small">${msg('Code, manifest and test, into plugins/ of the home.')}</span>
    </form>
    <p>
      <button ?disabled=${isBusy} @click=${check}>${msg('Check plugins of the home and of packages')}</button>
    </p>
    ${checked === undefined ? nothing : found(checked)}
  </details>`;
}

function found({ problems }: Answer<'plugins.check'>): unknown {
  if (problems.length === 0) return html`<p role="status">${msg('Nothing was found.')}</p>`;
  return html`<ul role="status" class="small">
    ${problems.map(({ file, line, message }) => html`<li>${file}:${line}: ${message}</li>`)}
  </ul>`;
}

function give(event: Event, take: (value: string) => void): void {
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  const value = new FormData(form).get('value');
  if (typeof value !== 'string' || value.trim() === '') return;
  take(value.trim());
  form.reset();
}
