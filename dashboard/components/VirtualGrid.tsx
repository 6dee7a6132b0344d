import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import { useIsPhone } from './use-media.ts';

export interface GridColumn<T> {
  readonly key: string;
  readonly header: string;
  /** Said in place of an empty header. */
  readonly headerLabel?: string;
  /** A CSS grid track, e.g. `96px` or `minmax(0, 2fr)`. */
  readonly width: string;
  readonly numeric?: boolean;
  /** Left out on the phone. */
  readonly wideOnly?: boolean;
  readonly cell: (item: T) => ReactNode;
}

interface VirtualGridProps<T> {
  readonly label: string;
  readonly items: readonly T[];
  /** Where they keep their identity, rows are drawn anew only for items that are others. */
  readonly columns: readonly GridColumn<T>[];
  readonly keyOf: (item: T) => string;
  /** Pixels; the phone's is at least 44. */
  readonly rowHeight: number;
  readonly phoneRowHeight?: number;
  readonly selectedKey?: string | null;
  readonly withHeader?: boolean;
  /** Enter or a click; absent where there is nothing to open. */
  readonly onOpen?: (item: T) => void;
  /** The row the keyboard stands on changed. */
  readonly onMove?: (item: T) => void;
  /** Other keys, with the row the keyboard stands on; true when used. */
  readonly onKey?: (key: string, item: T | undefined, event: KeyboardEvent) => boolean;
  readonly rowClass?: (item: T) => string | undefined;
  /**
   * Keys of the rows picked for something to be done with all of them; absent: rows aren't picked here. `x` or a click on the row's box picks, Shift with
   * a move or a click picks along, Ctrl-A picks all, Escape none.
   */
  readonly picked?: ReadonlySet<string>;
  readonly onPicked?: (picked: ReadonlySet<string>) => void;
}

/**
 * A list of any length with a handful of rows in the page. One stop for the Tab key; arrows or j and k move, Enter opens. The row the
 * keyboard stands on is kept by its key, so that rows may come, go and change order under it.
 */
