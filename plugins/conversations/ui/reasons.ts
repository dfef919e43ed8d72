import { msg } from 'boternity/ui';

/** The words for a reason that the engine names by a code; other reasons are sentences already. */
const words = (): Readonly<Record<string, string>> => ({
  approval_denied: msg('A person denied it.'),
  blocked_by_failed_dependencies: msg('What it needed was not done.'),
  max_steps_exceeded: msg('The bot had used all its steps.'),
  max_calls_exceeded: msg('The bot had used all its calls.'),
});

export function reasonOf(reason: string | null): string | null {
  return reason === null ? null : (words()[reason.split(':')[0] ?? ''] ?? reason);
}
