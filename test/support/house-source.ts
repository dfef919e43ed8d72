import { init, parse } from 'es-module-lexer';
import { parseSync, Visitor, type ESTree } from 'vite';

/** One import, export-from or dynamic import of a source file. */
export interface SourceImport {
  /** Undefined when the text is computed: nothing can be said about it. */
  readonly specifier: string | undefined;
  /** Leaves no trace in the running program. `import { type X } from` does: the module is still loaded. */
  readonly isTypeOnly: boolean;
  readonly line: number;
}

/** What the house rules ask of one source file. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly imports: readonly SourceImport[];
  /** Names of the constructs that are more than types on JavaScript, with their lines. */
  readonly constructs: readonly { what: string; line: number }[];
  readonly defaultExport: { isPlugin: boolean; line: number } | undefined;
  /** Names that the code reads, not those of its own strings and comments. */
  readonly names: ReadonlySet<string>;
  readonly lines: number;
  /** Lines that hold more than blanks and comments. */
  readonly codeLines: number;
}

/** Reads one file: es-module-lexer finds the imports, the syntax tree tells the rest. */
export async function readSource(file: string, text: string): Promise<Source> {
  await init();
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const tree = readTree(file, text);
  const [importsFound, exportsFound] = parse(text, file);
  const imports = importsFound.flatMap((found): SourceImport[] => {
    if (found.type === 'import-meta' || tree.typeImports.has(found.importStart)) return [];
    const isKnown = found.type !== 'dynamic' || !found.glob;
    const isTypeOnly = found.type !== 'dynamic' && found.typeOnly;
    return [{ specifier: isKnown ? found.specifier : undefined, isTypeOnly, line: lineAt(found.importStart) }];
  });
  for (const [start, specifier] of tree.typeImports) imports.push({ specifier, isTypeOnly: true, line: lineAt(start) });
  const named = exportsFound.find((found) => found.type !== 'reexport-all' && found.name === 'default');
  return {
    file,
    text,
    imports,
    constructs: tree.constructs.map(({ what, start }) => ({ what, line: lineAt(start) })),
    defaultExport: named && { isPlugin: tree.exportsPlugin, line: lineAt(named.start) },
    names: tree.names,
    lines: text.replace(/\n$/, '').split('\n').length,
    codeLines: countCode(text, tree.comments),
  };
}

interface Tree {
  readonly constructs: { what: string; start: number }[];
  /** Where `import('…')` stands for a type, which a lexer can't know. */
  readonly typeImports: Map<number, string>;
  readonly names: Set<string>;
  readonly comments: readonly { start: number; end: number }[];
  exportsPlugin: boolean;
}

function readTree(file: string, text: string): Tree {
  const { program, comments, errors } = parseSync(file, text);
  if (errors[0]) throw new Error(`${file} cannot be parsed: ${errors[0].message}`);
  const tree: Tree = { constructs: [], typeImports: new Map(), names: new Set(), comments, exportsPlugin: false };
  const note = (what: string) => (node: ESTree.Node) => void tree.constructs.push({ what, start: node.start });
  new Visitor({
    Decorator: note('a decorator'),
    TSEnumDeclaration: note('an enum'),
    TSParameterProperty: note('a parameter property'),
    TSImportEqualsDeclaration: note('import = require'),
    TSExportAssignment: note('export ='),
    TSModuleDeclaration(node) {
      if (node.kind === 'namespace') note('a namespace')(node);
    },
    TSImportType: ({ source, start }) => void tree.typeImports.set(text.indexOf('import', start), source.value),
    Identifier: (node) => void tree.names.add(node.name),
    ExportDefaultDeclaration({ declaration }) {
      tree.exportsPlugin =
        declaration.type === 'CallExpression' &&
        declaration.callee.type === 'Identifier' &&
        declaration.callee.name === 'definePlugin';
    },
  }).visit(program);
  return tree;
}

function countCode(text: string, comments: Tree['comments']): number {
  let code = text;
  for (const { start, end } of comments) {
    code = code.slice(0, start) + code.slice(start, end).replaceAll(/[^\n]/g, ' ') + code.slice(end);
  }
  return code.split('\n').filter((line) => line.trim() !== '').length;
}
