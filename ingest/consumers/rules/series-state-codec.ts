import type { RuleId } from '../../../domain/identifiers.ts';
import { ReadingWindow, WINDOW_READINGS_MAX } from '../../../domain/reading-window.ts';
import { RECENT_READINGS_MAX, RecentReadings } from '../../../domain/recent-readings.ts';
import type { ConditionState } from '../../../domain/rule-evaluation.ts';
import type { LateSpan } from './series-table.ts';

/** What is kept of one series between runs. */
export interface SeriesState {
  readonly judgedThrough: number;
  readonly newest: number;
  readonly newestValue: number;
  readonly newestQuality: number;
  readonly heardAt: number;
  readonly late: KeptSpan | null;
  /** Latest readings, of a series that is put together with others. */
  readonly recent: RecentReadings | null;
  /** Rules whose state is not the initial one. */
  readonly rules: readonly KeptRuleState[];
}
type KeptSpan = Pick<LateSpan, 'from' | 'to' | 'seenAt'>;

/** What is kept of a rule over several series. */
export interface JointState {
  readonly steppedTo: number;
  readonly judgedThrough: number;
  readonly late: KeptSpan | null;
  readonly rule: KeptRuleState;
}
export interface KeptRuleState {
  readonly ruleId: RuleId;
  readonly fingerprint: number;
  readonly state: ConditionState;
}

const VERSION = 1;
const HAS_LATE = 1;
const HAS_RECENT = 2;
const SUSPECT = 1;
const INSIDE = 2;
const WORST = 4;
/** In place of the number of readings: a rule without a window. */
const NO_WINDOW = 0xffff;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * Layout, little-endian: version u8, flags u8, judged through f64, newest f64, its value f64, its quality u8, heard f64, [late from, to,
 * seen f64], [latest readings u16, (time, value) f64 each and quality u8]; then for each rule not in its initial state: length of its id u8, id, fingerprint u32, level in force + 1 u8, flags u8, levels u8,
 * bit set of breached levels u8, [inside since f64], [worst value f64], breached since f64 each, readings of the window u16, (time,
 * value) f64 each. 35 bytes when nothing is going on.
 */
export class SeriesStateEncoder {
  #view = new DataView(new ArrayBuffer(1024));
  #at = 0;

  encode(series: SeriesState): Uint8Array {
    this.#at = 0;
    this.#u8(VERSION);
    this.#u8((series.late === null ? 0 : HAS_LATE) | (series.recent === null ? 0 : HAS_RECENT));
    this.#f64(series.judgedThrough);
    this.#f64(series.newest);
    this.#f64(series.newestValue);
    this.#u8(series.newestQuality);
    this.#f64(series.heardAt);
    this.#span(series.late);
    if (series.recent !== null) {
      const { recent } = series;
      this.#u16(recent.length);
      recent.forEach((at, value, quality) => {
        this.#f64(at);
        this.#f64(value);
        this.#u8(quality);
      });
    }
    for (const rule of series.rules) this.#rule(rule);
    return new Uint8Array(this.#view.buffer.slice(0, this.#at));
  }

  /** Layout: version u8, flags u8, stepped to f64, judged through f64, [late from, to, seen f64]; then the rule as of a series. */
  encodeJoint(joint: JointState): Uint8Array {
    this.#at = 0;
    this.#u8(VERSION);
    this.#u8(joint.late === null ? 0 : HAS_LATE);
    this.#f64(joint.steppedTo);
    this.#f64(joint.judgedThrough);
    this.#span(joint.late);
    this.#rule(joint.rule);
    return new Uint8Array(this.#view.buffer.slice(0, this.#at));
  }

  #span(late: KeptSpan | null): void {
    if (late === null) return;
    this.#f64(late.from);
    this.#f64(late.to);
    this.#f64(late.seenAt);
  }

  #rule({ ruleId, fingerprint, state }: KeptRuleState): void {
    const id = utf8.encode(ruleId);
    if (id.length > 255) throw new RangeError(`rule id of ${id.length} bytes`);
    this.#u8(id.length);
    for (const byte of id) this.#u8(byte);
    this.#u32(fingerprint);
    this.#u8(state.active + 1);
    const inside = !Number.isNaN(state.insideSince);
    const worst = !Number.isNaN(state.worstValue);
    this.#u8((state.suspect ? SUSPECT : 0) | (inside ? INSIDE : 0) | (worst ? WORST : 0));
    let breached = 0;
    state.breachedSince.forEach((since, i) => {
      if (!Number.isNaN(since)) breached |= 1 << i;
    });
    this.#u8(state.breachedSince.length);
    this.#u8(breached);
    if (inside) this.#f64(state.insideSince);
    if (worst) this.#f64(state.worstValue);
    for (const since of state.breachedSince) if (!Number.isNaN(since)) this.#f64(since);
    const recent = state.recent?.toArray() ?? [];
    this.#u16(state.recent === null ? NO_WINDOW : recent.length / 2);
    for (const part of recent) this.#f64(part);
  }

