import { BnElement, css, html, msg, nothing, pathTo, str, type Answer } from 'boternity/ui';
import 'boternity/ui/menu';
import { FileDeedEvent } from './file-deeds.ts';
import { mainFiles } from './files.ts';

type Listed = Answer<'files.list'>['files'][number];

interface Folder {
  readonly name: string;
  readonly path: string;
  readonly folders: Map<string, Folder>;
  readonly files: Listed[];
}

/** The files of a bot in their folders; each is a link to its page. @event bn-file-deed - Something was chosen from the menu of one. */
export class BnFileTree extends BnElement {
  static override properties = {
    slug: { type: String },
    files: { attribute: false },
    file: { type: String },
    wrong: { attribute: false },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        font-size: var(--bn-text-s);
      }
      ul ul {
        margin-inline-start: var(--bn-space-3);
        padding-inline-start: var(--bn-space-2);
        border-inline-start: var(--bn-border) solid var(--bn-line);
      }
      a,
      summary {
        display: flex;
        align-items: center;
        gap: var(--bn-space-2);
        min-height: calc(var(--bn-target) - var(--bn-space-1));
        padding-inline: var(--bn-space-2);
        border-radius: var(--bn-radius-s);
        color: var(--bn-ink);
        text-decoration: none;
        cursor: pointer;
        overflow-wrap: anywhere;
      }
      summary {
        color: var(--bn-ink-soft);
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary bn-icon {
        transition: rotate var(--bn-fast) var(--bn-ease);
      }
      details[open] > summary bn-icon {
        rotate: 90deg;
      }
      details[open] > summary bn-icon:dir(rtl) {
        rotate: -90deg;
      }
      :is(a, summary):hover {
        background: var(--bn-ground-hover);
      }
      a[aria-current] {
        background: var(--bn-accent-soft);
        font-weight: var(--bn-weight-strong);
      }
      a > span {
        flex: 1;
      }
      .file {
        --bn-menu-size: calc(var(--bn-target) - var(--bn-space-1));
        position: relative;
      }
      .file > bn-menu {
        position: absolute;
        inset-block-start: 0;
        inset-inline-end: 0;
      }
      /* The menu has its place in the line where it is shown, and the line is whole where it is not. */
      .file > a {
        padding-inline-end: var(--bn-menu-size);
      }
      @media (hover: hover) {
        .file:not(:hover, :focus-within) > bn-menu {
          opacity: 0;
        }
        .file:not(:hover, :focus-within) > a {
          padding-inline-end: var(--bn-space-2);
        }
      }
      .wrong {
        color: var(--bn-danger);
      }
      .soft {
        color: var(--bn-ink-soft);
      }
    `,
  ];
  declare slug: string;
  declare files: readonly Listed[];
  /** The one that is open. */
  declare file: string;
  /** Paths of those with errors. */
  declare wrong: ReadonlySet<string>;

  constructor() {
    super();
    this.slug = '';
    this.files = [];
    this.file = '';
    this.wrong = new Set();
  }

  override render(): unknown {
    return html`<nav aria-label=${msg('Files of the bot')}>${this.#list(treeOf(this.files))}</nav>`;
  }

  #list(folder: Folder): unknown {
    const files = folder.files.toSorted((a, b) => orderOf(a.path) - orderOf(b.path) || a.path.localeCompare(b.path));
    return html`<ul>
      ${files.map((each) => this.#file(each))}
      ${[...folder.folders.values()].toSorted((a, b) => a.name.localeCompare(b.name)).map((each) => this.#folder(each))}
    </ul>`;
  }

  #folder(folder: Folder): unknown {
    return html`<li>
      <details ?open=${folder.path !== 'prompts' || this.file.startsWith(`${folder.path}/`)}>
        <summary><bn-icon name="chevron"></bn-icon>${folder.name}</summary>
        ${this.#list(folder)}
      </details>
    </li>`;
  }

  #file({ path, sealed }: Listed): unknown {
    const isWrong = this.wrong.has(path);
    const deed = (what: FileDeedEvent['deed']) => () => this.dispatchEvent(new FileDeedEvent(what, path));
    return html`<li class="file">
      <a
        href=${pathTo('agents', this.slug, 'files', ...path.split('/'))}
        aria-current=${path === this.file ? 'page' : nothing}
        title=${sealed ? msg('Says who the bot is: only people change it') : nothing}
      >
        <span>${path.split('/').at(-1)}</span>
        ${
          isWrong
            ? html`<bn-icon class="wrong" name="alert"></bn-icon
                ><span class="visually-hidden">${msg(str`${path} has problems`)}</span>`
            : nothing
        }
        ${sealed ? html`<bn-icon class="soft" name="key"></bn-icon>` : nothing}
      </a>
      <bn-menu
        label=${msg(str`More about ${path}`)}
        .items=${[
          { label: msg('Rename …'), icon: 'pencil', run: deed('rename') },
          { label: msg('Delete …'), icon: 'trash', tone: 'danger' as const, run: deed('delete') },
        ]}
      ></bn-menu>
    </li>`;
  }
}

function orderOf(path: string): number {
  const at = mainFiles.findIndex((each) => each === path);
  return at === -1 ? mainFiles.length : at;
}

function treeOf(files: readonly Listed[]): Folder {
  const root: Folder = { name: '', path: '', folders: new Map(), files: [] };
  for (const file of files) {
    let folder = root;
    for (const name of file.path.split('/').slice(0, -1)) {
      const path = folder.path === '' ? name : `${folder.path}/${name}`;
      const inner = folder.folders.get(name) ?? { name, path, folders: new Map(), files: [] };
      folder.folders.set(name, inner);
      folder = inner;
    }
    folder.files.push(file);
  }
  return root;
}

customElements.define('bn-file-tree', BnFileTree);
