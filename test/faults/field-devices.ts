import { connect, type Socket } from 'node:net';
import { generate, parser } from 'mqtt-packet';
import { tokenOf } from '../ingest/platform-parts.ts';
import type { PlatformProcess } from './platform-process.ts';

/** One value of one device, until it is acknowledged. */
interface Measured {
  readonly ts: number;
  readonly value: number;
  /** Told once, when it is acknowledged. */
  readonly onAcknowledged: (ts: number) => void;
  /** Its device's clock was wrong. */
  readonly isMisdated: boolean;
  isSent: boolean;
}

/** Unacknowledged messages on one connection at the most. */
const WINDOW = 20;
const RECONNECT_MS = 250;
/** One whose acknowledgement has not come by then is sent again, on another connection. */
const ACKNOWLEDGED_WITHIN_MS = 20_000;
const SLOW_MS = 1_000;
const CONNECT_WITHIN_MS = 5_000;
const PACE_MS = 20;

/** What devices saw since {@link FieldDevices.beginPhase}. */
export interface SeenByDevices {
  /** Acknowledged values: `device@time` → value. */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** The same of those that were measured under a wrong clock. */
  readonly misdated: ReadonlyMap<string, number>;
  /** Of those that waited for longer than a second, from being measured to being acknowledged. */
  readonly slow: number;
  readonly longestWaitMs: number;
  /** Messages that were sent again on another connection. */
  readonly sentAgain: number;
}

/**
 * Devices as they should be: each keeps what it has measured until it is acknowledged, in order, and sends it again on its next connection, to whichever
 * gateway takes it.
 */
export class FieldDevices {
  readonly #devices: readonly FieldDevice[];
  readonly #perSecond: number;
  /** The newest acknowledged value of each device. */
  readonly newest = new Map<string, { readonly ts: number; readonly value: number }>();
  readonly #resting = new Set<string>();
  #pacer: NodeJS.Timeout | undefined;
  #phase = nothingSeen();

