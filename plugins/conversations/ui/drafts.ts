/** What was written and not sent, per conversation, in the browser's own storage; without storage it lives as long as the page. */

const memory = new Map<string, string>();
const keyOf = (conversation: string): string => `boternity.draft.${conversation}`;

export function readDraft(conversation: string): string {
  try {
    return localStorage.getItem(keyOf(conversation)) ?? '';
  } catch {
    return memory.get(conversation) ?? '';
  }
}

/** An empty text forgets the draft. */
export function keepDraft(conversation: string, text: string): void {
  memory.set(conversation, text);
  try {
    if (text === '') localStorage.removeItem(keyOf(conversation));
    else localStorage.setItem(keyOf(conversation), text);
  } catch {
    // storage is full or forbidden: the copy in memory serves
  }
}
