import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { markdown } from '@codemirror/lang-markdown';
import { yaml, yamlFrontmatter } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { theme } from './code-theme.ts';
import { completeFrom } from './complete.ts';
import type { FileProblem, FileSchema } from './files.ts';
import { phrases } from './phrases.ts';

/** What an editor is given to begin with, and whom it tells. */
export interface CodeOptions {
  readonly parent: HTMLElement;
  /** The styles go into it, so that they need no style element. */
  readonly root: ShadowRoot;
  readonly text: string;
  /** Path of the file; its ending decides how it is coloured. */
  readonly file: string;
  /** Accessible name. */
  readonly label: string;
  readonly schema: () => FileSchema | undefined;
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
}

export interface Code {
  /** Puts another text in its place; the cursor stays where it was as far as it can. */
  setText(text: string): void;
  showProblems(problems: readonly FileProblem[]): void;
  /** Brings a line into view and puts the cursor there. */
  goTo(line: number, column: number): void;
  focus(): void;
  close(): void;
}

/** Opens an editor of code. */
export function openCode(options: CodeOptions): Code {
  const { parent, root, text, file, label, onChange, onSave, schema } = options;
  let isTold = true;
  const view = new EditorView({
    parent,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        ...common(file, label),
        history(),
        lintGutter(),
        search({ top: true }),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        indentOnInput(),
        closeBrackets(),
        autocompletion({ override: [(context) => completeFrom(schema(), file, context)], icons: false }),
        keymap.of([
          { key: 'Mod-s', preventDefault: true, run: () => (onSave(), true) },
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...historyKeymap,
          ...searchKeymap,
          ...completionKeymap,
          ...lintKeymap,
        ]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && isTold) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    setText(wanted) {
      if (wanted === view.state.doc.toString()) return;
      isTold = false;
      const { anchor } = view.state.selection.main;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: wanted },
        selection: { anchor: Math.min(anchor, wanted.length) },
      });
      isTold = true;
    },
    showProblems: (problems) =>
      view.dispatch(
        setDiagnostics(
          view.state,
          problems.map((each) => shown(view, each)),
        ),
      ),
    goTo(line, column) {
      const at = placeOf(view, line, column);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
      view.focus();
    },
    focus: () => view.focus(),
    close: () => view.destroy(),
  };
}

/** What every view of a file has: its language, its look, its name. */
export function common(file: string, label: string): Extension[] {
  return [
    lineNumbers(),
    bracketMatching(),
    EditorView.lineWrapping,
    // A file is laid out as code; a line of it may run from the right.
    EditorView.editorAttributes.of({ dir: 'ltr' }),
    EditorView.perLineTextDirection.of(true),
    EditorState.phrases.of(phrases()),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0', spellcheck: 'false', autocapitalize: 'off' }),
    ...languageOf(file),
    theme,
  ];
}

function languageOf(file: string): Extension[] {
  if (file.endsWith('.md')) return [yamlFrontmatter({ content: markdown() })];
  if (/\.ya?ml$/.test(file)) return [yaml()];
  return file.endsWith('.json') ? [json()] : [];
}

function placeOf({ state }: EditorView, line: number, column: number): number {
  const found = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
  return Math.min(found.from + Math.max(0, column - 1), found.to);
}

/** A problem is marked from its place to the end of the line. */
function shown(view: EditorView, { line, column, level, message }: FileProblem): Diagnostic {
  const from = placeOf(view, line, column);
  return { from, to: Math.max(from, view.state.doc.lineAt(from).to), severity: level, message };
}
