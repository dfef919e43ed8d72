import { ContextProvider } from '@lit/context';
import { css, html, nothing, type PropertyValues } from 'lit';
import { CallError } from './call-error.ts';
import { createClient } from './client.ts';
import { clientContext, fleetContext, meContext, routeContext } from './contexts.ts';
import './dialog.ts';
import { BnElement } from './element.ts';
import { FleetChangedEvent, MenuEvent, SignedInEvent, SignOutEvent } from './events.ts';
import { emptyFleet, followFleet } from './fleet.ts';
import './header.ts';
import { createGate, isSetupLink, readMe } from './me.ts';
import './navigation.ts';
import './notice.ts';
import { showUnread } from './page-title.ts';
import { createPanel, panelFor, readPanels, type PanelLine } from './panels.ts';
import { followRoute, routeOf, type Route } from './router.ts';

const narrow = globalThis.matchMedia('(width < 52rem)');

/** The application's frame: navigation beside the page, or in a drawer on narrow screens; panels fill the page. */
export class BnShell extends BnElement {
  static override properties = {
    panels: { state: true },
    panel: { state: true },
    gate: { state: true },
    error: { state: true },
    isNarrow: { state: true },
  };
  static override styles = [
    super.styles,
    css`
      :host {
        display: grid;
        grid-template: 100dvh / auto minmax(0, 1fr);
        height: 100%;
        color: var(--bn-ink);
        background: var(--bn-ground);
      }
      .side {
        grid-area: 1 / 1;
        min-height: 0;
        width: var(--bn-nav-width);
        border-right: var(--bn-border) solid var(--bn-line);
      }
      main {
        grid-area: 1 / 2;
        min-width: 0;
      }
      main.alone {
        grid-area: 1 / 1 / 2 / 3;
        overflow-y: auto;
      }
      main:focus-visible {
        outline: none;
      }
      main > :only-child {
        height: 100%;
      }
      .plain {
        max-width: var(--bn-measure);
        margin: var(--bn-space-5) auto;
        padding: 0 var(--bn-space-4);
      }
      .skip {
        position: fixed;
        z-index: 1;
        top: var(--bn-space-2);
        left: var(--bn-space-2);
        translate: 0 -200%;
      }
      .skip:focus {
        translate: 0;
      }
      .drawer {
        width: min(var(--bn-nav-width), 86vw);
        max-width: none;
        height: 100dvh;
        max-height: none;
        margin: 0;
        padding: 0;
        border: 0;
        background: var(--bn-ground-nav);
        color: inherit;
        box-shadow: var(--bn-shadow-2);
      }
      .drawer[open] {
        animation: enter var(--bn-slow) var(--bn-ease);
      }
      .drawer::backdrop {
        background: var(--bn-shade);
      }
      @keyframes enter {
        from {
          translate: -100%;
        }
      }
    `,
  ];
  declare panels: readonly PanelLine[] | undefined;
  declare panel: HTMLElement | undefined;
  /** Shown alone, in the place of everything, as long as nobody is signed in. */
  declare gate: HTMLElement | undefined;
  declare error: CallError | undefined;
  declare isNarrow: boolean;
  readonly #client = createClient({
    url: location.origin,
    fetch: (...call) => this.#fetch(...call),
    socket: (url) => new WebSocket(url),
  });
  readonly #route = new ContextProvider(this, { context: routeContext, initialValue: routeOf(new URL(location.href)) });
  readonly #fleet = new ContextProvider(this, { context: fleetContext, initialValue: emptyFleet });
  readonly #me = new ContextProvider(this, { context: meContext });
  #fleetReader: ReturnType<typeof followFleet> | undefined;
  #isGateWanted = false;
  protected readonly offered = new ContextProvider(this, { context: clientContext, initialValue: this.#client });
  #wanted = '';

  constructor() {
    super();
    this.isNarrow = narrow.matches;
    this.addEventListener(MenuEvent.type, () => this.#drawer()?.showModal());
    this.addEventListener(SignedInEvent.type, () => location.reload());
    this.addEventListener(SignOutEvent.type, () => void this.#signOut());
    this.whileConnected(() => {
      const refresh = (): void => void this.#fleetReader?.refresh();
      this.addEventListener(FleetChangedEvent.type, refresh);
      return () => {
        this.removeEventListener(FleetChangedEvent.type, refresh);
        this.#fleetReader?.close();
      };
    });
    this.whileConnected(() =>
      followRoute(
        (route) => this.#go(route),
        (route) => this.#isOurs(route),
      ),
    );
    this.whileConnected(() => {
      const change = (): void => void (this.isNarrow = narrow.matches);
      narrow.addEventListener('change', change);
      return () => narrow.removeEventListener('change', change);
    });
    void this.#load();
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('isNarrow') && !this.isNarrow) this.#drawer()?.close();
  }

  override render(): unknown {
    if (this.gate) return html`<main class="alone" tabindex="-1">${this.gate}</main>`;
    const navigation = html`<bn-navigation .panels=${this.panels ?? []}></bn-navigation>`;
    return html`
      <button class="skip" @click=${() => this.#main()?.focus()}>Skip to the page</button>
      ${
        this.isNarrow
          ? html`<dialog
              class="drawer"
              aria-label="Navigation"
              @click=${(event: MouseEvent) => this.#clickDrawer(event)}
            >
              ${navigation}
            </dialog>`
          : html`<nav class="side" aria-label="Boternity">${navigation}</nav>`
      }
      <main tabindex="-1">${this.panel ?? this.#nothingYet()}</main>
    `;
  }

  #nothingYet(): unknown {
    if (!this.error) return nothing;
    return html`<bn-header><h1>Boternity</h1></bn-header>
      <div class="plain">
        <bn-notice tone=${this.error.status === 404 ? 'warning' : 'danger'} role="alert">
          <strong>${this.error.message}</strong> ${this.error.hint}
          <button slot="actions" @click=${() => void this.#load()}>Try again</button>
          <a slot="actions" class="button quiet" href="/">Go to the first page</a>
        </bn-notice>
      </div>`;
  }

  async #load(): Promise<void> {
    this.error = undefined;
    if (this.gate) return;
    if (isSetupLink(new URL(location.href))) return this.#openGate();
    try {
      this.panels ??= await this.#enter();
      await this.#show(this.#route.value);
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
  }

  /** The first thing that only somebody who is known may read; what else the page needs follows. */
  async #enter(): Promise<readonly PanelLine[]> {
    const panels = await readPanels(this.#client);
    this.#fleetReader ??= followFleet(this.#client, (value) => {
      this.#fleet.setValue(value);
      showUnread(value.conversations.filter(({ unread }) => unread).length);
    });
    void readMe(this.#client).then((me) => this.#me.setValue(me));
    return panels;
  }

  /** Whatever part of the page learns that nobody is signed in (any more), the gate takes the place of the page. */
  async #fetch(...call: Parameters<typeof fetch>): Promise<Response> {
    const response = await fetch(...call);
    if (response.status === 401 && !this.gate) void this.#openGate();
    return response;
  }

  async #openGate(): Promise<void> {
    if (this.#isGateWanted) return;
    this.#isGateWanted = true;
    try {
      this.gate = await createGate(this.#client, this.panels !== undefined);
      if (this.gate) this.#fleetReader?.close();
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.#isGateWanted = this.gate !== undefined;
  }

  async #signOut(): Promise<void> {
    try {
      await this.#client.send('/sign-out');
      // Nothing of what was seen stays behind, not even for the button "back".
      location.replace('/');
    } catch (thrown) {
      this.panel = undefined;
      this.error = CallError.from(thrown);
    }
  }

  #go(route: Route): void {
    this.#drawer()?.close();
    const isNew = route.path !== this.#route.value.path;
    this.#route.setValue(route);
    // The reading position starts anew with the page; a panel may move the focus on.
    if (isNew) this.#main()?.focus({ preventScroll: true });
    void this.#load();
  }

  async #show(route: Route): Promise<void> {
    const panel = panelFor(this.panels ?? [], route);
    this.#wanted = panel?.element ?? '';
    if (!panel) {
      this.panel = undefined;
      const message = `There is no page at ${route.path}.`;
      throw new CallError({
        code: 'ROUTE_MISSING',
        status: 404,
        message,
        hint: 'It may belong to a plugin that does not run.',
      });
    }
    if (this.panel?.localName === panel.element) return;
    const element = await createPanel(panel);
    // Somebody may have gone on while the module was loading.
    if (this.#wanted === panel.element) this.panel = element;
  }

  #isOurs(route: Route): boolean {
    return this.panels !== undefined && panelFor(this.panels, route) !== undefined;
  }

  #clickDrawer(event: MouseEvent): void {
    const isLink = event.composedPath().some((target) => target instanceof HTMLAnchorElement);
    if (isLink || event.target === event.currentTarget) this.#drawer()?.close();
  }

  #drawer(): HTMLDialogElement | null {
    return this.renderRoot.querySelector<HTMLDialogElement>('.drawer');
  }

  #main(): HTMLElement | null {
    return this.renderRoot.querySelector('main');
  }
}

customElements.define('bn-shell', BnShell);
