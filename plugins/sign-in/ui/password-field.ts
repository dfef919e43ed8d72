import { html, msg, nothing, str } from 'boternity/ui';

export interface PasswordField {
  readonly name: string;
  readonly label: string;
  readonly autocomplete: 'current-password' | 'new-password';
  readonly hint?: string;
  /** Characters that it must have. */
  readonly least?: number;
}

/**
 * A labelled field for a password and a button that shows what is typed. It stands in the form itself, not in an element of its
 * own: there password managers find it, and the browser checks it with the rest.
 */
export function passwordField({ name, label, autocomplete, hint = '', least = 1 }: PasswordField): unknown {
  return html`<div class="field">
    <label for=${name}>${label}</label>
    <div class="both">
      <input
        id=${name}
        name=${name}
        type="password"
        autocomplete=${autocomplete}
        autocapitalize="none"
        spellcheck="false"
        required
        minlength=${least}
        maxlength="1024"
        aria-describedby=${hint === '' ? nothing : `${name}-hint`}
      />
      <button type="button" aria-label=${msg(str`Show: ${label}`)} aria-pressed="false" @click=${toggle}>
        <span>${msg('Show')}</span><span hidden>${msg('Hide')}</span>
      </button>
    </div>
    ${hint === '' ? nothing : html`<span id="${name}-hint" class="hint">${hint}</span>`}
  </div>`;
}

function toggle(event: Event): void {
  const button = event.currentTarget as HTMLButtonElement;
  const input = button.previousElementSibling as HTMLInputElement;
  const isShown = input.type === 'text';
  input.type = isShown ? 'password' : 'text';
  button.ariaPressed = String(!isShown);
  for (const word of button.querySelectorAll('span')) word.hidden = !word.hidden;
}

/** What stands in the fields of a form, by name. */
export function valuesOf(form: HTMLFormElement): Record<string, string> {
  const fields = form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input[name], select[name]');
  return Object.fromEntries(Array.from(fields, ({ name, value }) => [name, value]));
}
