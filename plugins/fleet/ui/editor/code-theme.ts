import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const look = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--bn-ink)', fontSize: 'var(--bn-text-s)', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--bn-font-mono)', lineHeight: '1.65', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--bn-accent)', paddingBlock: 'var(--bn-space-3)' },
  '.cm-line': { unicodeBidi: 'plaintext' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--bn-ink-soft)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': {
    backgroundColor: 'color-mix(in oklab, var(--bn-ground-hover) 45%, transparent)',
  },
  '.cm-cursor': { borderInlineStartColor: 'var(--bn-accent)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--bn-accent-soft)' },
  '.cm-searchMatch': { backgroundColor: 'var(--bn-warning-soft)', outline: '1px solid var(--bn-warning)' },
  '.cm-panels': { backgroundColor: 'var(--bn-ground-raised)', color: 'var(--bn-ink)' },
  '.cm-panels-top': { borderBlockEnd: '1px solid var(--bn-line)' },
  '.cm-panel button, .cm-panel .cm-button': { backgroundImage: 'none', minHeight: '1.75rem' },
  '.cm-panel .cm-textfield': { width: 'auto', minHeight: '1.75rem' },
  '.cm-tooltip': {
    backgroundColor: 'var(--bn-ground-raised)',
    color: 'var(--bn-ink)',
    border: '1px solid var(--bn-line)',
    borderRadius: 'var(--bn-radius-s)',
    boxShadow: 'var(--bn-shadow-2)',
    fontFamily: 'var(--bn-font)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--bn-accent-soft)',
    color: 'var(--bn-ink)',
  },
  '.cm-completionInfo': { maxWidth: '22rem', padding: 'var(--bn-space-2) var(--bn-space-3)' },
  '.cm-diagnostic': { padding: 'var(--bn-space-2) var(--bn-space-3)' },
  '.cm-diagnostic-error': { borderInlineStartColor: 'var(--bn-danger)' },
  '.cm-diagnostic-warning': { borderInlineStartColor: 'var(--bn-warning)' },
  '.cm-changedText, &.cm-merge-b .cm-changedText': { background: 'var(--bn-accent-soft)' },
  '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': { background: 'var(--bn-danger-soft)' },
  '&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine': {
    backgroundColor: 'color-mix(in oklab, var(--bn-accent-soft) 45%, transparent)',
  },
  '&.cm-merge-a .cm-changedLine, .cm-deletedChunk': {
    backgroundColor: 'color-mix(in oklab, var(--bn-danger-soft) 55%, transparent)',
  },
  '&.cm-merge-b .cm-changedLineGutter, .cm-inlineChangedLineGutter, .cm-changedLineGutter': {
    background: 'var(--bn-accent)',
  },
  '&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter': { background: 'var(--bn-danger)' },
  '.cm-collapsedLines': {
    background: 'var(--bn-ground-code)',
    color: 'var(--bn-ink-soft)',
    fontFamily: 'var(--bn-font)',
  },
});

/** Few colours: what a person writes stays ink, what a machine reads is set off. */
const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName), tags.keyword], color: 'var(--bn-accent)' },
  { tag: [tags.comment, tags.meta, tags.processingInstruction], color: 'var(--bn-ink-soft)' },
  { tag: tags.heading, fontWeight: 'var(--bn-weight-strong)' },
  { tag: tags.strong, fontWeight: 'var(--bn-weight-strong)' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: [tags.link, tags.url], color: 'var(--bn-accent)', textDecoration: 'underline' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--bn-warning)' },
  { tag: tags.monospace, color: 'var(--bn-warning)' },
]);

/** The look of code, from the tokens of the page; it follows light and dark by itself. */
export const theme = [look, syntaxHighlighting(colours)];
