import { err, ok, type Result } from '../../domain/result.ts';
import { channelOf, type DecodeFormat, type DecodeServices } from './frame.ts';
import { type Carried, type Decoded, emptyDecoded, problem, refused } from './measurement.ts';

export type FieldValue =
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'integer' | 'uinteger'; readonly value: bigint }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string };

/** One point of InfluxDB's line protocol. */
export interface LinePoint {
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, FieldValue>;
  /** As it came, in the precision the request gives. */
  readonly timestamp: bigint | null;
}

/** Nanoseconds in a unit of the write request's `precision`, in the spellings of InfluxDB 1.x and 2.x. */
export const PRECISION_NS = {
  ns: 1n,
  n: 1n,
  us: 1_000n,
  u: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
} as const;
export type Precision = keyof typeof PRECISION_NS;
export const isPrecision = (text: string): text is Precision => Object.hasOwn(PRECISION_NS, text);

/** Tags that name the device a point is of; by any other tag the point is the sender's own. */
const DEVICE_TAGS = ['device', 'device_id', 'dev_eui', 'serial'] as const;

/**
 * Points in line protocol, by `POST /write` or `/api/v2/write`, or by MQTT. A field is the channel `measurement.field`, or `field`; one called
 * `value` may also be the channel `measurement`.
 */
export const openLineProtocol = ({ limits, carriedBy }: DecodeServices): DecodeFormat => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return function decodeLineProtocol(frame) {
    const precision = /[?&]precision=([a-z]+)/.exec(frame.topic)?.[1] ?? 'ns';
    if (!isPrecision(precision)) return refused('TIMESTAMP_INVALID', `there is no precision ${precision}`);
    let text: string;
    try {
      text = decoder.decode(frame.bytes);
    } catch {
      return refused('MALFORMED', 'the text is not UTF-8');
    }
    const own = emptyDecoded();
    const others = new Map<string, Carried>();
    let [items, index] = [0, -1];
    for (const read of linesOf(text)) {
      index++;
      if (!read.ok) {
        own.problems.push(problem(index, null, 'MALFORMED', read.error));
        if (++items > limits.maximumItems) return tooMany(limits.maximumItems);
        continue;
      }
      const { measurement, tags, fields, timestamp } = read.value;
      const named = DEVICE_TAGS.map((tag) => tags.get(tag)).find((name) => name !== undefined);
      const device = named === undefined ? frame.device : carriedBy(frame.device, named);
      if (!device) {
        own.problems.push(problem(index, null, 'UNKNOWN_DEVICE', named ?? ''));
        if (++items > limits.maximumItems) return tooMany(limits.maximumItems);
        continue;
      }
      let decoded: Decoded = own;
      if (device.deviceId !== frame.device.deviceId) {
        const cargo = others.get(device.deviceId) ?? { device, decoded: emptyDecoded() };
        others.set(device.deviceId, cargo);
        decoded = cargo.decoded;
      }
      const deviceTime = timestamp === null ? null : Number((timestamp * PRECISION_NS[precision]) / 1_000_000n);
      for (const [field, value] of fields) {
        if (++items > limits.maximumItems) return tooMany(limits.maximumItems);
        const names = [`${measurement}.${field}`, field, ...(field === 'value' ? [measurement] : [])];
        const channel = channelOf(device, ...names);
        if (value.type === 'string') decoded.problems.push(problem(index, channel, 'VALUE_NOT_NUMERIC', 'text'));
        else decoded.measurements.push({ index, channel, value: Number(value.value), deviceTime, status: 'ok' });
      }
    }
    if (index < 0) return refused('MALFORMED', 'there are no points');
    return { ...own, carried: [...others.values()] };
  };
};

/** What goes beyond the limit is refused whole: half a batch would look like a whole one. */
const tooMany = (limit: number): Decoded => refused('TOO_MANY_ITEMS', `more than ${limit} values`);

/** Points of a text in order; a line that can't be read says why, and the next begins after its end. Comments and blank lines are passed. */
export function* linesOf(text: string): Generator<Result<LinePoint, string>> {
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    const rest = end < 0 ? text.length : end;
    if (text[at] === '#' || text.slice(at, rest).trim() === '') {
      at = rest + 1;
      continue;
    }
    const reader = new LineReader(text, at);
    const point = reader.point();
    yield point;
    // Only text in quotes may hold line ends; after a fault the next line is the next in the text.
    at = point.ok ? reader.at + 1 : rest + 1;
  }
}

