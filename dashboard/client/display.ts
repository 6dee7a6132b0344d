import { useEffect, useRef, useState } from 'react';
import type { OwnDisplayWire } from '../../api/contract/displays.ts';
import { ASK_EVERY_MS, offsetOf } from '../state/wall-health.ts';
import { call, setDisplayBuild } from './http.ts';
import { ApiProblem } from './problem.ts';

/** Whether this machine was a wall screen before: one that is refused then has been revoked. */
const WAS_LINKED_AS = 'hd.display';
const RELOADED_AS = 'hd.display-reloaded';

/** What the page was built of; empty in development. */
export const OWN_BUILD = document.querySelector<HTMLMetaElement>('meta[name="hd-build"]')?.content ?? '';

export interface DisplayLine {
  /** `asking` until the first answer; `unlinked`: this machine was never a screen; `revoked`: it is none any more. */
  readonly login: 'asking' | 'unlinked' | 'revoked' | 'linked';
  /** What it is to show, as last answered. */
  readonly own: OwnDisplayWire | null;
  /** Screen's clock: of the last answer, before that of the page's beginning. */
  readonly answeredAt: number;
  /** Platform's clock minus the screen's. */
  readonly clockOffsetMs: number | null;
}

const remembered = (): boolean => {
  try {
    return localStorage.getItem(WAS_LINKED_AS) !== null;
  } catch {
    return false;
  }
};

/** Asks every few seconds what to show, for as long as the page is there. `code`: of a one-time link, to be used first; empty: none. */
export function useDisplayLine(code: string) {
  const [line, setLine] = useState<DisplayLine>(() => ({
    login: 'asking',
    own: null,
    answeredAt: Date.now(),
    clockOffsetMs: null,
  }));
  const askNow = useRef<() => void>(() => {});
  const unused = useRef(code);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    setDisplayBuild(OWN_BUILD);
    const ask = async (): Promise<void> => {
      clearTimeout(timer);
      const askedAt = Date.now();
      try {
        const own = await call('GET /display', { signal: AbortSignal.timeout(ASK_EVERY_MS) });
        const answeredAt = Date.now();
        if (isOver) return;
        rememberLinked();
        const clockOffsetMs = offsetOf(own, askedAt, answeredAt);
        setLine((before) => ({
          login: 'linked',
          // The same words are the same value: nothing below is drawn anew for them.
          own: isSame(before.own, own) ? before.own : own,
          answeredAt,
          clockOffsetMs,
        }));
      } catch (error) {
        if (isOver) return;
        // Only the platform's own word ends it; silence leaves the last picture up.
        if (error instanceof ApiProblem && error.status === 401)
          setLine((before) => ({ ...before, login: remembered() ? 'revoked' : 'unlinked', answeredAt: Date.now() }));
      }
      if (!isOver) timer = setTimeout(() => void ask(), ASK_EVERY_MS);
    };
    askNow.current = () => void ask();
    const linkCode = unused.current;
    unused.current = '';
    // A code that is refused leaves the screen as it was: the answer to the question says what it is.
    if (linkCode === '') void ask();
    else linkDisplay(linkCode).then(ask, ask);
    return () => {
      isOver = true;
      clearTimeout(timer);
      setDisplayBuild(null);
    };
  }, []);
  return { line, ask: () => askNow.current() };
}

const isSame = (a: OwnDisplayWire | null, b: OwnDisplayWire): boolean =>
  a?.id === b.id && a.version === b.version && a.build === b.build;

function rememberLinked(): void {
  try {
    localStorage.setItem(WAS_LINKED_AS, 'yes');
  } catch {
    // Then a revoked screen says that it is not set up, and the code is asked for all the same.
  }
}

/** Takes up this screen's login with a code, in nobody's name. */
export async function linkDisplay(code: string): Promise<void> {
  setDisplayBuild(null);
  try {
    await call('POST /display', { body: { code }, idempotencyKey: null });
    rememberLinked();
  } finally {
    setDisplayBuild(OWN_BUILD);
  }
}

/** The build this screen was last loaded anew for. */
export function lastReload(): { readonly build: string; readonly at: number } | null {
  try {
    const [build, at] = (sessionStorage.getItem(RELOADED_AS) ?? '').split(' ');
    return build && at ? { build, at: Number(at) } : null;
  } catch {
    return null;
  }
}

/** Loads the page of `build`, once it has been seen that it can be had; what is shown stays otherwise. */
export async function reloadFor(build: string): Promise<void> {
  const answer = await fetch('/wall', { cache: 'no-store', signal: AbortSignal.timeout(ASK_EVERY_MS) });
  if (!answer.ok || !(await answer.text()).includes(`content="${build}"`)) return;
  sessionStorage.setItem(RELOADED_AS, `${build} ${Date.now()}`);
  window.location.reload();
}
