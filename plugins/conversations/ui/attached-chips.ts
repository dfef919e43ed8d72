import { BnElement, css, html, msg, nothing, str } from 'boternity/ui';
import type { PropertyValues } from 'lit';
import type { AttachedDraft } from './attached-drafts.ts';
import { DetachEvent } from './events.ts';
import { fileSize, isPicture } from './file-size.ts';

/** Side of a preview, in CSS pixels. */
const PREVIEW = 40;

/** The files that go with the next message: name, size, how far each is, why one cannot be sent. @event bn-detach - Without this one. */
export class BnAttachedChips extends BnElement {
  static override properties = { files: { attribute: false } };
  static override styles = [
    super.styles,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: var(--bn-space-2);
        max-height: 9rem;
        padding: var(--bn-space-2) var(--bn-space-2) 0;
        overflow-y: auto;
      }
      li {
        position: relative;
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        min-width: 0;
        max-width: min(100%, 18rem);
        padding: var(--bn-space-1);
        padding-inline-start: var(--bn-space-2);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground);
        font-size: var(--bn-text-s);
        overflow: hidden;
      }
      li.wrong {
        border-color: var(--bn-danger);
        max-width: 100%;
      }
      canvas {
        flex: none;
        width: 2.5rem;
        height: 2.5rem;
        border-radius: var(--bn-radius-s);
      }
      .about {
        display: grid;
        min-width: 0;
        flex: 1;
      }
      .name {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        unicode-bidi: plaintext;
      }
      .more {
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
        font-variant-numeric: tabular-nums;
      }
      .wrong .more {
        color: var(--bn-danger);
      }
      .bar {
        position: absolute;
        inset-inline: 0;
        bottom: 0;
        width: 100%;
        height: 3px;
      }
      .bar rect {
        fill: var(--bn-accent);
      }
      button {
        flex: none;
        font-size: var(--bn-text-m);
      }
    `,
  ];
  declare files: readonly AttachedDraft[];
  readonly #drawn = new WeakSet<HTMLCanvasElement>();

  constructor() {
    super();
    this.files = [];
  }

  override render(): unknown {
    if (this.files.length === 0) return nothing;
    return html`<ul aria-label=${msg('Files of this message')}>
      ${this.files.map((file) => this.#chip(file))}
    </ul>`;
  }

  override updated(_changed: PropertyValues<this>): void {
    for (const canvas of this.renderRoot.querySelectorAll('canvas')) {
      const file = this.files.find(({ key }) => String(key) === canvas.dataset['key'])?.file;
      if (!file || this.#drawn.has(canvas)) continue;
      this.#drawn.add(canvas);
      void draw(canvas, file);
    }
  }

  #chip(each: AttachedDraft): unknown {
    const { key, name, bytes, file, sent, error, uploaded } = each;
    const isOnItsWay = !uploaded && error === undefined;
    return html`<li class=${error === undefined ? '' : 'wrong'}>
      ${
        file && isPicture(file.type) && error === undefined
          ? html`<canvas data-key=${key} width=${PREVIEW * 2} height=${PREVIEW * 2} aria-hidden="true"></canvas>`
          : html`<bn-icon name=${error === undefined ? 'file' : 'alert'}></bn-icon>`
      }
      <span class="about">
        <span class="name" title=${name}>${name}</span>
        <span class="more" role=${error === undefined ? nothing : 'alert'}>${stateOf(each)}</span>
      </span>
      <button
        class="quiet square"
        aria-label=${msg(str`Remove ${name}`)}
        title=${msg('Remove')}
        @click=${() => this.dispatchEvent(new DetachEvent(key))}
      >
        <bn-icon name="close"></bn-icon>
      </button>
      ${
        isOnItsWay
          ? html`<svg class="bar" aria-hidden="true">
              <rect width="${Math.min(100, (sent / Math.max(1, bytes)) * 100)}%" height="100%"></rect>
            </svg>`
          : nothing
      }
    </li>`;
  }
}

function stateOf({ bytes, sent, error, uploaded }: AttachedDraft): string {
  if (error !== undefined) return error;
  const size = fileSize(bytes);
  if (!uploaded) {
    if (sent >= bytes) return msg(str`${size}, being read`);
    return msg(str`${size}, ${Math.floor((sent / Math.max(1, bytes)) * 100)} % sent`);
  }
  if (uploaded.text === 'failed') return msg(str`${size}, its text cannot be read`);
  if (uploaded.text === 'none' && !isPicture(uploaded.media_type)) return msg(str`${size}, holds no text for the bot`);
  return size;
}

/** A picture, cut to a square. One that no browser can read stays blank. */
async function draw(canvas: HTMLCanvasElement, file: File): Promise<void> {
  const picture = await createImageBitmap(file).catch(() => undefined);
  if (!picture) return;
  const side = Math.min(picture.width, picture.height);
  const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
  canvas.getContext('2d')?.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
  picture.close();
}

customElements.define('bn-attached-chips', BnAttachedChips);
