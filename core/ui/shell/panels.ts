import { CallError, type Client } from '../client.ts';
import { msg, str, worded, wordsReady } from '../language.ts';
import { pathTo, placeOf, type Route } from '../router.ts';

/** A panel as the server lists it, in the order of the navigation. The first is also the first page. */
export interface PanelLine {
  /** Its address without the first slash: `conversations`, `settings/tokens`. */
  readonly path: string;
  readonly title: string;
  readonly icon: string;
  /** Tag of its element. */
  readonly element: string;
  /** Address of the module that defines the element. */
  readonly module: string;
}

/** A panel's title in the page's language. */
export function titleOf({ title }: PanelLine): string {
  return worded(title);
}

/** The panels that there are; where the server cannot be reached, those that it named last. */
export async function readPanels(client: Client): Promise<readonly PanelLine[]> {
  const read = await client.read('/panels').catch(async (error: unknown) => {
    const known = CallError.from(error).code === 'SERVER_UNREACHABLE' ? await client.last('/panels') : undefined;
    if (!known) throw error;
    return known.value;
  });
  return (read as { panels: readonly PanelLine[] }).panels;
}

/** The panel that shows a page; undefined when the application has no such page. A place of panels shows none by itself. */
export function panelFor(panels: readonly PanelLine[], route: Route): PanelLine | undefined {
  return panels.find(({ path }) => path === route.panel);
}

/** Where a place of panels leads: to the first one in it. Undefined for a page of a panel, and for a place without any. */
export function firstPage(panels: readonly PanelLine[], { panel, query }: Route): string | undefined {
  if (panel !== placeOf(panel)) return undefined;
  const inside = panels.filter(({ path }) => placeOf(path) === panel);
  // Who comes with a bot wants to talk with it.
  const talk = panel === '' && query.has('bot') ? inside.find(({ path }) => path === 'conversations') : undefined;
  const first = talk ?? inside[0];
  const search = query.size > 0 ? `?${query.toString()}` : '';
  return first && pathTo(...first.path.split('/')) + search;
}

/** Imports a panel's module, on first visit, and makes its element. Throws with a sentence when it defines none. */
export async function createPanel(panel: PanelLine): Promise<HTMLElement> {
  if (!customElements.get(panel.element)) await import(/* @vite-ignore */ panel.module);
  await wordsReady();
  if (customElements.get(panel.element)) return document.createElement(panel.element);
  throw new Error(msg(str`The page “${titleOf(panel)}” does not define its element <${panel.element}>.`));
}
