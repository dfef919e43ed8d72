import { ContextProvider } from '@lit/context';
import { html, nothing, type PropertyValues } from 'lit';
import { CallError } from '../live/call-error.ts';
import { createClient } from '../client.ts';
import { offerCommands, offeredCommands, type Command } from './commands.ts';
import './connection.ts';
import { clientContext, fleetContext, meContext, routeContext } from '../contexts.ts';
import '../elements/dialog.ts';
import { BnElement } from '../elements/element.ts';
import {
  FleetChangedEvent,
  FoldEvent,
  KeysEvent,
  MenuEvent,
  PaletteEvent,
  SignedInEvent,
  SignOutEvent,
} from '../events.ts';
import { emptyFleet, followFleet } from '../live/fleet.ts';
import { openKept } from '../live/kept.ts';
import { bounds, followFrame, frameNow, keepPanes, readPanes, standardWidth, type Frame, type Panes } from './frame.ts';
import { frameStyles } from './frame-styles.ts';
import './handle.ts';
import type { ResizeEvent } from './handle.ts';
import '../elements/header.ts';
import { houseCommands } from './house-commands.ts';
import { InspectEvent } from './inspect.ts';
import './inspector.ts';
import { followKeys } from './keys.ts';
import { createGate, isSetupLink, readMe } from './me.ts';
import { beginLanguage, msg, str } from '../language.ts';
import './navigation.ts';
import '../elements/notice.ts';
import { showUnread } from './page-title.ts';
import { createPanel, firstPage, panelFor, readPanels, type PanelLine } from './panels.ts';
import { basePath, followRoute, navigate, pathTo, placeOf, routeOf, type Route } from '../router.ts';
import { beginTheme } from './theme.ts';
import './toasts.ts';

