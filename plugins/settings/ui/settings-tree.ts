interface Setting {
  readonly key: string;
  readonly value?: unknown;
}

type Tree = Readonly<Record<string, unknown>>;

/** The first part of a dotted key. */
export function keyOf(key: string): string {
  return key.split('.')[0] ?? key;
}

/** Settings as one value for a form. */
export function settingsTree(settings: readonly Setting[]): Tree {
  return Object.fromEntries(settings.map(({ key, value }) => [key, value]));
}

/** What has to be set, and with undefined taken out, to make one into the other. */
export function differences(before: Tree, after: Tree): { readonly key: string; readonly value: unknown }[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys]
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => ({ key, value: after[key] }));
}
