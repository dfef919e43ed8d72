import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { Source, SourceImport } from './house-source.ts';

/** What an import means to the house. */
export interface Import extends SourceImport {
  readonly from: string;
  readonly fromRoom: string;
  readonly target:
    | { readonly kind: 'file'; readonly file: string; readonly room: string | undefined }
    | { readonly kind: 'self'; readonly door: string }
    | { readonly kind: 'package'; readonly name: string }
    | { readonly kind: 'builtin' };
}

export interface Refusal {
  readonly rule: string;
  readonly message: string;
}

const floors: Record<string, readonly string[]> = {
  kernel: [],
  base: ['kernel'],
  files: ['base', 'kernel'],
  bots: ['files', 'base', 'kernel'],
  actions: ['base', 'kernel'],
  agent: ['bots', 'actions', 'files', 'base', 'kernel'],
  server: ['actions', 'files', 'base', 'kernel'],
};
const belowTheRoof = ['kernel', 'base', 'files', 'bots', 'actions', 'agent', 'server'];
const roof: Record<string, readonly string[]> = {
  boot: belowTheRoof,
  cli: [...belowTheRoof, 'boot', 'front'],
  front: [...belowTheRoof, 'boot', 'cli'],
};
const mayImport: Record<string, readonly string[]> = { ...floors, ...roof };

/** Every room that must hold files, or the check has not seen the house. */
export const rooms = [...Object.keys(mayImport), 'core/ui', 'plugins', 'workshop'];

/** The one home of each npm package. `ui` means every room of browser code. */
export const homes: Record<string, readonly string[]> = {
  '@anthropic-ai/sdk': ['plugins/anthropic'],
  '@huggingface/tokenizers': ['plugins/sentence-models'],
  '@huggingface/transformers': ['plugins/sentence-models'],
  '@napi-rs/keyring': ['plugins/vault'],
  '@koa/router': ['server'],
  '@lancedb/lancedb': ['plugins/memory-index'],
  '@lit/context': ['ui'],
  '@lit/localize': ['ui'],
  '@lit/task': ['ui'],
  '@lit-labs/virtualizer': ['ui'],
  '@awesome.me/webawesome': ['ui'],
  remend: ['ui'],
  '@codemirror/autocomplete': ['ui'],
  '@codemirror/commands': ['ui'],
  '@codemirror/lang-json': ['ui'],
  '@codemirror/lang-markdown': ['ui'],
  '@codemirror/lang-yaml': ['ui'],
  '@codemirror/language': ['ui'],
  '@codemirror/lint': ['ui'],
  '@codemirror/merge': ['ui'],
  '@codemirror/search': ['ui'],
  '@codemirror/state': ['ui'],
  '@codemirror/view': ['ui'],
  '@lezer/highlight': ['ui'],
  '@highlightjs/cdn-assets': ['ui'],
  katex: ['ui'],
  mermaid: ['ui'],
  '@orama/orama': ['plugins/search', 'plugins/memory-index'],
  '@smithy/eventstream-codec': ['plugins/bedrock'],
  '@smithy/signature-v4': ['plugins/bedrock'],
  '@standard-schema/spec': ['kernel', 'boot'],
  '@tus/file-store': ['plugins/storage'],
  '@tus/server': ['plugins/storage'],
  commander: ['cli'],
  dompurify: ['ui'],
  fflate: ['plugins/storage'],
  'gray-matter': ['files'],
  htmlparser2: ['plugins/web-tools', 'plugins/storage'],
  'js-yaml': ['files'],
  json5: ['plugins/imports'],
  koa: ['server'],
  liquidjs: ['plugins/prompts'],
  lit: ['ui'],
  marked: ['ui', 'plugins/conversations'],
  'node-llama-cpp': ['plugins/local'],
  openai: ['plugins/openai'],
  unpdf: ['plugins/storage'],
  'wink-porter2-stemmer': ['plugins/memory-index'],
  ws: ['server'],
  tap: ['files', 'actions', 'agent', 'server', 'front'],
  yaml: ['files'],
  zod: ['base', 'files', 'bots', 'actions', 'agent', 'server', 'boot', 'cli', 'front'],
};

/**
 * Packages that the page loads when they are needed, out of its build. Where the server serves the sources they are not there, and
 * something plain stands in for what they do: they are no dependencies of those who install the product.
 */
export const lazyPackages = /^(?:@codemirror\/[\w-]+|@lezer\/highlight|@highlightjs\/cdn-assets|katex|mermaid)$/;

/** The room of a source file; undefined when the house has no such room. */
export function roomOf(file: string): string | undefined {
  const [top, second = '', third] = file.split('/');
  if (top === 'core' && third === undefined) return /^(index|testing)\.ts$/.test(second) ? 'front' : undefined;
  if (top === 'core') return second === 'ui' ? 'core/ui' : mayImport[second] && second;
  if (top === 'plugins' && third === undefined) return /^(standard|commands)\.ts$/.test(second) ? 'plugins' : undefined;
  if (top === 'plugins') return third === 'ui' ? `plugins/${second}/ui` : `plugins/${second}`;
  if (file === 'boternity.config.ts') return 'config';
  return /^(test|bench|tools|bin|vite\.config\.ts)$/.test(top ?? '') ? 'workshop' : undefined;
}

