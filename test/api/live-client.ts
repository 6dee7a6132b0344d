import { io, type Socket } from 'socket.io-client';
import { vi } from 'vitest';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type {
  GoodbyeReason,
  LiveAlarm,
  LiveClientEvents,
  LiveDelta,
  LiveServerEvents,
  LiveSnapshot,
  SubscribeAnswer,
  Subscription,
} from '../../api/contract/live.ts';
import type { NoticeWire } from '../../api/contract/users.ts';
import { latestAt, readLatestBlock } from '../../domain/latest-block.ts';

export type Reading = readonly [series: number, eventTime: number, value: number, quality: number];
const readingsIn = (block: ArrayBuffer | Uint8Array): Reading[] => {
  const columns = readLatestBlock(block);
  return Array.from({ length: columns.length }, (_, i) => latestAt(columns, i));
};

/** Waits for a condition, long enough for a busy machine, looking often enough to see it soon. */
export const soon = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 15_000, interval: 5 });

/** A screen as a program: keeps what it was sent, in order. */
export class LiveClient {
  readonly socket: Socket<LiveServerEvents, LiveClientEvents>;
  readonly frames: (
    | { readonly kind: 'snapshot'; readonly frame: LiveSnapshot; readonly readings: Reading[]; readonly at: number }
    | { readonly kind: 'delta'; readonly frame: LiveDelta; readonly readings: Reading[]; readonly at: number }
  )[] = [];
  readonly alarms: LiveAlarm[] = [];
  readonly notices: NoticeWire[] = [];
  readonly goodbyes: GoodbyeReason[] = [];
  assetsChanged = 0;
  rulesChanged = 0;
  /** Newest value of each series as the screen shows it. */
  readonly values = new Map<number, number>();
  /** False: acknowledgements are held back, as a screen does that can't keep up. */
  keepsUp = true;
  readonly #owed: (() => void)[] = [];

  constructor(
    url: string,
    auth: { readonly cookie?: string | null; readonly apiKey?: string; readonly origin?: string } = {},
  ) {
    this.socket = io(`${url}/live`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      ...(auth.apiKey ? { auth: { apiKey: auth.apiKey } } : {}),
      extraHeaders: {
        ...(auth.cookie ? { cookie: auth.cookie } : {}),
        ...(auth.origin ? { origin: auth.origin } : {}),
      },
    });
    this.socket.on('snapshot', (frame, received) => {
      const readings = readingsIn(frame.readings);
      this.values.clear();
      for (const [series, , value] of readings) this.values.set(series, value);
      this.frames.push({ kind: 'snapshot', frame, readings, at: performance.now() });
      this.#done(received);
    });
    this.socket.on('delta', (frame, received) => {
      const readings = readingsIn(frame.readings);
      for (const [series, , value] of readings) this.values.set(series, value);
      this.frames.push({ kind: 'delta', frame, readings, at: performance.now() });
      this.#done(received);
    });
    this.socket.on('alarm', (alarm) => this.alarms.push(alarm));
    this.socket.on('notice', (notice) => this.notices.push(notice));
    this.socket.on('goodbye', (reason) => this.goodbyes.push(reason));
    this.socket.on('assetsChanged', () => this.assetsChanged++);
    this.socket.on('rulesChanged', () => this.rulesChanged++);
  }

  /** Resolves when connected; rejects with the server's word. */
  connected(): Promise<void> {
    if (this.socket.connected) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('connect_error', reject);
    });
  }

  subscribe(subscription: Subscription = { viewport: null, domains: null }): Promise<SubscribeAnswer> {
    return new Promise((resolve) => this.socket.emit('subscribe', subscription, resolve));
  }

  /** Waits until a snapshot has come after the first `after` frames. */
  async snapshot(after = 0): Promise<LiveSnapshot & { readonly list: Reading[] }> {
    return soon(() => {
      const found = this.frames.slice(after).find((one) => one.kind === 'snapshot');
      if (found?.kind !== 'snapshot') throw new Error('no snapshot yet');
      return { ...found.frame, list: found.readings };
    });
  }

  catchUp(): void {
    this.keepsUp = true;
    for (const received of this.#owed.splice(0)) received();
  }

  openAlarms(): readonly AlarmWire[] {
    const last = this.frames.findLast((one) => one.kind === 'snapshot');
    return last?.kind === 'snapshot' ? last.frame.alarms : [];
  }

  close(): void {
    this.socket.close();
  }

  #done(received?: () => void): void {
    if (!received) return;
    if (this.keepsUp) received();
    else this.#owed.push(received);
  }
}
