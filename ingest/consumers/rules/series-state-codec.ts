import type { RuleId } from '../../../domain/identifiers.ts';
import { ReadingWindow, WINDOW_READINGS_MAX } from '../../../domain/reading-window.ts';
import type { ConditionState } from '../../../domain/rule-evaluation.ts';
import type { LateSpan } from './series-table.ts';

/** What is kept of one series between runs. */
export interface SeriesState {
  readonly judgedThrough: number;
  readonly newest: number;
  readonly newestValue: number;
  readonly newestQuality: number;
  readonly heardAt: number;
  readonly late: Pick<LateSpan, 'from' | 'to' | 'seenAt'> | null;
  /** Rules whose state is not the initial one. */
  readonly rules: readonly KeptRuleState[];
}
export interface KeptRuleState {
  readonly ruleId: RuleId;
  readonly fingerprint: number;
  readonly state: ConditionState;
}

const VERSION = 1;
const HAS_LATE = 1;
const SUSPECT = 1;
const INSIDE = 2;
const WORST = 4;
/** In place of the number of readings: a rule without a window. */
const NO_WINDOW = 0xffff;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * Layout, little-endian: version u8, flags u8, judged through f64, newest f64, its value f64, its quality u8, heard f64, [late from, to,
 * seen f64]; then for each rule not in its initial state: length of its id u8, id, fingerprint u32, level in force + 1 u8, flags u8, levels u8,
 * bit set of breached levels u8, [inside since f64], [worst value f64], breached since f64 each, readings of the window u16, (time,
 * value) f64 each. 35 bytes when nothing is going on.
 */
export class SeriesStateEncoder {
  #view = new DataView(new ArrayBuffer(1024));
  #at = 0;

  encode(series: SeriesState): Uint8Array {
    this.#at = 0;
    this.#u8(VERSION);
    this.#u8(series.late === null ? 0 : HAS_LATE);
    this.#f64(series.judgedThrough);
    this.#f64(series.newest);
    this.#f64(series.newestValue);
    this.#u8(series.newestQuality);
    this.#f64(series.heardAt);
    if (series.late !== null) {
      this.#f64(series.late.from);
      this.#f64(series.late.to);
      this.#f64(series.late.seenAt);
    }
    for (const rule of series.rules) this.#rule(rule);
    return new Uint8Array(this.#view.buffer.slice(0, this.#at));
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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const u8 = () => view.getUint8(at++);
  const f64 = () => {
    at += 8;
    return view.getFloat64(at - 8, true);
  };
  const version = u8();
  if (version !== VERSION) throw new RangeError(`series state of version ${version}`);
  const flags = u8();
  const head = { judgedThrough: f64(), newest: f64(), newestValue: f64(), newestQuality: u8(), heardAt: f64() };
  const late = flags & HAS_LATE ? { from: f64(), to: f64(), seenAt: f64() } : null;
  const rules: KeptRuleState[] = [];
  while (at < bytes.length) {
    const idLength = u8();
    const ruleId = text.decode(bytes.subarray(at, at + idLength)) as RuleId;
    at += idLength;
    const fingerprint = view.getUint32(at, true);
    at += 4;
    const active = u8() - 1;
    const bits = u8();
    const levels = u8();
    const breached = u8();
    const insideSince = bits & INSIDE ? f64() : Number.NaN;
    const worstValue = bits & WORST ? f64() : Number.NaN;
    const breachedSince = new Float64Array(levels).map((_, i) => (breached & (1 << i) ? f64() : Number.NaN));
    const readings = view.getUint16(at, true);
    at += 2;
    const windowless = readings === NO_WINDOW;
    if (!windowless && readings > WINDOW_READINGS_MAX) throw new RangeError(`window of ${readings} readings`);
    const recent = windowless ? null : ReadingWindow.from(Array.from({ length: readings * 2 }, f64));
    const quiet = active < 0 && breached === 0;
    const state = { quiet, active, breachedSince, insideSince, worstValue, suspect: (bits & SUSPECT) !== 0, recent };
    rules.push({ ruleId, fingerprint, state });
  }
  return { ...head, late, rules };
}
