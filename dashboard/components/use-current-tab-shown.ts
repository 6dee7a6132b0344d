import { type RefObject, useEffect, useRef } from 'react';

/** For a row of tabs that scrolls sideways on a phone: keeps the tab that one is on in sight. `current`: what tells tabs apart, such as the path. */
export function useCurrentTabShown(current: string): RefObject<HTMLElement | null> {
  const tabs = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the mark in the page changes with it
  useEffect(() => {
    tabs.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  return tabs;
}
