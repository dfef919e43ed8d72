/** Time in which about two thirds of what has arrived become visible, in milliseconds. */
const EASE_MS = 90;

/** How much of a text to show next, so that pieces that arrive in bursts appear as one even flow. Never cuts a character in two. */
export function nextLength(text: string, shown: number, elapsedMs: number): number {
  const missing = text.length - shown;
  if (missing <= 0) return text.length;
  const share = 1 - Math.exp(-elapsedMs / EASE_MS);
  const next = Math.min(text.length, shown + Math.max(1, Math.round(missing * share)));
  const last = text.charCodeAt(next - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return isHalf ? Math.min(text.length, next + 1) : next;
}