/** The application's frame: navigation, page and inspector; panels fill the page. Without a known visitor the gate stands in its place. */
export class BnShell extends BnElement {
  static override properties = {
    panels: { state: true },
    panel: { state: true },
    gate: { state: true },
    error: { state: true },
    frame: { state: true },
    panes: { state: true },
    inspected: { state: true },
    isPaletteOpen: { state: true },
    areKeysShown: { state: true },
  };
  static override styles = [super.styles, frameStyles];
  declare panels: readonly PanelLine[] | undefined;
  declare panel: HTMLElement | undefined;
  /** Shown alone, in the place of everything, as long as nobody is signed in. */
  declare gate: HTMLElement | undefined;
  declare error: CallError | undefined;
  declare frame: Frame;
  declare panes: Panes;
  declare inspected: InspectEvent | undefined;
  declare isPaletteOpen: boolean;
  declare areKeysShown: boolean;
  readonly #kept = openKept();
  readonly #client = createClient({
    url: location.origin + basePath,
    fetch: (...call) => this.#fetch(...call),
    socket: (url) => new WebSocket(url),
    kept: this.#kept,
  });
  readonly #route = new ContextProvider(this, { context: routeContext, initialValue: routeOf(new URL(location.href)) });
  readonly #fleet = new ContextProvider(this, { context: fleetContext, initialValue: emptyFleet });
  readonly #me = new ContextProvider(this, { context: meContext });
  #fleetReader: ReturnType<typeof followFleet> | undefined;
  #isGateWanted = false;
  readonly #worded = beginLanguage();
  protected readonly offered = new ContextProvider(this, { context: clientContext, initialValue: this.#client });
  #wanted = '';

  constructor() {
    super();
    this.frame = frameNow();
    this.panes = readPanes();
    this.isPaletteOpen = false;
    this.areKeysShown = false;
    this.#listen();
    this.whileConnected(() =>
      followRoute(
        (route) => this.#go(route),
        (route) => this.#isOurs(route),
      ),
    );
    this.whileConnected(() => followFrame((frame) => (this.frame = frame)));
    this.whileConnected(() => followKeys(offeredCommands, (command) => this.#run(command)));
    offerCommands(this, () => (this.panels ? this.#commands() : []));
    beginTheme();
    void this.#worded.then(() => this.#load());
  }

  /** Nothing is drawn in English first, to be drawn anew in the language of the page. */
  override scheduleUpdate(): Promise<unknown> {
    return this.#worded.then(() => super.scheduleUpdate());
  }

  override willUpdate(): void {
    this.style.setProperty('--navigation-width', `${this.panes.navigation}px`);
    this.style.setProperty('--inspector-width', `${this.panes.inspector}px`);
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('frame') && this.frame !== 'phone') this.#drawer()?.close();
    const pane = this.renderRoot.querySelector<HTMLDialogElement>('.drawer.end');
    if (pane && !pane.open) pane.showModal();
  }

  override render(): unknown {
    if (this.gate) return html`<main class="alone" tabindex="-1">${this.gate}</main>`;
    return html`
      <button class="skip" @click=${() => this.#main()?.focus()}>${msg('Skip to the page')}</button>
      ${this.#navigation()}
      <main tabindex="-1"><bn-connection></bn-connection>${this.#page()}</main>
      ${this.#inspector()}
      <bn-toasts></bn-toasts>
      <bn-palette .isOpen=${this.isPaletteOpen} @bn-close=${() => (this.isPaletteOpen = false)}></bn-palette>
      <bn-shortcuts .isOpen=${this.areKeysShown} @bn-close=${() => (this.areKeysShown = false)}></bn-shortcuts>
    `;
  }

  #navigation(): unknown {
    const panels = this.panels ?? [];
    if (this.frame === 'phone') {
      return html`<dialog
        class="drawer"
        aria-label=${msg('Navigation')}
        @click=${(event: MouseEvent) => this.#clickDrawer(event)}
      >
        <bn-navigation .panels=${panels}></bn-navigation>
      </dialog>`;
    }
    const isFolded = this.panes.isFolded[this.frame];
    return html`<nav class="side ${isFolded ? 'folded' : ''}" aria-label="Boternity">
      <bn-navigation .panels=${panels} .isFolded=${isFolded} can-fold></bn-navigation>
      ${isFolded ? nothing : this.#handle('navigation', msg('Width of the navigation'), 'start')}
    </nav>`;
  }

  #page(): unknown {
    const page = this.panel ?? this.#nothingYet();
    const { panel } = this.#route.value;
    if (placeOf(panel) === '' || this.error) return page;
    return html`<bn-settings-frame .panels=${this.panels ?? []} .isNarrow=${this.frame === 'phone'}>
      ${this.frame === 'phone' && panel === placeOf(panel) ? nothing : page}
    </bn-settings-frame>`;
  }

  #inspector(): unknown {
    const { inspected } = this;
    if (!inspected) return nothing;
    const inspector = html`<bn-inspector
      .from=${inspected.from}
      .shown=${inspected.wanted}
      @bn-close=${() => this.#closeInspector()}
    ></bn-inspector>`;
    if (this.frame === 'desk') {
      return html`<aside aria-label=${inspected.wanted?.heading ?? nothing}>
        ${this.#handle('inspector', msg('Width of the inspector'), 'end')} ${inspector}
      </aside>`;
    }
    return html`<dialog
      class="drawer end"
      aria-label=${inspected.wanted?.heading ?? nothing}
      @close=${() => this.#closeInspector()}
      @click=${(event: MouseEvent) => event.target === event.currentTarget && this.#closeInspector()}
    >
      ${inspector}
    </dialog>`;
  }

  #handle(pane: 'navigation' | 'inspector', label: string, side: 'start' | 'end'): unknown {
    const [least, most] = bounds[pane];
    return html`<bn-handle
      label=${label}
      pane=${side}
      .width=${this.panes[pane]}
      .least=${least}
      .most=${most}
      .standard=${standardWidth(pane)}
      @bn-resize=${({ width }: ResizeEvent) => this.#arrange({ ...this.panes, [pane]: width })}
    ></bn-handle>`;
  }

  #nothingYet(): unknown {
    if (!this.error) return nothing;
    return html`<bn-header><h1>Boternity</h1></bn-header>
      <div class="plain">
        <bn-notice tone=${this.error.status === 404 ? 'warning' : 'danger'} role="alert">
          <strong>${this.error.message}</strong> ${this.error.hint}
          <button slot="actions" @click=${() => void this.#load()}>${msg('Try again')}</button>
          <a slot="actions" class="button quiet" href=${pathTo()}>${msg('Go to the first page')}</a>
        </bn-notice>
      </div>`;
  }

  #listen(): void {
    this.addEventListener(MenuEvent.type, () => this.#drawer()?.showModal());
    this.addEventListener(FoldEvent.type, () => this.#fold());
    this.addEventListener(PaletteEvent.type, () => this.#openPalette());
    this.addEventListener(KeysEvent.type, () => this.#showKeys());
    this.addEventListener(InspectEvent.type, (event) => this.#inspect(event as InspectEvent));
    this.addEventListener(SignedInEvent.type, () => location.reload());
    this.addEventListener(SignOutEvent.type, () => void this.#signOut());
    this.addEventListener(FleetChangedEvent.type, () => void this.#fleetReader?.refresh());
    this.whileConnected(() => () => this.#fleetReader?.close());
    this.whileConnected(() => {
      const press = (event: KeyboardEvent): void => {
        if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
          return;
        event.preventDefault();
        if (this.isPaletteOpen) this.isPaletteOpen = false;
        else this.#openPalette();
      };
      globalThis.addEventListener('keydown', press);
      return () => globalThis.removeEventListener('keydown', press);
    });
  }

  #commands(): Command[] {
    return houseCommands({
      panels: this.panels ?? [],
      bots: this.#fleet.value.bots,
      canSignOut: this.#me.value?.by === 'session',
      signOut: () => void this.#signOut(),
      showKeys: () => this.#showKeys(),
      fold: this.frame === 'phone' ? undefined : () => this.#fold(),
    });
  }

  #run({ href, run }: Command): void {
    if (href !== undefined) navigate(href);
    else run?.();
  }

  #openPalette(): void {
    if (!this.panels || this.gate) return;
    this.#drawer()?.close();
    void import('./palette.ts');
    this.isPaletteOpen = true;
  }

  #showKeys(): void {
    this.#drawer()?.close();
    void import('./shortcuts.ts');
    this.areKeysShown = true;
  }

  #fold(): void {
    const { frame, panes } = this;
    if (frame === 'phone') return;
    this.#arrange({ ...panes, isFolded: { ...panes.isFolded, [frame]: !panes.isFolded[frame] } });
  }

  #arrange(panes: Panes): void {
    this.panes = panes;
    keepPanes(panes);
  }

  #inspect(event: InspectEvent): void {
    if (event.wanted) this.inspected = event;
    else if (this.inspected?.from === event.from) this.#closeInspector();
  }

  #closeInspector(): void {
    const closed = this.inspected?.wanted?.closed;
    this.inspected = undefined;
    closed?.();
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
    void readMe(this.#client).then(async (me) => {
      this.#me.setValue(me);
      await this.#client.outbox?.admit(me?.email ?? me?.name ?? '');
      await this.#client.outbox?.flush();
    });
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
      if (this.gate) await this.#forget();
    } catch (thrown) {
      this.error = CallError.from(thrown);
    }
    this.#isGateWanted = this.gate !== undefined;
  }

  /** Whoever comes next finds nothing of what was seen; messages that wait stay for those who wrote them. */
  async #forget(): Promise<void> {
    this.#fleetReader?.close();
    await this.#kept.clear({ but: 'outbox/' });
  }

  async #signOut(): Promise<void> {
    try {
      await this.#client.send('/sign-out');
      await this.#kept.clear();
      // Nothing of what was seen stays behind, not even for the button "back".
      location.replace(pathTo());
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
    const panels = this.panels ?? [];
    const place = placeOf(route.panel);
    if (place !== '') await import('./settings-frame.ts');
    const first = firstPage(panels, route);
    // On a phone the list of settings is a page of its own.
    if (first !== undefined && place !== '' && this.frame === 'phone') return this.#showList();
    if (first !== undefined) return navigate(first, { replace: true });
    const panel = panelFor(panels, route);
    this.#wanted = panel?.element ?? '';
    if (!panel) {
      this.panel = undefined;
      throw new CallError({
        code: 'ROUTE_MISSING',
        status: 404,
        message: msg(str`There is no page at ${route.path}.`),
        hint: msg('It may belong to a plugin that does not run, or to people with other rights.'),
      });
    }
    if (this.panel?.localName === panel.element) return;
    const element = await createPanel(panel);
    // Somebody may have gone on while the module was loading.
    if (this.#wanted === panel.element) this.panel = element;
  }

  #showList(): void {
    this.#wanted = '';
    this.panel = undefined;
  }

  #isOurs(route: Route): boolean {
    if (!this.panels) return false;
    return panelFor(this.panels, route) !== undefined || firstPage(this.panels, route) !== undefined;
  }

  #clickDrawer(event: MouseEvent): void {
    const isLink = event.composedPath().some((target) => target instanceof HTMLAnchorElement);
    if (isLink || event.target === event.currentTarget) this.#drawer()?.close();
  }

  #drawer(): HTMLDialogElement | null {
    return this.renderRoot.querySelector<HTMLDialogElement>('.drawer:not(.end)');
  }

  #main(): HTMLElement | null {
    return this.renderRoot.querySelector('main');
  }
}

customElements.define('bn-shell', BnShell);
