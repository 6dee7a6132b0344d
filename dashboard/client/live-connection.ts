import { io, type Socket } from 'socket.io-client';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { LiveClientEvents, LiveServerEvents } from '../../api/contract/live.ts';
import type { AlarmLookers } from '../../api/contract/presence.ts';
import type { NoticeWire } from '../../api/contract/users.ts';
import type { AlarmId, SeriesId } from '../../domain/identifiers.ts';
import { readLatestBlock } from '../../domain/latest-block.ts';
import { readStateBlock } from '../../domain/state-block.ts';
import { NO_STATES } from '../state/city-state.ts';
import { clockOffset, type LineState } from '../state/connection-health.ts';
import {
  applyAlarms,
  applyDelta,
  applySnapshot,
  EMPTY_TABLE,
  type LiveTable,
  withAlarms,
  withWanted,
} from '../state/live-table.ts';
import { createAlarmBatches } from './alarm-batches.ts';
import { createAlarmPaging } from './alarm-paging.ts';

/** Frames whose times the estimate of the server's clock rests on. */
const CLOCK_SAMPLES = 40;
/** Before a line is tried again that the server has refused. */
const REFUSED_DELAY_MS = 2_000;
/** Notices kept for the page; older ones are in the server's list. */
const NOTICES_KEPT = 50;
/** What comes and goes from the screen within this is asked for at once: a list that is scrolled changes with every row. */
const WANT_DELAY_MS = 40;
/** As many series as the server takes; what is wanted beyond, the oldest wishes, waits until others have gone. */
const WANTED_MAX = 1_500;

export interface LiveState {
  readonly table: LiveTable;
  readonly line: LineState;
  /** Server time minus screen time, ms. */
  readonly clockOffsetMs: number;
  /** Newest first. */
  readonly notices: readonly NoticeWire[];
  /** Who has which alarm open; told only to screens that look at alarms themselves. */
  readonly lookers: readonly AlarmLookers[];
}

export interface LiveConnectionOptions {
  /** With every snapshot: the digest of what is known of the city's assets. */
  readonly onAssets: (assets: string) => void;
  readonly onRulesChanged: () => void;
  /** An incident began, changed or ended. */
  readonly onIncidentChanged: () => void;
  /** Of a wall screen: the build of its page. */
  readonly display?: string;
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
    lookers: [],
  };
  const listeners = new Set<() => void>();
  let offsets: number[] = [];
  let looking: { readonly alarm: AlarmId | null } | null = null;
  let againTimer: ReturnType<typeof setTimeout> | undefined;

  const socket: Socket<LiveServerEvents, LiveClientEvents> = io('/live', {
    transports: ['websocket'],
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
    withCredentials: true,
    ...(options.display === undefined ? {} : { auth: { display: options.display } }),
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
    // Alarms and states of the whole city, for the strip, the map and the lists; readings of all of a small one, of a large one what is shown.
    socket.emit(
      'subscribe',
      { viewport: null, domains: null, acknowledges: true, states: true, readings: 'fitting' },
      () => {},
    );
    sendWanted();
    if (looking) socket.emit('look', looking.alarm);
  });
  socket.on('disconnect', () => {
    setLine({ connected: false });
    // Whoever looked may have gone since.
    change({ lookers: [] });
  });
  socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
    setLine({ connected: false });
    const code = error.data?.code ?? error.message;
    if (code === 'NOT_SIGNED_IN') end();
    // Refused by a server that is there and can't say now who this is; the library does not come back by itself after that.
    else if (!socket.active) againTimer = setTimeout(() => socket.connect(), REFUSED_DELAY_MS);
  });
  const paging = createAlarmPaging({ get: () => state.table, set: (table) => change({ table }) });
  const batches = createAlarmBatches((frames) => {
    paging.heard(frames);
    onFrame(applyAlarms(state.table, frames), frames[frames.length - 1]?.at ?? Date.now());
  });
  socket.on('snapshot', (frame, received) => {
    const states = frame.states ? { epoch: frame.states.epoch, ranks: new Uint8Array(frame.states.ranks) } : NO_STATES;
    // What waits came before it.
    batches.flush();
    onFrame(applySnapshot({ ...frame, readings: readLatestBlock(frame.readings), states }, state.table), frame.at);
    paging.began(frame);
    options.onAssets(frame.assets);
    received?.();
  });
  socket.on('delta', (frame, received) => {
    const states = frame.states ? readStateBlock(frame.states) : null;
    onFrame(applyDelta(state.table, { ...frame, readings: readLatestBlock(frame.readings), states }), frame.at);
    received?.();
  });
  socket.on('alarm', batches.offer);
  socket.on('presence', (lookers) => change({ lookers }));
  socket.on('notice', (notice) => change({ notices: [notice, ...state.notices].slice(0, NOTICES_KEPT) }));
  socket.on('rulesChanged', options.onRulesChanged);
  socket.on('incidentChanged', options.onIncidentChanged);
  socket.on('goodbye', (reason) => {
    if (reason === 'SESSION_ENDED') end();
    // The server closes the line now; the library does not come back by itself after that.
    else
      socket.once('disconnect', () => {
        againTimer = setTimeout(() => socket.connect(), 500);
      });
  });

  /** How many parts of the screen show each series. */
  const wanted = new Map<SeriesId, number>();
  let wantTimer: ReturnType<typeof setTimeout> | undefined;
  function sendWanted(): void {
    wantTimer = undefined;
    if (!socket.connected || (wanted.size === 0 && state.table.isWhole)) return;
    const series = [...wanted.keys()].slice(-WANTED_MAX);
    socket.emit('want', series, (answer) => {
      if (!answer.ok || state.table.isWhole) return;
      const { devices } = answer;
      const sent = { readings: readLatestBlock(answer.readings), devices };
      change({ table: withWanted(state.table, new Set(series), sent) });
    });
  }
  const changeWanted = (): void => {
    // What a whole city is sent holds it already; the wish is kept for the day on which the city has grown.
    if (state.table.phase !== 'empty' && state.table.isWhole) return;
    wantTimer ??= setTimeout(sendWanted, WANT_DELAY_MS);
  };

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
    /** Shows a person's own steps at once; the frames that follow confirm them. */
    showAlarms(alarms: readonly AlarmWire[]): void {
      change({ table: withAlarms(state.table, alarms) });
    },
    /** Tells colleagues which alarm is open on this screen, and asks to be told of theirs. */
    look(alarm: AlarmId | null): void {
      looking = { alarm };
      if (socket.connected) socket.emit('look', alarm);
    },
    /** Says that the newest readings of these series are shown, until what is returned is called. */
    want(series: readonly SeriesId[]): () => void {
      for (const id of series) {
        const shown = wanted.get(id) ?? 0;
        // The newest wish lies last.
        wanted.delete(id);
        wanted.set(id, shown + 1);
      }
      changeWanted();
      return () => {
        for (const id of series) {
          const shown = wanted.get(id) ?? 0;
          if (shown > 1) wanted.set(id, shown - 1);
          else wanted.delete(id);
        }
        changeWanted();
      };
    },
    close(): void {
      clearTimeout(wantTimer);
      clearTimeout(againTimer);
      batches.stop();
      paging.stop();
      listeners.clear();
      // What was to bring the line back must not.
      socket.off();
      socket.disconnect();
    },
  };
}
export type LiveConnection = ReturnType<typeof openLiveConnection>;
