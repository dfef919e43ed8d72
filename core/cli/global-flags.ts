/** Flags that every command takes, each with a value. */
export const valueFlags = ['--home', '--server', '--token'] as const;

/** The value of a flag, `--home x` or `--home=x`; undefined when it is not there. */
export function flagValue(argv: readonly string[], flag: (typeof valueFlags)[number]): string | undefined {
  const at = argv.findIndex((argument) => argument === flag || argument.startsWith(`${flag}=`));
  if (at < 0) return undefined;
  return argv[at] === flag ? argv[at + 1] : argv[at]?.slice(flag.length + 1);
}

/** What is neither a flag nor the value of one of these. */
export function plainWords(argv: readonly string[]): string[] {
  const flags: readonly (string | undefined)[] = valueFlags;
  return argv.filter((argument, at) => !argument.startsWith('-') && !flags.includes(argv[at - 1]));
}