export function VirtualGrid<T>({
  label,
  items,
  columns,
  keyOf,
  rowHeight,
  phoneRowHeight = Math.max(44, rowHeight),
  selectedKey = null,
  withHeader = true,
  onOpen,
  onMove,
  onKey,
  rowClass,
  picked,
  onPicked,
}: VirtualGridProps<T>) {
  const { t } = useLanguage();
  const isPhone = useIsPhone();
  const shown = useMemo(() => (isPhone ? columns.filter(({ wideOnly }) => !wideOnly) : columns), [isPhone, columns]);
  const height = isPhone ? phoneRowHeight : rowHeight;
  const scroller = useRef<HTMLDivElement>(null);
  const idPrefix = useId();
  const [activeKey, setActiveKey] = useState<string | null>(selectedKey);
  const [hasFocus, setHasFocus] = useState(false);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    scrollPaddingStart: withHeader ? 34 : 0,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when their height is another
  useEffect(() => virtual.measure(), [height]);
  useEffect(() => {
    if (selectedKey !== null) setActiveKey(selectedKey);
  }, [selectedKey]);

  // Looked for where it was before the items changed: most keep their places.
  const lastActive = useRef(-1);
  const heldItem = items[lastActive.current];
  if (activeKey === null) lastActive.current = -1;
  else if (heldItem === undefined || keyOf(heldItem) !== activeKey)
    lastActive.current = items.findIndex((item) => keyOf(item) === activeKey);
  const activeIndex = lastActive.current;
  const picks = picked !== undefined && onPicked !== undefined;
  const template = [...(picks ? [isPhone ? '28px' : '20px'] : []), ...shown.map(({ width }) => width)].join(' ');
  const pickFrom = useRef<string | null>(null);

  function pick(keys: readonly string[], on: boolean): void {
    const next = new Set(picked);
    for (const key of keys) {
      if (on) next.add(key);
      else next.delete(key);
    }
    onPicked?.(next);
  }
  /** A row's box: alone, or with Shift all rows from the one picked last. */
  function pickRow(index: number, along: boolean): void {
    const key = keyOf(items[index] as T);
    const from = along ? items.findIndex((item) => keyOf(item) === pickFrom.current) : -1;
    if (from < 0) pick([key], !picked?.has(key));
    else pick(items.slice(Math.min(from, index), Math.max(from, index) + 1).map(keyOf), true);
    pickFrom.current = key;
  }

  function moveTo(index: number): void {
    const clamped = Math.max(0, Math.min(items.length - 1, index));
    const item = items[clamped];
    if (item === undefined) return;
    setActiveKey(keyOf(item));
    virtual.scrollToIndex(clamped);
    onMove?.(item);
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    if (event.altKey || event.target !== event.currentTarget) return;
    if (event.ctrlKey || event.metaKey) {
      if (picks && event.key.toLowerCase() === 'a') {
        event.preventDefault();
        onPicked(new Set(items.map(keyOf)));
      }
      return;
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / height) - 1);
    const steps: Record<string, number> = {
      ArrowDown: activeIndex + 1,
      j: activeIndex + 1,
      ArrowUp: activeIndex - 1,
      k: activeIndex - 1,
      PageDown: activeIndex + page,
      PageUp: activeIndex - page,
      Home: 0,
      End: items.length - 1,
    };
    const along = picks && event.shiftKey;
    const step = steps[along ? event.key.replace(/^[JK]$/, (key) => key.toLowerCase()) : event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (along) {
        const to = Math.max(0, Math.min(items.length - 1, step));
        const from = Math.max(0, activeIndex);
        pick(items.slice(Math.min(from, to), Math.max(from, to) + 1).map(keyOf), true);
      }
      moveTo(step);
      return;
    }
    const active = items[activeIndex];
    if (picks && active !== undefined && event.key.toLowerCase() === 'x') {
      event.preventDefault();
      pickRow(activeIndex, event.shiftKey);
      return;
    }
    if (picks && picked.size > 0 && event.key === 'Escape') {
      event.preventDefault();
      onPicked(new Set());
      return;
    }
    if (event.key === 'Enter' && active !== undefined) {
      event.preventDefault();
      onOpen?.(active);
      return;
    }
    if (onKey?.(event.key, active, event)) event.preventDefault();
  }

  const rows = virtual.getVirtualItems();
  const isActiveDrawn = rows.some(({ index }) => index === activeIndex);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table can't hold rows that are not in the page
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={items.length + (withHeader ? 1 : 0)}
      aria-activedescendant={isActiveDrawn ? `${idPrefix}-${activeIndex}` : undefined}
      aria-multiselectable={picks || undefined}
      tabIndex={0}
      className="grid inset-focus"
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        if (event.target !== event.currentTarget) return;
        setHasFocus(true);
        if (activeIndex < 0 && items[0] !== undefined) setActiveKey(keyOf(items[0]));
      }}
      onBlur={() => setHasFocus(false)}
    >
      {withHeader ? (
        // biome-ignore lint/a11y/useSemanticElements: as above
        <div role="rowgroup" className="grid-head">
          {/* biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above; the grid itself has the focus */}
          <div role="row" className="grid-row" style={{ gridTemplateColumns: template }} aria-rowindex={1}>
            {picks ? (
              // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
              <div role="columnheader">
                <span className="visually-hidden">{t('grid.picked')}</span>
              </div>
            ) : null}
            {shown.map(({ key, header, headerLabel, numeric }) => (
              // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
              <div key={key} role="columnheader" className={numeric ? 'numeric' : undefined}>
                {header}
                {headerLabel === undefined ? null : <span className="visually-hidden">{headerLabel}</span>}
              </div>
            ))}
          </div>
        </div>
      ) : null}
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize() }}>
        {rows.map((row) => {
          const item = items[row.index] as T;
          const key = keyOf(item);
          return (
            // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: as above; keys are handled by the grid
            <div
              key={key}
              id={`${idPrefix}-${row.index}`}
              role="row"
              aria-rowindex={row.index + (withHeader ? 2 : 1)}
              aria-selected={picks ? picked.has(key) : key === selectedKey}
              data-open={key === selectedKey || undefined}
              data-active={(hasFocus && row.index === activeIndex) || undefined}
              className={`grid-row ${rowClass?.(item) ?? ''}`}
              style={{
                gridTemplateColumns: template,
                height,
                transform: `translateY(${row.start}px)`,
                position: 'absolute',
                top: 0,
                left: 0,
                right: 0,
              }}
              onClick={(event) => {
                setActiveKey(key);
                const onBox = (event.target as Element).closest('.grid-pick') !== null;
                if (picks && (onBox || event.shiftKey || event.ctrlKey || event.metaKey)) {
                  pickRow(row.index, event.shiftKey);
                  scroller.current?.focus();
                } else onOpen?.(item);
              }}
            >
              {picks ? (
                // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
                <div role="gridcell" className="grid-pick" data-picked={picked.has(key) || undefined}>
                  <span className="grid-pick-box" aria-hidden="true" />
                  <span className="visually-hidden">{picked.has(key) ? t('grid.picked') : ''}</span>
                </div>
              ) : null}
              <Cells item={item} columns={shown} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** A row's cells, drawn anew only when the item or the columns are others: in a flood most rows stay as they are. */
const Cells = memo(function Cells<T>({ item, columns }: { item: T; columns: readonly GridColumn<T>[] }) {
  return columns.map((column) => (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
    <div key={column.key} role="gridcell" className={column.numeric ? 'numeric truncate' : 'truncate'}>
      {column.cell(item)}
    </div>
  ));
}) as <T>(props: { item: T; columns: readonly GridColumn<T>[] }) => ReactNode;
