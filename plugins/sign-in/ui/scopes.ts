/** A noun of grants and the rights that something on this server asks for. */
export interface Noun {
  readonly noun: string;
  readonly rights: readonly string[];
  /** Whether it is about bots, so that it can be narrowed to one. */
  readonly isOfBots: boolean;
}

interface ActionRow {
  readonly permission: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const ORDER = ['read', 'write', 'use', 'admin'];

/** What a token can be given, from what the actions ask for. */
export function rightsOf(actions: readonly ActionRow[]): Noun[] {
  const grouped = Map.groupBy(
    actions.filter(({ permission }) => permission.includes(':')),
    ({ permission }) => permission.slice(0, permission.indexOf(':')),
  );
  const nouns = [...grouped].map(([noun, rows]): Noun => {
    const rights = new Set(rows.map(({ permission }) => permission.slice(noun.length + 1)));
    const isOfBots = rows.some(({ input }) => Object.hasOwn(input.properties ?? {}, 'bot'));
    return { noun, rights: ORDER.filter((right) => rights.has(right)), isOfBots };
  });
  // Bots first: that is what most tokens are for.
  return nouns.toSorted((a, b) => Number(b.isOfBots) - Number(a.isOfBots) || (a.noun < b.noun ? -1 : 1));
}

/** The chosen grants, those about bots narrowed to one where one was chosen. */
export function scopesFrom(chosen: readonly string[], bot: string, nouns: readonly Noun[]): string[] {
  const ofBots = new Set(nouns.filter(({ isOfBots }) => isOfBots).map(({ noun }) => noun));
  return chosen.map((grant) => (bot !== '' && ofBots.has(grant.split(':')[0] ?? '') ? `${grant}@${bot}` : grant));
}
