import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { common } from './code.ts';

export interface DifferenceOptions {
  readonly parent: HTMLElement;
  readonly root: ShadowRoot;
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** Accessible names of the two sides. */
  readonly labels: readonly [before: string, after: string];
  /** Side by side; one below the other where there is no room. */
  readonly isWide: boolean;
  /** Hears of every change of the second text; without it neither can be changed. */
  readonly onChange?: ((text: string) => void) | undefined;
}

/** Shows two texts with what differs between them; of one that may be changed, each difference can be taken back. */
export function openDifference(options: DifferenceOptions): { readonly close: () => void } {
  const { parent, root, file, before, after, labels, isWide, onChange } = options;
  const side = (label: string, isEditable: boolean): Extension[] => [
    ...common(file, label),
    ...(isEditable ? [history(), keymap.of([...defaultKeymap, ...historyKeymap])] : fixed),
    EditorView.updateListener.of((update) => {
      if (isEditable && update.docChanged) onChange?.(update.state.doc.toString());
    }),
  ];
  const collapseUnchanged = { margin: 3, minSize: 6 };
  const isEditable = onChange !== undefined;
  if (!isWide) {
    const extensions = [
      ...side(labels[1], isEditable),
      unifiedMergeView({ original: before, collapseUnchanged, mergeControls: isEditable, gutter: true }),
    ];
    const view = new EditorView({ parent, root, state: EditorState.create({ doc: after, extensions }) });
    return { close: () => view.destroy() };
  }
  const view = new MergeView({
    parent,
    root,
    a: { doc: before, extensions: side(labels[0], false) },
    b: { doc: after, extensions: side(labels[1], isEditable) },
    collapseUnchanged,
    ...(isEditable && { revertControls: 'a-to-b' as const }),
  });
  return { close: () => view.destroy() };
}

const fixed = [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ tabindex: '0' }),
];
