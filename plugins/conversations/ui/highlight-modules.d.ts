/** The package brings no types. */
declare module '@highlightjs/cdn-assets/es/core.min.js' {
  const highlighter: {
    registerLanguage(name: string, grammar: unknown): void;
    getLanguage(name: string): unknown;
    highlight(code: string, options: { language: string; ignoreIllegals: boolean }): { readonly value: string };
  };
  export default highlighter;
}
declare module '@highlightjs/cdn-assets/es/languages/*.min.js' {
  const grammar: unknown;
  export default grammar;
}
