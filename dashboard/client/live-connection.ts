import { io, type Socket } from 'socket.io-client';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { LiveClientEvents, LiveServerEvents } from '../../api/contract/live.ts';
import type { NoticeWire } from '../../api/contract/users.ts';
import { readLatestBlock } from '../../domain/latest-block.ts';
import { clockOffset, type LineState } from '../state/connection-health.ts';
import { applyAlarm, applyDelta, applySnapshot, EMPTY_TABLE, type LiveTable, withAlarm } from '../state/live-table.ts';

/** Frames whose times the estimate of the server's clock rests on. */
const CLOCK_SAMPLES = 40;
/** Notices kept for the page; older ones are in the server's list. */
const NOTICES_KEPT = 50;

export interface LiveState {
  readonly table: LiveTable;
  readonly line: LineState;
  /** Server time minus screen time, ms. */
  readonly clockOffsetMs: number;
  /** Newest first. */
  readonly notices: readonly NoticeWire[];
}

export interface LiveConnectionOptions {
  /** The city's points, sites or devices changed. */
  readonly onAssetsChanged: () => void;
  readonly onRulesChanged: () => void;
  /** The session is over: nothing more will come. */
  readonly onSignedOut: () => void;
}

/** The line to the platform's live data, and the state it leads to. Every change makes a new {@link LiveState}. */
export function openLiveConnection(options: LiveConnectionOptions) {
  let state: LiveState = {
    table: EMPTY_TABLE,
    line: { startedAt: Date.now(), connected: false, signedOut: false, lastFrameAt: null },
    clockOffsetMs: 0,
    notices: [],
  };
  const listeners = new Set<() => void>();
  let offsets: number[] = [];

  const socket: Socket<LiveServerEvents, LiveClientEvents> = io('/live', {
    transports: ['websocket'],
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
    withCredentials: true,
  });

  function change(next: Partial<LiveState>): void {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  }
  const setLine = (next: Partial<LineState>) => change({ line: { ...state.line, ...next } });

  function onFrame(table: LiveTable, at: number): void {
    const now = Date.now();
    offsets = [...offsets.slice(1 - CLOCK_SAMPLES), at - now];
    const becameGap = table.phase === 'gap' && state.table.phase !== 'gap';
    change({ table, line: { ...state.line, lastFrameAt: now }, clockOffsetMs: clockOffset(offsets) });
    if (becameGap) socket.emit('resync');
  }

  socket.on('connect', () => {
    setLine({ connected: true });
    // Everywhere and everything: the strip, lists and search speak of the whole city, and newest-only frames keep it small.
    socket.emit('subscribe', { viewport: null, domains: null, acknowledges: true }, () => {});
  });
  socket.on('disconnect', () => setLine({ connected: false }));
  socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
    setLine({ connected: false });
    const code = error.data?.code ?? error.message;
    if (code === 'NOT_SIGNED_IN') end();
  });
  socket.on('snapshot', (frame, received) => {
    onFrame(applySnapshot({ ...frame, readings: readLatestBlock(frame.readings) }), frame.at);
    received?.();
  });
  socket.on('delta', (frame, received) => {
    onFrame(applyDelta(state.table, { ...frame, readings: readLatestBlock(frame.readings) }), frame.at);
    received?.();
  });
  socket.on('alarm', (frame) => onFrame(applyAlarm(state.table, frame), frame.at));
  socket.on('notice', (notice) => change({ notices: [notice, ...state.notices].slice(0, NOTICES_KEPT) }));
  socket.on('assetsChanged', options.onAssetsChanged);
  socket.on('rulesChanged', options.onRulesChanged);
  socket.on('goodbye', (reason) => {
    if (reason === 'SESSION_ENDED') end();
    // The server closes the line now; the library does not come back by itself after that.
    else socket.once('disconnect', () => setTimeout(() => socket.connect(), 500));
  });

  function end(): void {
    setLine({ signedOut: true, connected: false });
    socket.disconnect();
    options.onSignedOut();
  }

  return {
    get: (): LiveState => state,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Shows a person's own step at once; the frame that follows confirms it. */
    showAlarm(alarm: AlarmWire): void {
      change({ table: withAlarm(state.table, alarm) });
    },
    close(): void {
      listeners.clear();
      socket.disconnect();
    },
  };
}
export type LiveConnection = ReturnType<typeof openLiveConnection>;