/** Names what an import leads to. Relative specifiers are resolved as Node does: the whole file name is there. */
export function classify(source: Source, found: SourceImport): Import {
  const { specifier } = found;
  const from = { ...found, from: source.file, fromRoom: roomOf(source.file) ?? 'none' };
  if (specifier === undefined || isBuiltin(specifier)) return { ...from, target: { kind: 'builtin' } };
  if (specifier.startsWith('.')) {
    const file = path.posix.join(path.posix.dirname(source.file), specifier);
    return { ...from, target: { kind: 'file', file, room: roomOf(file) } };
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (name === 'boternity') return { ...from, target: { kind: 'self', door: specifier } };
  return { ...from, target: { kind: 'package', name } };
}

/** Says why an import is not allowed; nothing when it is. */
export function judge(found: Import): Refusal | undefined {
  const { fromRoom, target } = found;
  if (fromRoom === 'workshop') return undefined;
  if (found.specifier === undefined) return judgeComputed(found);
  if (isBrowser(fromRoom)) return judgeBrowser(found);
  if (fromRoom === 'plugins') return judgeList(found);
  if (fromRoom === 'config') return judgeConfig(found);
  if (target.kind === 'file' && target.room && isBrowser(target.room)) return judgeFromServer(found, target.file);
  if (fromRoom.startsWith('plugins/')) return judgePlugin(found);
  return judgeCore(found);
}

export function isBrowser(room: string): boolean {
  return room === 'core/ui' || /^plugins\/.*\/ui$/.test(room);
}

/** Computed imports hide from every rule: only the loaders of people's own code may have them. */
function judgeComputed({ from, fromRoom }: Import): Refusal | undefined {
  if (from === 'core/kernel/modules.ts' || fromRoom === 'core/ui') return undefined;
  return { rule: 'computed', message: 'imports what the check cannot read; only the loader and the shell may' };
}

function judgeCore({ fromRoom, target, isTypeOnly }: Import): Refusal | undefined {
  const allowed = mayImport[fromRoom] ?? [];
  if (target.kind === 'self') return { rule: 'floor', message: `imports "${target.door}", which is made of it` };
  if (target.kind === 'file' && target.room && target.room !== fromRoom && !allowed.includes(target.room)) {
    const below = allowed.length > 0 ? allowed.join(', ') : 'nothing';
    return { rule: 'floor', message: `imports ${target.file}; ${fromRoom} stands on ${below}` };
  }
  if (fromRoom !== 'kernel' || target.kind !== 'package') return undefined;
  if (isTypeOnly && target.name === '@standard-schema/spec') return undefined;
  return { rule: 'kernel', message: `imports "${target.name}"; the kernel needs nothing from outside` };
}

function judgePlugin({ from, fromRoom, target, isTypeOnly }: Import): Refusal | undefined {
  if (target.kind === 'self' && target.door !== 'boternity') {
    return { rule: 'door', message: `imports "${target.door}"; outside ui/ a plugin has "boternity" alone` };
  }
  if (target.kind !== 'file' || target.room === fromRoom) return undefined;
  if (!target.room?.startsWith('plugins/')) {
    return { rule: 'door', message: `imports ${target.file}; a plugin reaches core as "boternity", as others do` };
  }
  if (isTypeOnly) return undefined;
  return {
    rule: 'neighbour',
    message: `imports a value of ${target.file}; plugins meet by type and \`needs\` (${from})`,
  };
}

function judgeBrowser({ from, fromRoom, target, isTypeOnly }: Import): Refusal | undefined {
  if (target.kind === 'file' && fromRoom !== 'core/ui' && !target.room?.startsWith('plugins/')) {
    return { rule: 'door', message: `imports ${target.file}; a plugin's page reaches core as "boternity/ui"` };
  }
  if (isTypeOnly) return undefined;
  if (target.kind === 'self' && /^boternity\/ui(?:\/|$)/.test(target.door) && fromRoom !== 'core/ui') return undefined;
  if (target.kind === 'package' && homes[target.name]?.includes('ui')) return undefined;
  if (target.kind === 'file' && target.room === fromRoom) return undefined;
  return { rule: 'browser', message: `loads what a browser does not have or should not (${from})` };
}

/** `core/ui/client.ts` is plain enough for the CLI; nothing else of a page runs on the server. */
function judgeFromServer({ fromRoom, isTypeOnly }: Import, file: string): Refusal | undefined {
  const isClient = file === 'core/ui/client.ts';
  if (isClient && (fromRoom === 'cli' || (fromRoom === 'front' && isTypeOnly))) return undefined;
  if (isTypeOnly && file.startsWith(`${fromRoom}/`)) return undefined;
  return { rule: 'browser', message: `imports browser code: ${file}` };
}

function judgeList({ target }: Import): Refusal | undefined {
  if (target.kind === 'file' && /^plugins\/[^/]+\/(index|cli\/[^/]+)\.ts$/.test(target.file)) return undefined;
  if (target.kind === 'self' && target.door === 'boternity') return undefined;
  return { rule: 'list', message: 'is a list of plugins or their commands and imports nothing else' };
}

function judgeConfig({ target }: Import): Refusal | undefined {
  const isDoor = target.kind === 'self' && /^boternity(\/plugins\/.+)?$/.test(target.door);
  const isPlugin = target.kind === 'file' && /^plugins\/[^/]+\/index\.ts$/.test(target.file);
  if (isDoor || isPlugin || target.kind === 'builtin') return undefined;
  return { rule: 'config', message: 'imports more than "boternity" and plugins' };
}
