type Wording = (strings: TemplateStringsArray, values: readonly unknown[]) => string;

/** English, as the command line wants it. */
let wording: Wording = (strings, values) => String.raw({ raw: strings }, ...values);

/** What the client itself says to people, in the language of the page that it runs in. */
export function say(strings: TemplateStringsArray, ...values: readonly unknown[]): string {
  return wording(strings, values);
}

/** Gives what the client says its words. */
export function wordClient(words: Wording): void {
  wording = words;
}
