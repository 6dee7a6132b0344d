import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { DisplayView } from '../../domain/display.ts';
import type { AlarmId } from '../../domain/identifiers.ts';

/** A new critical alarm is shown alone for this long, or until somebody has acknowledged it. */
export const CALL_MS = 30_000;
/** Alarms that wait to be shown so; in a flood the list says more than one after the other could. */
const CALLS_WAITING_MAX = 3;

/** Where the rotation of a wall screen stands. Times are the screen's clock. */
export interface Rotation {
  readonly index: number;
  /** When the picture was put up; moved on by as long as a call was shown. */
  readonly shownAt: number;
  /** The critical alarm shown in its place. */
  readonly call: { readonly id: AlarmId; readonly from: number } | null;
  readonly waiting: readonly AlarmId[];
  /** Activations of open critical alarms that have been seen; `null` until the first list: what was open before the screen is no news. */
  readonly known: ReadonlySet<string> | null;
}

export const startRotation = (now: number): Rotation => ({
  index: 0,
  shownAt: now,
  call: null,
  waiting: [],
  known: null,
});

/** One activation: the same alarm active again calls again. */
const activationOf = ({ id, activationCount }: AlarmWire): string => `${id} ${activationCount}`;
const callsFor = (alarm: AlarmWire): boolean =>
  alarm.severity === 'critical' && alarm.work === 'new' && alarm.endedAt === null && alarm.suppression === null;

/** The rotation at `now`. `alarms`: all open ones; `null` while they aren't known. */
export function stepRotation(
  before: Rotation,
  now: number,
  views: readonly DisplayView[],
  alarms: Iterable<AlarmWire> | null,
): Rotation {
  let { index, shownAt, call, waiting, known } = before;
  if (alarms !== null) {
    const critical = [...alarms].filter(callsFor);
    const open = new Set(critical.map(({ id }) => id));
    const fresh = known === null ? [] : critical.filter((alarm) => !known?.has(activationOf(alarm)));
    known = new Set(critical.map(activationOf));
    waiting = [...waiting.filter((id) => open.has(id)), ...fresh.map(({ id }) => id)].slice(-CALLS_WAITING_MAX);
    if (call !== null && !open.has(call.id)) {
      shownAt += now - call.from;
      call = null;
    }
  }
  if (call !== null && now - call.from >= CALL_MS) {
    shownAt += now - call.from;
    call = null;
  }
  const [next, ...rest] = waiting;
  if (call === null && next !== undefined) {
    call = { id: next, from: now };
    waiting = rest;
  }
  if (call === null) {
    if (index >= views.length) index = 0;
    const seconds = views[index]?.seconds ?? Number.POSITIVE_INFINITY;
    if (now - shownAt >= seconds * 1_000) {
      index = (index + 1) % Math.max(1, views.length);
      shownAt = now;
    }
  }
  return { index, shownAt, call, waiting, known };
}

/** How much of the picture's time is over, 0 … 1; it stands still while a call is shown. */
export function progressOf({ index, shownAt, call }: Rotation, now: number, views: readonly DisplayView[]): number {
  const seconds = views[index]?.seconds ?? 0;
  return seconds === 0 ? 0 : Math.min(1, Math.max(0, ((call?.from ?? now) - shownAt) / (seconds * 1_000)));
}
