/** The words for a reason that the engine names by a code; other reasons are sentences already. */
const words: Readonly<Record<string, string>> = {
  approval_denied: 'A person denied it.',
  blocked_by_failed_dependencies: 'What it needed was not done.',
  max_steps_exceeded: 'The bot had used all its steps.',
  max_calls_exceeded: 'The bot had used all its calls.',
};

export function reasonOf(reason: string | null): string | null {
  return reason === null ? null : (words[reason.split(':')[0] ?? ''] ?? reason);
}
