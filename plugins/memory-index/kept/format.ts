/** How our own engines keep an index. Raised when snapshots or journals change. */
export const STORAGE = 'kept';

export function formatOf(analyser: string): string {
  return `boternity memory index 1, ${analyser}`;
}
