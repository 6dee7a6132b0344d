import { useEffect, useRef } from 'react';

const MINUTE_MS = 60_000;
/** An arrow, and an arrow with shift. */
export const SMALL_STEP_MS = MINUTE_MS;
export const LARGE_STEP_MS = 15 * MINUTE_MS;

export interface ReplayActions {
  readonly playOrPause: () => void;
  readonly stepBy: (ms: number) => void;
  readonly changeSpeed: (by: 1 | -1) => void;
  readonly toAlarm: (direction: 'next' | 'previous') => void;
  readonly leave: () => void;
  readonly help: () => void;
}

const isWriting = (target: Element): boolean =>
  target.matches('input:not([type=range]), textarea, select, [contenteditable=true]');
/** What has its own use for the space bar or the arrows: buttons, lists, charts, the map. */
const usesKey = (target: Element, key: string): boolean =>
  key === ' '
    ? target.closest('button, a, summary, [role=option], [role=menuitem], [role=row], [role=grid], [role=img]') !== null
    : target.closest('canvas, [role=img], [role=row], [role=grid], [role=menu], [role=radiogroup], .map-canvas') !==
      null;

/** The keys of the replay, on the whole page while it is on. */
export function useReplayKeys(actions: ReplayActions): void {
  const current = useRef(actions);
  current.current = actions;
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      const target = event.target instanceof Element ? event.target : document.body;
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isWriting(target) || document.querySelector('[role=dialog]') !== null) return;
      const { playOrPause, stepBy, changeSpeed, toAlarm, leave, help } = current.current;
      const step = event.shiftKey ? LARGE_STEP_MS : SMALL_STEP_MS;
      const act = new Map([
        [' ', playOrPause],
        ['ArrowLeft', () => stepBy(-step)],
        ['ArrowRight', () => stepBy(step)],
        ['[', () => changeSpeed(-1)],
        [']', () => changeSpeed(1)],
        ['n', () => toAlarm('next')],
        ['p', () => toAlarm('previous')],
        ['l', leave],
        ['?', help],
      ]);
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const does = act.get(key);
      if (!does || ((key === ' ' || key.startsWith('Arrow')) && usesKey(target, key))) return;
      event.preventDefault();
      does();
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
