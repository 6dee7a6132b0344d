import type { ReplayFramesHead, ReplaySnapshotHead } from '../../api/contract/replay.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import { readLatestBlock } from '../../domain/latest-block.ts';
import type { Knowledge } from '../../domain/ports/city-past.ts';
import { unpackReplay } from '../../domain/replay/replay-block.ts';
import { readStateBlock, type StateColumns } from '../../domain/state-block.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import { applyPastFrame, applySnapshot, EMPTY_TABLE, type LatestColumns } from '../state/live-table.ts';
import { type RegisterThen, registerThen } from '../state/register-then.ts';
import { frameEveryMs, nextAsk, type ReplaySpeed } from '../state/replay-clock.ts';
import { call, callForBytes } from './http.ts';
import type { LiveConnection, LiveState } from './live-connection.ts';

/** What comes and goes from the screen within this is asked for at once. */
const WANT_DELAY_MS = 60;
/** As many series as one question names; what is wanted beyond, the oldest wishes, waits until others have gone. */
const WANTED_MAX = 1_500;
/** So far behind may the screen be and still catch up; beyond, the replay is slower than it says. */
const LATE_MS = 1_000;
/** Whoever looks at a moment soon looks at some before it. */
const REGISTER_AHEAD_MS = 86_400_000;
/** A question that failed while playing is asked again after this. */
const RETRY_MS = 2_000;

export interface ReplayState {
  /** The moment shown. */
  readonly at: EpochMs;
  /** The moment being fetched; the same as `at` when nothing is. */
  readonly target: EpochMs;
  readonly isPlaying: boolean;
  /** Playing, but what comes next has not come yet. */
  readonly isWaiting: boolean;
  /** It played on until now. */
  readonly reachedNow: boolean;
  readonly speed: ReplaySpeed;
  readonly known: Knowledge;
  readonly error: unknown;
  /** What the register said; `null` until that has come. */
  readonly register: RegisterThen | null;
  /** Steps shown while playing. */
  readonly shownSteps: number;
}

export interface ReplayOptions {
  readonly at: EpochMs;
  readonly speed: ReplaySpeed;
  readonly known: Knowledge;
  /** Whether the newest readings of all series are to be had; else those that something wants. */
  readonly isWhole: boolean;
}

interface Frame {
  readonly at: EpochMs;
  readonly readings: LatestColumns;
  readonly states: StateColumns;
  readonly devices: ReplayFramesHead['frames'][number]['devices'];
  readonly alarms: ReplayFramesHead['frames'][number]['alarms'];
}

/**
 * The city at a moment of the past, and how it goes on from there: the same state that the live line leads to, so that everything which shows that shows this.
 * Frames are fetched ahead of what is shown; when they don't come in time the clock waits for them, and none is left out.
 */
