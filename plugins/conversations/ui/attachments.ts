import { BnElement, clientContext, css, html, msg, nothing, str } from 'boternity/ui';
import type { NodeView } from '../views.ts';
import { fileSize, isPicture } from './file-size.ts';

type Attachment = NodeView['attachments'][number];

/** The files that came with a message: pictures to look at, others by name and size; each can be downloaded. */
export class BnAttachments extends BnElement {
  static override properties = { files: { attribute: false } };
  static override styles = [
    super.styles,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        justify-content: end;
        gap: var(--bn-space-2);
      }
      li {
        min-width: 0;
        max-width: 100%;
      }
      a {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        min-height: var(--bn-target);
        padding: var(--bn-space-1) var(--bn-space-3);
        border: var(--bn-border) solid var(--bn-line);
        border-radius: var(--bn-radius-m);
        background: var(--bn-ground-raised);
        color: var(--bn-ink);
        font-size: var(--bn-text-s);
        text-decoration: none;
        overflow: hidden;
      }
      a:hover {
        background: var(--bn-ground-hover);
      }
      a.picture {
        display: grid;
        gap: 0;
        justify-items: center;
        padding: 0;
      }
      img {
        display: block;
        min-width: 6rem;
        max-width: min(100%, 20rem);
        min-height: 4rem;
        max-height: 16rem;
        object-fit: contain;
        background: var(--bn-ground);
      }
      .picture .about {
        padding: var(--bn-space-1) var(--bn-space-3);
      }
      .about {
        display: flex;
        gap: var(--bn-space-2);
        align-items: baseline;
        min-width: 0;
        max-width: 20rem;
      }
      .name {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        unicode-bidi: plaintext;
      }
      .size {
        flex: none;
        color: var(--bn-ink-soft);
        font-size: var(--bn-text-xs);
      }
    `,
  ];
  declare files: readonly Attachment[];
  readonly #client = this.watch(clientContext);

  constructor() {
    super();
    this.files = [];
  }

  override render(): unknown {
    if (this.files.length === 0) return nothing;
    return html`<ul aria-label=${msg('Files of this message')}>
      ${this.files.map((file) => html`<li>${this.#file(file)}</li>`)}
    </ul>`;
  }

  #file({ name, bytes, media_type: media, path }: Attachment): unknown {
    const isShown = isPicture(media);
    const base = this.#client.value?.url ?? location.origin;
    const place = new URL(`api/v1${path}`, base.endsWith('/') ? base : `${base}/`).href;
    return html`<a class=${isShown ? 'picture' : ''} href=${place} download=${name} title=${msg(str`Download ${name}`)}>
      ${
        isShown
          ? html`<img src=${place} alt=${name} loading="lazy" decoding="async" />`
          : html`<bn-icon name="file"></bn-icon>`
      }
      <span class="about"><span class="name">${name}</span><span class="size">${fileSize(bytes)}</span></span>
    </a>`;
  }
}

customElements.define('bn-attachments', BnAttachments);
