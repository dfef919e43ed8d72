import { BnElement, css, formStyles, html, msg, nothing, pictureOf } from 'boternity/ui';
import { fieldOf } from './fields-event.ts';

const categories = ['assistant', 'creative', 'research', 'utility'] as const;

/** IDENTITY.md as a form: who people see. What is changed becomes a line of the file. @event bn-fields - Something was changed. */
export class BnIdentityForm extends BnElement {
  static override properties = {
    slug: { type: String },
    data: { attribute: false },
    isReadable: { type: Boolean },
  };
  static override styles = [
    super.styles,
    formStyles,
    css`
      :host {
        padding: var(--bn-space-5) var(--bn-space-4);
      }
      form {
        max-width: var(--bn-measure);
        margin-inline: auto;
      }
      .who {
        display: flex;
        align-items: end;
        gap: var(--bn-space-4);
      }
      .who label {
        flex: 1;
      }
      .short {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr));
        gap: var(--bn-space-4);
      }
      .short :is(input, select) {
        padding-inline: var(--bn-space-2);
      }
      input[type='color'] {
        height: var(--bn-target);
        padding: var(--bn-space-1);
      }
    `,
  ];
  declare slug: string;
  /** What the front matter says; undefined until it is known. */
  declare data: unknown;
  /** False while the front matter cannot be read. */
  declare isReadable: boolean;

  constructor() {
    super();
    this.slug = '';
    this.isReadable = true;
  }

  override render(): unknown {
    if (!this.isReadable)
      return html`<bn-notice tone="warning"
        >${msg('The file cannot be read as it is. Put it right in its text, then the form comes back.')}</bn-notice
      >`;
    if (this.data === undefined) return nothing;
    const text = (key: string): string => {
      const value = this.#values()[key];
      return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    };
    const field = (key: string, label: string, hint = '', most = 200): unknown =>
      html`<label
        >${label}<input name=${key} maxlength=${most} autocomplete="off" .value=${text(key)} />${
          hint ? html`<span class="hint">${hint}</span>` : nothing
        }</label
      >`;
    return html`<form
      @change=${(event: Event) => this.#changed(event)}
      @submit=${(event: Event) => event.preventDefault()}
    >
      <div class="who">
        <bn-avatar
          size="l"
          .emoji=${text('emoji')}
          .name=${text('display_name')}
          .color=${text('accent_color')}
          .picture=${pictureOf({ slug: this.slug, avatar: text('avatar') })}
        ></bn-avatar>
        ${field('display_name', msg('Name'))}
      </div>
      <div class="short">
        ${field('emoji', msg('Emoji'), '', 16)}
        <label
          >${msg('Colour')}<input
            type="color"
            name="accent_color"
            .value=${/^#[0-9a-f]{6}$/i.test(text('accent_color')) ? text('accent_color') : '#6366f1'}
        /></label>
        <label
          >${msg('Category')}<select name="category" .value=${text('category') || 'assistant'}>
            ${categories.map(
              (each) =>
                html`<option value=${each} ?selected=${each === (text('category') || 'assistant')}>${each}</option>`,
            )}
          </select></label
        >
      </div>
      <label
        >${msg('Description')}<textarea
          name="description"
          rows="3"
          maxlength="1000"
          .value=${text('description')}
        ></textarea>
      </label>
      <label
        >${msg('Greeting')}<textarea name="greeting" rows="2" maxlength="1000" .value=${text('greeting')}></textarea>
        <span class="hint">${msg('The first words of a conversation. Without one the bot finds its own.')}</span></label
      >
      <label
        >${msg('Tags')}<input name="tags" autocomplete="off" .value=${this.#tags()} />
        <span class="hint">${msg('With commas between them.')}</span></label
      >
      ${field('avatar', msg('Picture'), msg('Path of a picture in the folder of the bot: avatars/me.png.'), 500)}
    </form>`;
  }

  #values(): Record<string, unknown> {
    return typeof this.data === 'object' && this.data !== null ? (this.data as Record<string, unknown>) : {};
  }

  #tags(): string {
    const { tags } = this.#values();
    return Array.isArray(tags) ? tags.join(', ') : '';
  }

  #changed(event: Event): void {
    const field = event.target as HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
    const { name } = field;
    const text = field.value.trim();
    const tags = text.split(',').map((tag) => tag.trim());
    const value = name === 'tags' ? tags.filter((tag) => tag !== '') : text;
    this.dispatchEvent(fieldOf(name, value.length === 0 ? undefined : value));
  }
}

customElements.define('bn-identity-form', BnIdentityForm);
