/** Makes a way to tell things of which each kind is told at most once in `ms`; the next time says how many were left out as `more`. */
export function seldom<Fields extends object>(
  ms: number,
  tell: (message: string, fields: Fields & { more?: number }) => void,
): (kind: string, message: string, fields: Fields) => void {
  const told = new Map<string, { at: number; more: number }>();
  return (kind, message, fields) => {
    const last = told.get(kind);
    const now = performance.now();
    if (last && now - last.at < ms) {
      last.more += 1;
      return;
    }
    told.set(kind, { at: now, more: 0 });
    tell(message, { ...fields, ...(last && last.more > 0 && { more: last.more }) });
  };
}
