import { io, type Socket } from 'socket.io-client';
import type { LiveClientEvents, LiveServerEvents } from '../../api/contract/live.ts';
import { NO_STATES } from '../../dashboard/state/city-state.ts';
import {
  applyAlarms,
  applyDelta,
  applySnapshot,
  EMPTY_TABLE,
  type LiveTable,
} from '../../dashboard/state/live-table.ts';
import { readLatestBlock } from '../../domain/latest-block.ts';
import type { PlatformProcess } from './platform-process.ts';

const RECONNECT_MS = 250;

/** A screen that keeps the dashboard's own table, and goes to the next API server when its own is gone, as behind a proxy. */
export class WatchingScreen {
  readonly #servers: () => readonly PlatformProcess[];
  readonly #cookie: string;
  #socket: Socket<LiveServerEvents, LiveClientEvents> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  table: LiveTable = EMPTY_TABLE;
  /** Where it is connected, or tries to be. */
  server: PlatformProcess | undefined;
  frames = 0;
  /** Times that a frame was missed on a connection: there are to be none. */
  gaps = 0;
  /** Between the time that frames say and the time it is, the longest, ms. */
  furthestOff = 0;
  /** Times it was told that its session is over. */
  signedOut = 0;
  #lastFrameAt = 0;
  #longestGapMs = 0;

  /** `servers`: those there are, the one it is to be connected to first. */
  constructor(servers: () => readonly PlatformProcess[], cookie: string) {
    this.#servers = servers;
    this.#cookie = cookie;
  }

  connect(): void {
    const servers = this.#servers();
    this.server = servers[this.#attempt % servers.length];
    if (this.server === undefined) {
      this.#again();
      return;
    }
    const socket: Socket<LiveServerEvents, LiveClientEvents> = io(`http://127.0.0.1:${this.server.httpPort}/live`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: 5_000,
      extraHeaders: { cookie: this.#cookie },
    });
    this.#socket = socket;
    socket.on('connect', () =>
      socket.emit('subscribe', { viewport: null, domains: null, acknowledges: true, readings: 'selected' }, () => {}),
    );
    socket.on('snapshot', (frame, received) => {
      const readings = readLatestBlock(frame.readings);
      this.#became(applySnapshot({ ...frame, readings, states: NO_STATES }, this.table));
      received?.();
    });
    socket.on('delta', (frame, received) => {
      this.#became(applyDelta(this.table, { ...frame, readings: readLatestBlock(frame.readings), states: null }));
      received?.();
    });
    socket.on('alarm', (frame) => this.#became(applyAlarms(this.table, [frame])));
    socket.on('goodbye', (reason) => {
      if (reason === 'SESSION_ENDED') this.signedOut++;
    });
    const lost = (): void => {
      if (this.#socket !== socket) return;
      this.#attempt++;
      this.#again();
    };
    socket.once('disconnect', lost);
    socket.once('connect_error', lost);
  }
  #again(): void {
    this.#socket?.close();
    this.#socket = null;
    this.#timer = setTimeout(() => this.connect(), RECONNECT_MS);
  }
  #became(table: LiveTable): void {
    if (table.phase === 'gap' && this.table.phase !== 'gap') {
      this.gaps++;
      this.#socket?.emit('resync');
    }
    this.table = table;
    if (table.at !== null) this.furthestOff = Math.max(this.furthestOff, Math.abs(table.at - Date.now()));
    this.frames++;
    this.#longestGapMs = this.longestGapMs;
    this.#lastFrameAt = performance.now();
  }

  /** Between two frames since {@link beginPhase}, what is open now among them, ms. */
  get longestGapMs(): number {
    return Math.max(this.#longestGapMs, performance.now() - this.#lastFrameAt);
  }
  beginPhase(): void {
    this.#longestGapMs = 0;
    this.#lastFrameAt = performance.now();
    this.furthestOff = 0;
  }

  /** Back to the server that is its first. */
  goHome(): void {
    this.#attempt = 0;
    if (this.server === this.#servers()[0] && this.#socket?.connected) return;
    this.close();
    this.connect();
  }
  close(): void {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#timer);
    socket?.close();
  }
}
