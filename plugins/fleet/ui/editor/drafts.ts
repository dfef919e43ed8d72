/** What was changed in a file and not saved: it stays in the browser when the page is left by accident. */
export interface Draft {
  /** Digest of the version that was changed. */
  readonly digest: string;
  readonly text: string;
}

const keyOf = (bot: string, file: string): string => `boternity.file.${bot}/${file}`;

export function readDraft(bot: string, file: string): Draft | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(bot, file)) ?? 'null');
    if (typeof kept !== 'object' || kept === null || !('text' in kept) || !('digest' in kept)) return undefined;
    const { text, digest } = kept;
    return typeof text === 'string' && typeof digest === 'string' ? { text, digest } : undefined;
  } catch {
    return undefined;
  }
}

/** False when the browser keeps nothing, so that leaving the page has to be asked about. */
export function keepDraft(bot: string, file: string, draft: Draft | undefined): boolean {
  try {
    if (draft) localStorage.setItem(keyOf(bot, file), JSON.stringify(draft));
    else localStorage.removeItem(keyOf(bot, file));
    return true;
  } catch {
    return draft === undefined;
  }
}
