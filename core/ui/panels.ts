import type { Client } from './client.ts';
import type { Route } from './router.ts';

/** A panel as the server lists it, in the order of the navigation. The first is also the first page. */
export interface PanelLine {
  /** First part of its address. */
  readonly path: string;
  readonly title: string;
  readonly icon: string;
  /** Tag of its element. */
  readonly element: string;
  /** Address of the module that defines the element. */
  readonly module: string;
}

export async function readPanels(client: Client): Promise<readonly PanelLine[]> {
  const { panels } = (await client.read('/panels')) as { panels: readonly PanelLine[] };
  return panels;
}

/** The panel that shows a page; undefined when the application has no such page. */
export function panelFor(panels: readonly PanelLine[], route: Route): PanelLine | undefined {
  return route.panel === '' ? panels[0] : panels.find((panel) => panel.path === route.panel);
}

/** Imports a panel's module, on first visit, and makes its element. Throws with a sentence when it defines none. */
export async function createPanel(panel: PanelLine): Promise<HTMLElement> {
  if (!customElements.get(panel.element)) await import(/* @vite-ignore */ panel.module);
  if (customElements.get(panel.element)) return document.createElement(panel.element);
  throw new Error(`The page "${panel.title}" does not define its element <${panel.element}>.`);
}
