import DOMPurify from 'dompurify';

/** A longer piece is left without colours: finding them would be felt. */
const LONGEST = 30_000;
const IDLE_MS = 500;

type Grammar = () => Promise<{ readonly default: unknown }>;

/** Languages that are known, each loaded when it is first met. */
const grammars: Readonly<Record<string, Grammar>> = {
  bash: () => import('@highlightjs/cdn-assets/es/languages/bash.min.js'),
  c: () => import('@highlightjs/cdn-assets/es/languages/c.min.js'),
  cpp: () => import('@highlightjs/cdn-assets/es/languages/cpp.min.js'),
  csharp: () => import('@highlightjs/cdn-assets/es/languages/csharp.min.js'),
  css: () => import('@highlightjs/cdn-assets/es/languages/css.min.js'),
  diff: () => import('@highlightjs/cdn-assets/es/languages/diff.min.js'),
  dockerfile: () => import('@highlightjs/cdn-assets/es/languages/dockerfile.min.js'),
  go: () => import('@highlightjs/cdn-assets/es/languages/go.min.js'),
  graphql: () => import('@highlightjs/cdn-assets/es/languages/graphql.min.js'),
  ini: () => import('@highlightjs/cdn-assets/es/languages/ini.min.js'),
  java: () => import('@highlightjs/cdn-assets/es/languages/java.min.js'),
  javascript: () => import('@highlightjs/cdn-assets/es/languages/javascript.min.js'),
  json: () => import('@highlightjs/cdn-assets/es/languages/json.min.js'),
  kotlin: () => import('@highlightjs/cdn-assets/es/languages/kotlin.min.js'),
  lua: () => import('@highlightjs/cdn-assets/es/languages/lua.min.js'),
  makefile: () => import('@highlightjs/cdn-assets/es/languages/makefile.min.js'),
  markdown: () => import('@highlightjs/cdn-assets/es/languages/markdown.min.js'),
  nginx: () => import('@highlightjs/cdn-assets/es/languages/nginx.min.js'),
  perl: () => import('@highlightjs/cdn-assets/es/languages/perl.min.js'),
  php: () => import('@highlightjs/cdn-assets/es/languages/php.min.js'),
  powershell: () => import('@highlightjs/cdn-assets/es/languages/powershell.min.js'),
  python: () => import('@highlightjs/cdn-assets/es/languages/python.min.js'),
  r: () => import('@highlightjs/cdn-assets/es/languages/r.min.js'),
  ruby: () => import('@highlightjs/cdn-assets/es/languages/ruby.min.js'),
  rust: () => import('@highlightjs/cdn-assets/es/languages/rust.min.js'),
  scss: () => import('@highlightjs/cdn-assets/es/languages/scss.min.js'),
  sql: () => import('@highlightjs/cdn-assets/es/languages/sql.min.js'),
  swift: () => import('@highlightjs/cdn-assets/es/languages/swift.min.js'),
  typescript: () => import('@highlightjs/cdn-assets/es/languages/typescript.min.js'),
  xml: () => import('@highlightjs/cdn-assets/es/languages/xml.min.js'),
  yaml: () => import('@highlightjs/cdn-assets/es/languages/yaml.min.js'),
};

const others: Readonly<Record<string, string>> = {
  sh: 'bash',
  shell: 'bash',
  zsh: 'bash',
  console: 'bash',
  h: 'c',
  'c++': 'cpp',
  cc: 'cpp',
  hpp: 'cpp',
  cs: 'csharp',
  'c#': 'csharp',
  patch: 'diff',
  docker: 'dockerfile',
  golang: 'go',
  gql: 'graphql',
  toml: 'ini',
  conf: 'ini',
  js: 'javascript',
  jsx: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsonc: 'json',
  json5: 'json',
  kt: 'kotlin',
  make: 'makefile',
  md: 'markdown',
  pl: 'perl',
  ps1: 'powershell',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  ts: 'typescript',
  tsx: 'typescript',
  html: 'xml',
  svg: 'xml',
  xhtml: 'xml',
  yml: 'yaml',
};

const purify = DOMPurify(globalThis.window);
const known = new Map<string, Promise<boolean>>();

/** The code with the classes of its parts; undefined where the language is not known or the code is too long. */
export async function highlight(code: string, language: string): Promise<DocumentFragment | undefined> {
  const name = others[language] ?? language;
  const grammar = Object.hasOwn(grammars, name) ? grammars[name] : undefined;
  if (!grammar || code.length > LONGEST) return undefined;
  const { default: highlighter } = await import('@highlightjs/cdn-assets/es/core.min.js');
  let loading = known.get(name);
  if (!loading) {
    loading = grammar().then((module) => {
      highlighter.registerLanguage(name, module.default);
      return true;
    });
    known.set(name, loading);
  }
  await loading;
  await idle();
  const { value } = highlighter.highlight(code, { language: name, ignoreIllegals: true });
  return purify.sanitize(value, { RETURN_DOM_FRAGMENT: true, ALLOWED_TAGS: ['span'], ALLOWED_ATTR: ['class'] });
}

/** Colours have time. */
function idle(): Promise<unknown> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in globalThis) requestIdleCallback(resolve, { timeout: IDLE_MS });
    else setTimeout(resolve);
  });
}