export function openReplay(options: ReplayOptions) {
  let state: ReplayState = {
    at: options.at,
    target: options.at,
    isPlaying: false,
    isWaiting: false,
    reachedNow: false,
    speed: options.speed,
    known: options.known,
    error: null,
    register: null,
    shownSteps: 0,
  };
  let live: LiveState = {
    table: EMPTY_TABLE,
    line: { startedAt: Date.now(), connected: true, signedOut: false, lastFrameAt: null },
    clockOffsetMs: 0,
    notices: [],
    lookers: [],
  };
  const listeners = new Set<() => void>();
  const wanted = new Map<SeriesId, number>();
  let wantTimer: ReturnType<typeof setTimeout> | undefined;
  let frames: Frame[] = [];
  let bufferedTo: number = options.at;
  let fetching: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let drawing = 0;
  let lastDueAt = 0;
  let isClosed = false;
  /** From when on the changes of the register are known. */
  let registerSince = Number.POSITIVE_INFINITY;

  function change(next: Partial<ReplayState>, table = live.table): void {
    state = { ...state, ...next };
    if (table !== live.table) live = { ...live, table };
    for (const listener of listeners) listener();
  }

  const selection = () =>
    options.isWhole ? {} : { series: [...wanted.keys()].slice(-WANTED_MAX), readings: wanted.size > 0 };

  /** Forgets what was fetched ahead. */
  function drop(): AbortController {
    fetching?.abort();
    stopTicking();
    frames = [];
    fetching = new AbortController();
    return fetching;
  }

  /** The register as it was at any moment after this one; asked for once, unless an earlier moment is looked at. */
  async function registerAt(at: EpochMs, signal: AbortSignal): Promise<RegisterThen> {
    if (state.register !== null && registerSince <= at) return state.register;
    const since = epochMs(at - REGISTER_AHEAD_MS);
    const register = registerThen(await call('GET /replay/register', { query: { since }, signal }));
    if (!signal.aborted) registerSince = since;
    return register;
  }

  /** Shows another moment; plays on from there when it was playing. */
  async function seek(at: EpochMs): Promise<void> {
    const { signal } = drop();
    change({ target: at, error: null, reachedNow: false });
    try {
      const [bytes, register] = await Promise.all([
        callForBytes('GET /replay/snapshot', { query: { at, known: state.known, ...selection() }, signal }),
        registerAt(at, signal),
      ]);
      if (signal.aborted) return;
      const { head, next } = unpackReplay(bytes.buffer as ArrayBuffer);
      const {
        at: shown,
        readingBytes,
        rankBytes,
        epoch,
        devices,
        alarms,
        alarmsTruncated,
      } = head as ReplaySnapshotHead;
      const readings = readLatestBlock(next(readingBytes));
      const states = { epoch, ranks: new Uint8Array(next(rankBytes)) };
      const frame = {
        ...{ seq: 0, alarmSeq: 0, at: shown, readings, states, devices, alarmsTruncated },
        alarms: alarms.map((alarm) => register.alarm(alarm, shown)),
      };
      fetching = null;
      bufferedTo = shown;
      lastDueAt = Date.now();
      change({ at: shown, target: shown, register }, applySnapshot({ ...frame, isWhole: options.isWhole }));
      if (state.isPlaying) tick();
    } catch (error) {
      if (signal.aborted) return;
      fetching = null;
      change({ error, target: state.at, isPlaying: false, isWaiting: false });
    }
  }

  async function fetchAhead(): Promise<void> {
    const ask = fetching === null ? nextAsk(state.at, bufferedTo, state.speed) : null;
    if (ask === null) return;
    const controller = new AbortController();
    fetching = controller;
    const { from, to, stepMs } = ask;
    try {
      const bytes = await callForBytes('GET /replay/frames', {
        query: { from, to, step: stepMs, known: state.known, ...selection() },
        signal: controller.signal,
      });
      if (controller.signal.aborted) return;
      fetching = null;
      const { head, next } = unpackReplay(bytes.buffer as ArrayBuffer);
      const { frames: come, to: covered } = head as ReplayFramesHead;
      const { register } = state;
      for (const { at, readingBytes, stateBytes, devices, alarms } of come) {
        const readings = readLatestBlock(next(readingBytes));
        frames.push({
          ...{ at, readings, devices },
          states: readStateBlock(next(stateBytes)),
          alarms: alarms.map((alarm) => register?.alarm(alarm, at) ?? alarm),
        });
      }
      bufferedTo = covered;
      // What was waited for is due now, the rest after it.
      if (state.isWaiting) lastDueAt = Date.now() - frameEveryMs(state.speed);
      // Nothing more is over yet: the replay has caught up with now.
      if (come.length === 0 && frames.length === 0) change({ isPlaying: false, isWaiting: false, reachedNow: true });
      else if (state.isPlaying) tick();
    } catch (error) {
      if (controller.signal.aborted) return;
      fetching = null;
      change({ error });
      if (state.isPlaying) timer = setTimeout(tick, RETRY_MS);
    }
  }

  /**
   * Shows the next step when it is due, and comes again when the one after is. Every step is shown: where the screen can't keep up, the clock waits for it.
   */
  function tick(): void {
    stopTicking();
    if (!state.isPlaying || isClosed) return;
    const every = frameEveryMs(state.speed);
    const now = Date.now();
    const frame = now >= lastDueAt + every ? frames.shift() : undefined;
    if (frame) {
      lastDueAt = Math.max(lastDueAt + every, now - LATE_MS);
      const shown = { at: frame.at, target: frame.at, isWaiting: false, error: null, shownSteps: state.shownSteps + 1 };
      change(shown, applyPastFrame(live.table, frame));
    }
    const wait = lastDueAt + every - Date.now();
    if (frames.length === 0 && wait <= 0) {
      // What did not come in time is waited for.
      lastDueAt = Date.now() - every;
      if (!state.isWaiting) change({ isWaiting: true });
    } else if (wait > 0 || document.hidden) timer = setTimeout(tick, Math.max(0, wait));
    else drawing = requestAnimationFrame(tick);
    void fetchAhead();
  }
  function stopTicking(): void {
    clearTimeout(timer);
    cancelAnimationFrame(drawing);
  }

  const replay = {
    get: (): ReplayState => state,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    seek: (at: number) => void seek(epochMs(Math.round(at))),
    play(): void {
      if (state.isPlaying) return;
      lastDueAt = Date.now();
      change({ isPlaying: true, reachedNow: false, error: null });
      tick();
    },
    pause(): void {
      stopTicking();
      change({ isPlaying: false, isWaiting: false });
    },
    setSpeed(speed: ReplaySpeed): void {
      if (speed === state.speed) return;
      drop();
      fetching = null;
      bufferedTo = state.at;
      lastDueAt = Date.now();
      change({ speed, isWaiting: false });
      if (state.target !== state.at) void seek(state.target);
      else tick();
    },
    setKnown(known: Knowledge): void {
      if (known === state.known) return;
      change({ known });
      void seek(state.target);
    },
    close(): void {
      isClosed = true;
      drop();
      clearTimeout(wantTimer);
      listeners.clear();
    },
    /** What stands in the place of the live line. */
    live: {
      get: (): LiveState => live,
      subscribe: (listener: () => void): (() => void) => replay.subscribe(listener),
      // Nobody works on the past, nor is anyone seen to look at it.
      showAlarms() {},
      look() {},
      want(series: readonly SeriesId[]): () => void {
        let isNew = false;
        for (const id of series) {
          isNew ||= !wanted.has(id);
          wanted.set(id, (wanted.get(id) ?? 0) + 1);
        }
        if (isNew && !options.isWhole && live.table.phase !== 'empty')
          wantTimer ??= setTimeout(() => {
            wantTimer = undefined;
            void seek(state.at);
          }, WANT_DELAY_MS);
        return () => {
          for (const id of series) {
            const shown = wanted.get(id) ?? 0;
            if (shown > 1) wanted.set(id, shown - 1);
            else wanted.delete(id);
          }
        };
      },
      close() {},
    } satisfies LiveConnection,
  };
  void seek(options.at);
  return replay;
}
export type Replay = ReturnType<typeof openReplay>;
