import type { Socket } from 'socket.io';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Proof } from '../auth/authenticate.ts';
import type { Scope } from '../city/scopes.ts';
import type { AlarmWire } from '../contract/alarms.ts';
import type { GoodbyeReason, LiveClientEvents, LiveDelta, LiveServerEvents, LiveSnapshot } from '../contract/live.ts';
import type { ApiLimits } from '../ports.ts';
import type { Selection } from './frames.ts';

/** Nothing travels between servers by socket.io itself. */
export type NoEvents = Record<never, never>;
export type LiveSocket = Socket<LiveClientEvents, LiveServerEvents, NoEvents, { subscriber?: Subscriber }>;

/** What a snapshot holds besides its numbers. */
export type SnapshotContent = Omit<LiveSnapshot, 'seq' | 'alarmSeq' | 'at'>;
/** What changed since the frame before, for one connection. */
export type DeltaContent = Omit<LiveDelta, 'seq' | 'at'>;

/**
 * One live connection. However slow it is, all that is kept for it is a handful of numbers: up to which frame it has been sent,
 * and how much it has not yet drained. What it owes is worked out from those when its line is free.
 */
export class Subscriber {
  readonly socket: LiveSocket;
  readonly proof: Proof;
  /** Rights when it connected; a change of them ends the connection. */
  scope: Scope;
  readonly seesAlarms: boolean;
  selection: Selection | null = null;
  acknowledges = false;
  wantsStates = false;
  /** It is to have all it has selected, however large the city. */
  selectsAlways = true;
  /** Series it named, where the city is too large to be sent whole; `null`: it gets all it has selected. */
  wanted: readonly number[] | null = null;
  needsSnapshot = false;
  /** Last frame of the table it has been sent. */
  sentFrame = 0;
  lastSentAt = 0 as EpochMs;
  readonly #limits: ApiLimits;
  #seq = 0;
  #alarmSeq = 0;
  #unacknowledged = 0;
  #alarmsUndrained = 0;
  /** Rises with every snapshot: acknowledgements of frames before it no longer count. */
  #generation = 0;

  constructor(socket: LiveSocket, proof: Proof, scope: Scope, seesAlarms: boolean, limits: ApiLimits) {
    this.socket = socket;
    this.proof = proof;
    this.scope = scope;
    this.seesAlarms = seesAlarms;
    this.#limits = limits;
  }

  /**
   * True when what was sent before has left for the network, and been worked through if the client says so. `writable` goes false with every
   * send and true again when the bytes are with the system: a line that doesn't drain stays false.
   */
  get isReady(): boolean {
    return (
      this.socket.conn.transport.writable &&
      (!this.acknowledges || this.#unacknowledged < this.#limits.liveFramesUnacknowledged)
    );
  }

  sendSnapshot(at: EpochMs, frame: number, content: SnapshotContent): void {
    this.needsSnapshot = false;
    this.#alarmsUndrained = 0;
    this.#generation++;
    this.#unacknowledged = 0;
    this.#sent(at, frame);
    const snapshot = { seq: ++this.#seq, alarmSeq: this.#alarmSeq, at, ...content };
    if (this.acknowledges) this.socket.emit('snapshot', snapshot, this.#received());
    else this.socket.emit('snapshot', snapshot);
  }

  sendDelta(at: EpochMs, frame: number, content: DeltaContent): void {
    this.#sent(at, frame);
    const delta = { seq: ++this.#seq, at, ...content };
    if (this.acknowledges) this.socket.emit('delta', delta, this.#received());
    else this.socket.emit('delta', delta);
  }

  /** At once; a line with too much undrained gets a snapshot later instead, so that nothing piles up. False when that happened. */
  sendAlarm(at: EpochMs, alarm: AlarmWire): boolean {
    // A snapshot that is owed will hold it.
    if (this.selection === null || this.needsSnapshot) return true;
    if (this.socket.conn.transport.writable) this.#alarmsUndrained = 0;
    if (++this.#alarmsUndrained > this.#limits.liveAlarmsUndrained) {
      this.needsSnapshot = true;
      return false;
    }
    this.socket.emit('alarm', { alarmSeq: ++this.#alarmSeq, at, alarm });
    return true;
  }

  dismiss(reason: GoodbyeReason): void {
    this.socket.emit('goodbye', reason);
    this.socket.disconnect(true);
  }

  #sent(at: EpochMs, frame: number): void {
    this.lastSentAt = at;
    this.sentFrame = frame;
  }

  #received(): () => void {
    const generation = this.#generation;
    this.#unacknowledged++;
    return () => {
      if (generation === this.#generation && this.#unacknowledged > 0) this.#unacknowledged--;
    };
  }
}

/** Devices that changed, by frame: the same trick as for readings, with objects, since few change. */
export class DeviceChanges {
  readonly #changedIn = new Map<DeviceId, number>();

  note(id: DeviceId, frame: number): void {
    // Moved to the end: the map stays ordered by frame.
    this.#changedIn.delete(id);
    this.#changedIn.set(id, frame);
  }

  /** Those noted after frame `since`. */
  since(since: number): DeviceId[] {
    const found: DeviceId[] = [];
    for (const [id, frame] of [...this.#changedIn].reverse()) {
      if (frame <= since) break;
      found.push(id);
    }
    return found;
  }

  /** Forgets what every client has been sent. */
  forgetUpTo(frame: number): void {
    for (const [id, changedIn] of this.#changedIn) {
      if (changedIn > frame) break;
      this.#changedIn.delete(id);
    }
  }
}
