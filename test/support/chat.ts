import type { Product } from './product.ts';
import { FakeScreen } from './screen.ts';
import { openTerminal, type TerminalSession } from './terminal.ts';

export const size = { columns: 70, rows: 24 };

/** The words of a chat on the home of a product. */
export function chat(product: Product, ...args: readonly string[]): string[] {
  return ['chat', ...args, '--home', product.home];
}

/** Chats with the assistant in a terminal, without its greeting, and waits for the prompt. */
export async function open(product: Product, ...args: readonly string[]): Promise<TerminalSession> {
  const terminal = openTerminal(chat(product, 'assistant', '--no-greeting', ...args), size);
  await terminal.sees(/› $/);
  return terminal;
}

/** Ends a chat by Ctrl+D; gives its exit code. */
export async function leave(terminal: TerminalSession): Promise<number | null> {
  terminal.type('\u0004');
  return terminal.end();
}

/** What stands on the screen of a terminal in the end, with all that scrolled off it. */
export function screenOf(terminal: TerminalSession, { columns, rows } = size): string {
  const screen = new FakeScreen(columns, rows);
  screen.write(terminal.raw());
  return screen.text;
}
