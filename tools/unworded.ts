import { parseSync } from 'vite';

/** Attributes that are read out or shown. */
const NAMED = /[\s.](?:aria-label|aria-description|title|placeholder|label|heading|alt)=("[^"]*"|$)/gi;
const TAG = /<!--[\s\S]*?-->|<\/?[a-z][^\s>]*(?:\s+[^\s=>]+(?:=(?:"[^"]*"|'[^']*'|[^\s"'>]*))?)*\s*\/?>/gi;
/** Stands where something is filled in. */
const FILLED = '\u0000';
const LETTERS = /\p{L}{2}/u;
/** A word with a capital, several words after one, the end of a sentence. */
const SENTENCE = /^[A-Z“][a-z’'-]+[.!?…]?$|^[A-Z“][\w’'-]*,? [\p{L}“(]|\p{L}{2}[!?…]$|\p{L}{2} \p{L}+\.$/u;
/** What is given to these is no text for people. */
const PROGRAM = /^(Error|TypeError|includes|querySelector|querySelectorAll|closest|matches|debug|warn|error)$/;

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}
interface Template extends Node {
  readonly quasis: readonly { readonly value: { readonly cooked: string } }[];
  readonly expressions: readonly Node[];
}

/** Texts in the source of a page that stay English because they do not go through `msg()`. */
export function unwordedIn(source: string): string[] {
  const found: string[] = [];
  const visit = (node: Node, isRead: boolean): void => {
    if (isLeftOut(node)) return;
    if (node.type === 'TaggedTemplateExpression') return visitTemplate(node);
    const isText = isRead ? LETTERS : SENTENCE;
    const text = node.type === 'Literal' ? node['value'] : node.type === 'TemplateLiteral' && joined(node as Template);
    if (typeof text === 'string' && isText.test(text)) found.push(plain(text));
    const staysRead = isRead && /^(Conditional|Logical|Array)Expression$/.test(node.type);
    for (const [field, inner] of childrenOf(node)) visit(inner, staysRead && field !== 'test');
  };
  const visitTemplate = ({ tag, quasi }: Node): void => {
    const { name } = tag as { readonly name?: string };
    const template = quasi as Template;
    if (name === 'css') return;
    const parts = joined(template).split(TAG);
    const named = Array.from(joined(template).matchAll(NAMED), ([, value = '']) => value.slice(1, -1));
    if (name === 'html') found.push(...[...named, ...parts].filter((each) => LETTERS.test(each)).map(plain));
    template.expressions.forEach((inner, at) => {
      const before = joined({ ...template, quasis: template.quasis.slice(0, at + 1) });
      const isInside = before.lastIndexOf('<') > before.lastIndexOf('>');
      // What a named attribute is set to begins where the text before it ends.
      const isNamed = before.match(NAMED)?.at(-1)?.endsWith('=') ?? false;
      visit(inner, name === 'html' && (isNamed || !isInside));
    });
  };
  visit(parseSync('page.ts', source).program as unknown as Node, false);
  return found;
}

function isLeftOut(node: Node): boolean {
  if (/^TS(As|Satisfies|NonNull)/.test(node.type)) return false;
  if (/^(Import|ExportAll|TS)/.test(node.type)) return true;
  if (node.type === 'BinaryExpression') return /^[=!]==?$/.test(String(node['operator']));
  const { name, property } = (node['callee'] ?? {}) as { readonly name?: string; readonly property?: { name: string } };
  return name === 'msg' || PROGRAM.test(name ?? property?.name ?? '');
}

function joined({ quasis }: Template): string {
  return quasis.map(({ value }) => value.cooked).join(FILLED);
}

function plain(text: string): string {
  return text.replaceAll(FILLED, '…').replaceAll(/\s+/g, ' ').trim();
}

function childrenOf(node: Node): [field: string, child: Node][] {
  // Keys of tables name things for programs.
  const fields = Object.entries(node).filter(([field]) => field !== 'key');
  return fields.flatMap(([field, value]) =>
    [value]
      .flat()
      .filter((each): each is Node => typeof each === 'object' && each !== null && 'type' in each)
      .map((each): [string, Node] => [field, each]),
  );
}
