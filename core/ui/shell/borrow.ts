import type { Client } from '../client.ts';
import { wordsReady } from '../language.ts';
import { readPanels, type PanelLine } from './panels.ts';

let known: Promise<readonly PanelLine[]> | undefined;

/** The panels that this person may see, as they were when somebody first asked. */
export function panelsOf(client: Client): Promise<readonly PanelLine[]> {
  known ??= readPanels(client);
  known.catch(() => (known = undefined));
  return known;
}

/**
 * An element that the page of another plugin defines, by the path of that page and its tag, to be shown on this one; undefined where that
 * plugin does not run or defines none of the kind, so go on without it.
 */
export async function borrow(client: Client, path: string, element: string): Promise<HTMLElement | undefined> {
  try {
    const panel = (await panelsOf(client)).find((each) => each.path === path);
    if (!panel) return undefined;
    if (!customElements.get(element)) await import(/* @vite-ignore */ panel.module);
    await wordsReady();
    return customElements.get(element) ? document.createElement(element) : undefined;
  } catch {
    return undefined;
  }
}
