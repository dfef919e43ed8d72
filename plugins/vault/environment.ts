/** An environment variable that holds a secret. */
export interface FromEnvironment {
  readonly variable: string;
  /** Whether the variable is one bot's. */
  readonly isOwn: boolean;
  readonly value: string;
}

/**
 * The value of a secret in the environment: the bot's own variable `BOTERNITY_<SLUG>_<NAME>` first, then `<NAME>` itself, then
 * `BOTERNITY_<NAME>`. An empty variable counts as none.
 */
export function fromEnvironment(
  environment: NodeJS.ProcessEnv,
  name: string,
  slug: string | undefined,
): FromEnvironment | undefined {
  const own = slug === undefined ? undefined : `BOTERNITY_${slug.toUpperCase().replaceAll('-', '_')}_${name}`;
  for (const variable of [own, name, `BOTERNITY_${name}`]) {
    if (variable === undefined) continue;
    const value = environment[variable];
    if (value) return { variable, value, isOwn: variable === own };
  }
  return undefined;
}
