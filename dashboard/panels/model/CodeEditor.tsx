import { javascript } from '@codemirror/lang-javascript';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { unifiedMergeView } from '@codemirror/merge';
import { Compartment, EditorState, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { basicSetup, EditorView } from 'codemirror';
import { useEffect, useRef } from 'react';

/** Colours of the page, so that the editor follows light and dark by itself. */
const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--hd-accent)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--hd-code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--hd-calibrating)' },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: 'var(--hd-text-2)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.definition(tags.function(tags.variableName))], fontWeight: '600' },
]);
const THEME = EditorView.theme({
  '&': { height: '100%', color: 'var(--hd-text)', backgroundColor: 'var(--hd-surface)' },
  '.cm-scroller': { fontFamily: 'ui-monospace, "DejaVu Sans Mono", monospace', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--hd-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--hd-text)' },
  '.cm-gutters': { backgroundColor: 'var(--hd-raised)', color: 'var(--hd-text-2)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': {
    backgroundColor: 'color-mix(in srgb, var(--hd-overlay) 60%, transparent)',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--hd-accent) 28%, transparent)',
  },
  '.cm-failed-line': {
    backgroundColor: 'color-mix(in srgb, var(--hd-critical) 5%, transparent)',
    boxShadow: 'inset 3px 0 0 var(--hd-critical)',
  },
  '.cm-tooltip, .cm-panels': { backgroundColor: 'var(--hd-raised)', color: 'var(--hd-text)' },
  '.cm-deletedChunk': { backgroundColor: 'color-mix(in srgb, var(--hd-critical) 12%, transparent)' },
  '&.cm-merge-b .cm-changedLine': { backgroundColor: 'color-mix(in srgb, var(--hd-accent) 12%, transparent)' },
});

const failedAt = StateEffect.define<number | null>();
const failedLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) {
      if (!effect.is(failedAt)) continue;
      const { value } = effect;
      next =
        value === null || value > transaction.state.doc.lines
          ? Decoration.none
          : Decoration.set([
              Decoration.line({ class: 'cm-failed-line' }).range(transaction.state.doc.line(value).from),
            ]);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/**
 * JavaScript being written, with line numbers and colours. Loaded by itself when it is first needed: nobody else carries it.
 * `saved`: what it is compared with, line by line, when given. `failed`: the line that threw, from 1.
 */
export default function CodeEditor({
  value,
  saved,
  failed,
  readOnly,
  label,
  onChange,
}: {
  value: string;
  saved: string | null;
  failed: number | null;
  readOnly: boolean;
  label: string;
  onChange: (value: string) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const compared = useRef(new Compartment());
  const told = useRef(onChange);
  told.current = onChange;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; what changes afterwards is told to it below
  useEffect(() => {
    if (!box.current) return;
    const made = new EditorView({
      parent: box.current,
      doc: value,
      extensions: [
        basicSetup,
        javascript(),
        syntaxHighlighting(HIGHLIGHT),
        THEME,
        failedLine,
        compared.current.of([]),
        EditorState.readOnly.of(readOnly),
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) told.current(update.state.doc.toString());
        }),
      ],
    });
    // It scrolls, so the keyboard must reach it.
    made.scrollDOM.tabIndex = 0;
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, []);
  useEffect(() => {
    const now = view.current;
    if (now && now.state.doc.toString() !== value)
      now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const comparison =
      saved === null ? [] : unifiedMergeView({ original: saved, mergeControls: false, highlightChanges: false });
    view.current?.dispatch({ effects: compared.current.reconfigure(comparison) });
  }, [saved]);
  useEffect(() => {
    view.current?.dispatch({ effects: failedAt.of(failed) });
  }, [failed]);
  return <div className="code-editor" ref={box} />;
}