  /** `perSecond`: values of all together while they measure. `gateways`: those that take connections now. */
  constructor(ids: readonly string[], perSecond: number, gateways: () => readonly PlatformProcess[]) {
    this.#perSecond = perSecond;
    this.#devices = ids.map(
      (id, n) =>
        new FieldDevice(id, {
          gateway: (attempt) => {
            const all = gateways();
            return all[(n + attempt) % all.length];
          },
          onAcknowledged: ({ ts, value, isMisdated }) => {
            if (isMisdated) {
              this.#phase.misdated.set(`${id}@${ts}`, value);
              return;
            }
            const waited = Date.now() - ts;
            this.#phase.acknowledged.set(`${id}@${ts}`, value);
            if (ts > (this.newest.get(id)?.ts ?? 0)) this.newest.set(id, { ts, value });
            if (waited > SLOW_MS) this.#phase.slow++;
            this.#phase.longestWaitMs = Math.max(this.#phase.longestWaitMs, waited);
          },
          onSentAgain: () => this.#phase.sentAgain++,
        }),
    );
  }

  /** Counts anew. */
  beginPhase(): void {
    this.#phase = nothingSeen();
  }
  get seen(): SeenByDevices {
    return this.#phase;
  }
  /** Measured and not yet acknowledged. */
  get waiting(): number {
    return this.#devices.reduce((sum, device) => sum + device.waiting, 0);
  }

  /** Whether something measured under a wrong clock is not yet acknowledged. */
  get isMisdatedWaiting(): boolean {
    return this.#devices.some(({ isMisdatedWaiting }) => isMisdatedWaiting);
  }

  connect(): void {
    for (const device of this.#devices) device.connect();
  }
  /** Each in its turn measures at the steady pace, until {@link pause}. */
  measure(): void {
    let due = 0;
    let turn = 0;
    let last = performance.now();
    this.#pacer = setInterval(() => {
      const now = performance.now();
      due += ((now - last) * this.#perSecond) / 1_000;
      last = now;
      for (; due >= 1; due--) {
        const ts = Date.now();
        const device = this.#devices[turn++ % this.#devices.length]!;
        if (!this.#resting.has(device.id)) device.measure(ts, 10 + (ts % 400) / 10);
      }
    }, PACE_MS);
  }
  pause(): void {
    clearInterval(this.#pacer);
  }
  /** One value of one device, measured now, beside the steady ones; `onAcknowledged` is told its time. */
  say(device: string, value: number, onAcknowledged: (ts: number) => void = () => {}): void {
    this.#devices.find(({ id }) => id === device)!.measure(Date.now(), value, onAcknowledged);
  }
  /** A device that rests measures nothing but what it is to {@link say}. */
  rest(device: string, isResting: boolean): void {
    if (isResting) this.#resting.add(device);
    else this.#resting.delete(device);
  }
  /** What the device's clock says when it is `now`, from here on; absent: the time. */
  setClock(device: string, says?: (now: number) => number): void {
    this.#devices.find(({ id }) => id === device)!.setClock(says);
  }
  close(): void {
    this.pause();
    for (const device of this.#devices) device.close();
  }
}

const nothingSeen = () => ({
  acknowledged: new Map<string, number>(),
  misdated: new Map<string, number>(),
  slow: 0,
  longestWaitMs: 0,
  sentAgain: 0,
});

interface FieldDeviceOptions {
  /** Where the next connection is tried. */
  readonly gateway: (attempt: number) => PlatformProcess | undefined;
  readonly onAcknowledged: (measured: Measured) => void;
  readonly onSentAgain: () => void;
}

class FieldDevice {
  readonly id: string;
  readonly #options: FieldDeviceOptions;
  /** In order; those on their way first. */
  #kept: Measured[] = [];
  /** On their way on this connection, by packet id. */
  readonly #sent = new Map<number, { readonly measured: Measured; readonly at: number }>();
  #socket: Socket | null = null;
  #isOpen = false;
  #isClosed = false;
  #attempt = 0;
  #packet = 0;
  #last = 0;
  #clock: ((now: number) => number) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(id: string, options: FieldDeviceOptions) {
    this.id = id;
    this.#options = options;
  }

  get waiting(): number {
    return this.#kept.length;
  }
  get isMisdatedWaiting(): boolean {
    return this.#kept.some(({ isMisdated }) => isMisdated);
  }

  setClock(says?: (now: number) => number): void {
    this.#clock = says;
    this.#last = 0;
  }
  /** A moment that was given before becomes the next one: each value of a device has a time of its own. */
  measure(now: number, value: number, onAcknowledged: (ts: number) => void = () => {}): void {
    this.#last = Math.max(this.#clock?.(now) ?? now, this.#last + 1);
    this.#kept.push({ ts: this.#last, value, onAcknowledged, isMisdated: this.#clock !== undefined, isSent: false });
    this.#fill();
  }

  connect(): void {
    const gateway = this.#options.gateway(this.#attempt);
    if (gateway === undefined) {
      this.#later();
      return;
    }
    const reader = parser({ protocolVersion: 4 });
    const socket = connect(gateway.mqttPort, '127.0.0.1').setNoDelay(true);
    this.#socket = socket;
    const patience = setTimeout(() => socket.destroy(), CONNECT_WITHIN_MS);
    const watch = setInterval(() => {
      const [oldest] = this.#sent.values();
      if (oldest && performance.now() - oldest.at > ACKNOWLEDGED_WITHIN_MS) socket.destroy();
    }, 1_000);
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(patience);
      clearInterval(watch);
      this.#isOpen = false;
      for (const _ of this.#sent) this.#options.onSentAgain();
      this.#sent.clear();
      for (const one of this.#kept) one.isSent = false;
      this.#attempt++;
      this.#later();
    });
    reader.on('packet', (packet) => {
      if (packet.cmd === 'connack') {
        clearTimeout(patience);
        this.#isOpen = packet.returnCode === 0;
        if (this.#isOpen) this.#fill();
        else socket.destroy();
      } else if (packet.cmd === 'puback') this.#acknowledged(packet.messageId ?? 0);
    });
    socket.on('data', (bytes) => reader.parse(bytes));
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        keepalive: 0,
        clientId: this.id,
        username: this.id,
        password: Buffer.from(tokenOf(this.id)),
      }),
    );
  }
  #later(): void {
    if (!this.#isClosed) this.#timer = setTimeout(() => this.connect(), RECONNECT_MS * (0.5 + Math.random()));
  }

  #fill(): void {
    if (!this.#isOpen || this.#sent.size >= WINDOW) return;
    for (const measured of this.#kept) {
      if (this.#sent.size >= WINDOW) return;
      if (measured.isSent) continue;
      measured.isSent = true;
      this.#packet = (this.#packet % 65_535) + 1;
      this.#sent.set(this.#packet, { measured, at: performance.now() });
      this.#socket?.write(
        generate({
          cmd: 'publish',
          topic: `hd/v1/${this.id}/telemetry`,
          payload: `{"ts":${measured.ts},"values":{"pm2_5":${measured.value}}}`,
          qos: 1,
          messageId: this.#packet,
          dup: false,
          retain: false,
        }),
      );
    }
  }
  #acknowledged(packet: number): void {
    const sent = this.#sent.get(packet);
    if (sent === undefined) return;
    this.#sent.delete(packet);
    const at = this.#kept.indexOf(sent.measured);
    this.#kept.splice(at, 1);
    sent.measured.onAcknowledged(sent.measured.ts);
    this.#options.onAcknowledged(sent.measured);
    this.#fill();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }
}