/** Reads one point from `at`; afterwards `at` is at its line's end. */
class LineReader {
  readonly #text: string;
  at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  point(): Result<LinePoint, string> {
    const measurement = this.#name(', ');
    if (measurement === '') return err('the measurement is missing');
    const tags = new Map<string, string>();
    while (this.#passes(',')) {
      const key = this.#name(',= ');
      if (key === '' || !this.#passes('=')) return err('a tag has no key or no value');
      const value = this.#name(',= ');
      if (value === '') return err('a tag value is empty');
      tags.set(key, value);
    }
    if (!this.#passes(' ')) return err('the fields are missing');
    this.#skipSpaces();
    const fields = new Map<string, FieldValue>();
    do {
      const key = this.#name(',= ');
      if (key === '') return err('a field has no key');
      if (!this.#passes('=')) return err('a field has no value');
      const value = this.#value();
      if (!value.ok) return value;
      fields.set(key, value.value);
    } while (this.#passes(','));
    const reserved = [measurement, ...tags.keys(), ...fields.keys()].find((name) => name.startsWith('_'));
    if (reserved !== undefined) return err(`names that start with _ are reserved: ${reserved}`);
    let timestamp: bigint | null = null;
    if (this.#passes(' ')) {
      this.#skipSpaces();
      const word = this.#word();
      if (word !== '') {
        if (!/^-?\d{1,19}$/.test(word) || BigInt.asIntN(64, BigInt(word)) !== BigInt(word))
          return err('the timestamp is not an integer of 64 bits');
        timestamp = BigInt(word);
        this.#skipSpaces();
      }
    }
    if (!this.#atEnd()) return err('there is more after the point');
    return ok({ measurement, tags, fields, timestamp });
  }

  /** Up to one of `ends`; a backslash before one of them takes it literally, elsewhere it stands for itself. */
  #name(ends: string): string {
    let name = '';
    let from = this.at;
    for (; !this.#atEnd(); this.at++) {
      const character = this.#text[this.at]!;
      const next = this.#text[this.at + 1];
      if (character === '\\' && next !== undefined && ends.includes(next)) {
        name += this.#text.slice(from, this.at);
        from = ++this.at;
      } else if (ends.includes(character)) break;
    }
    return name + this.#text.slice(from, this.at);
  }

  #value(): Result<FieldValue, string> {
    if (this.#text[this.at] === '"') return this.#quoted();
    const word = this.#word(',');
    if (word === '') return err('a field value is missing');
    if (/^(t|T|true|True|TRUE)$/.test(word)) return ok({ type: 'boolean', value: true });
    if (/^(f|F|false|False|FALSE)$/.test(word)) return ok({ type: 'boolean', value: false });
    const whole = /^(-?\d{1,20})([iu])$/.exec(word);
    if (whole) {
      const value = BigInt(whole[1]!);
      if (whole[2] === 'i')
        return BigInt.asIntN(64, value) === value ? ok({ type: 'integer', value }) : err('an integer is out of range');
      return BigInt.asUintN(64, value) === value
        ? ok({ type: 'uinteger', value })
        : err('an unsigned integer is out of range');
    }
    const value = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(word) ? Number(word) : Number.NaN;
    return Number.isFinite(value) ? ok({ type: 'float', value }) : err(`${word.slice(0, 40)} is no field value`);
  }

  #quoted(): Result<FieldValue, string> {
    let value = '';
    let from = ++this.at;
    for (; this.at < this.#text.length; this.at++) {
      const character = this.#text[this.at]!;
      if (character === '"') {
        value += this.#text.slice(from, this.at++);
        return ok({ type: 'string', value });
      }
      const next = this.#text[this.at + 1];
      if (character === '\\' && (next === '"' || next === '\\')) {
        value += this.#text.slice(from, this.at);
        from = ++this.at;
      }
    }
    return err('a text has no closing quote');
  }

  /** Up to a space, one of `ends`, or the line's end. */
  #word(ends = ''): string {
    const from = this.at;
    while (!this.#atEnd() && this.#text[this.at] !== ' ' && !ends.includes(this.#text[this.at]!)) this.at++;
    return this.#text.slice(from, this.at);
  }

  #passes(character: string): boolean {
    if (this.#text[this.at] !== character) return false;
    this.at++;
    return true;
  }
  #skipSpaces(): void {
    while (this.#text[this.at] === ' ') this.at++;
  }
  /** The end of the line; a carriage return before it belongs to it. */
  #atEnd(): boolean {
    const character = this.#text[this.at];
    return (
      character === undefined ||
      character === '\n' ||
      (character === '\r' && (this.#text[this.at + 1] ?? '\n') === '\n')
    );
  }
}