  #room(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#view.byteLength) {
      const grown = new Uint8Array(this.#view.byteLength * 2);
      grown.set(new Uint8Array(this.#view.buffer));
      this.#view = new DataView(grown.buffer);
    }
    this.#at = at + bytes;
    return at;
  }
  #u8(n: number): void {
    const at = this.#room(1);
    this.#view.setUint8(at, n);
  }
  #u16(n: number): void {
    const at = this.#room(2);
    this.#view.setUint16(at, n, true);
  }
  #u32(n: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, n, true);
  }
  #f64(n: number): void {
    const at = this.#room(8);
    this.#view.setFloat64(at, n, true);
  }
}

/** @throws {RangeError} when the bytes are not such a state: the series then begins anew. */
export function decodeSeriesState(bytes: Uint8Array): SeriesState {
  const reader = new StateReader(bytes);
  const flags = reader.flags();
  const head = {
    judgedThrough: reader.f64(),
    newest: reader.f64(),
    newestValue: reader.f64(),
    newestQuality: reader.u8(),
    heardAt: reader.f64(),
  };
  const late = reader.span(flags);
  const recent = flags & HAS_RECENT ? reader.recent() : null;
  const rules: KeptRuleState[] = [];
  while (!reader.atEnd) rules.push(reader.rule());
  return { ...head, late, recent, rules };
}

/** @throws {RangeError} as above */
export function decodeJointState(bytes: Uint8Array): JointState {
  const reader = new StateReader(bytes);
  const flags = reader.flags();
  return { steppedTo: reader.f64(), judgedThrough: reader.f64(), late: reader.span(flags), rule: reader.rule() };
}

class StateReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }
  u8(): number {
    return this.#view.getUint8(this.#at++);
  }
  f64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }
  #u16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2, true);
  }

  flags(): number {
    const version = this.u8();
    if (version !== VERSION) throw new RangeError(`state of version ${version}`);
    return this.u8();
  }

  span(flags: number): KeptSpan | null {
    return flags & HAS_LATE ? { from: this.f64(), to: this.f64(), seenAt: this.f64() } : null;
  }

  recent(): RecentReadings {
    const readings = this.#u16();
    if (readings > RECENT_READINGS_MAX) throw new RangeError(`${readings} latest readings`);
    const recent = new RecentReadings();
    for (let i = 0; i < readings; i++) recent.put(this.f64(), this.f64(), this.u8(), Number.NEGATIVE_INFINITY);
    return recent;
  }

  rule(): KeptRuleState {
    const idLength = this.u8();
    const ruleId = text.decode(this.#bytes.subarray(this.#at, this.#at + idLength)) as RuleId;
    this.#at += idLength;
    const fingerprint = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    const active = this.u8() - 1;
    const bits = this.u8();
    const levels = this.u8();
    const breached = this.u8();
    const insideSince = bits & INSIDE ? this.f64() : Number.NaN;
    const worstValue = bits & WORST ? this.f64() : Number.NaN;
    const breachedSince = new Float64Array(levels).map((_, i) => (breached & (1 << i) ? this.f64() : Number.NaN));
    const readings = this.#u16();
    const windowless = readings === NO_WINDOW;
    if (!windowless && readings > WINDOW_READINGS_MAX) throw new RangeError(`window of ${readings} readings`);
    const recent = windowless ? null : ReadingWindow.from(Array.from({ length: readings * 2 }, () => this.f64()));
    const quiet = active < 0 && breached === 0;
    const state = { quiet, active, breachedSince, insideSince, worstValue, suspect: (bits & SUSPECT) !== 0, recent };
    return { ruleId, fingerprint, state };
  }
}
