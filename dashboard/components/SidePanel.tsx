import { type ReactNode, useEffect, useRef } from 'react';
import { useIsPhone } from './use-media.ts';

const STOPS = 'a[href], button, input, select, textarea, summary, [tabindex]';

/** What the keyboard can stand on, in the order of the page. */
const stopsIn = (panel: HTMLElement): readonly HTMLElement[] =>
  [...panel.querySelectorAll<HTMLElement>(STOPS)].filter(
    (stop) => stop.tabIndex >= 0 && !stop.matches(':disabled') && stop.checkVisibility({ visibilityProperty: true }),
  );

/**
 * What is selected, beside the list or the map. On the phone it is a sheet over them, and holds the keyboard as long as it is there: what lies under it would
 * have the focus without its being seen (WCAG 2.4.11). A finger still reaches what the sheet leaves free.
 */
export function SidePanel({
  label,
  onClose,
  children,
}: {
  label: string;
  /** Closes the sheet; a panel beside its list may stand for good. */
  onClose: () => void;
  children: ReactNode;
}) {
  const isPhone = useIsPhone();
  const panel = useRef<HTMLElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    return isPhone && panel.current ? holdKeyboard(panel.current, () => close.current()) : undefined;
  }, [isPhone]);
  return (
    <aside
      ref={panel}
      className="panel"
      data-sheet={isPhone || undefined}
      tabIndex={isPhone ? -1 : undefined}
      aria-label={label}
    >
      {children}
    </aside>
  );
}

/** Takes the focus into the sheet, has Tab go round in it and Escape close it. @returns lets go, and gives the focus back */
function holdKeyboard(sheet: HTMLElement, close: () => void): () => void {
  const before = document.activeElement as HTMLElement | null;
  sheet.focus({ preventScroll: true });
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = document.activeElement as HTMLElement | null;
    // Dialogs and menus hold the keyboard themselves.
    if (event.defaultPrevented || at?.closest('[role="dialog"], [role="menu"], [role="listbox"]')) return;
    const isInside = at !== null && sheet.contains(at);
    if (event.key === 'Escape' && isInside && at.getAttribute('aria-expanded') !== 'true') {
      event.preventDefault();
      close();
    }
    if (event.key !== 'Tab') return;
    const stops = stopsIn(sheet);
    const [first, last] = event.shiftKey ? [stops.at(-1), stops[0]] : [stops[0], stops.at(-1)];
    if (isInside && at !== last && !(event.shiftKey && at === sheet)) return;
    event.preventDefault();
    (first ?? sheet).focus();
  };
  document.addEventListener('keydown', onKeyDown);
  return () => {
    document.removeEventListener('keydown', onKeyDown);
    const at = document.activeElement;
    if (before?.isConnected && (at === null || at === document.body || sheet.contains(at)))
      before.focus({ preventScroll: true });
  };
}
