import type { Command } from './commands.ts';

/** How long the second key of two may take, in milliseconds. */
const WAITS_MS = 1_500;

/** Does what keys stand for, one key or two after the other, outside of fields and dialogs, until the function it gives is called. */
export function followKeys(commands: () => readonly Command[], run: (command: Command) => void): () => void {
  let before = '';
  let since = 0;
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isElsewhere(event)) return;
    const known = commands();
    const now = performance.now();
    const two = now - since < WAITS_MS ? `${before} ${event.key}` : '';
    before = event.key;
    since = now;
    const found = known.find(({ keys }) => keys === two) ?? known.find(({ keys }) => keys === event.key);
    if (!found) return;
    before = '';
    event.preventDefault();
    run(found);
  };
  globalThis.addEventListener('keydown', press);
  return () => globalThis.removeEventListener('keydown', press);
}

/** Whether the key is for whatever has the focus. */
function isElsewhere(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target.matches('input, textarea, select, [role="menuitem"], [role="tab"], [role="treeitem"]')
  )
    return true;
  return event.composedPath().some((each) => each instanceof HTMLDialogElement);
}
