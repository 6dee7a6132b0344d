import { channelOf, type DecodeServices, type Frame } from './frame.ts';
import { type Carried, type Decoded, emptyDecoded, problem, refused } from './measurement.ts';
import { ucumOfSenml } from './senml-units.ts';

/** One record of a pack under the labels of the JSON form, whichever form it came in. */
export type SenmlRecord = ReadonlyMap<string, unknown>;

/** A record without base fields: full name, absolute time, its one value [RFC 8428 §4.6]. */
export interface ResolvedRecord {
  /** Position in the pack as it came. */
  readonly index: number;
  readonly name: string;
  /** Unix seconds. */
  readonly time: number;
  /** Seconds from now where the time was given so (0: now, or not given); `null` for an absolute time. */
  readonly fromNow: number | null;
  readonly unit: string | null;
  /** `vs` text, `vd` data as they came. `null`: the record has only a sum. */
  readonly value: number | boolean | string | Uint8Array | null;
  readonly sum: number | null;
}

export interface ResolvedPack {
  /** In order of time. */
  readonly records: readonly ResolvedRecord[];
  readonly problems: readonly { readonly index: number; readonly detail: string }[];
}

/** A pack no record of which may be used. */
export class SenmlPackError extends Error {
  override readonly name = 'SenmlPackError';
}

const VERSION = 10;
/** Times below 2^28 s are relative to now [RFC 8428 §4.5.3]. */
const ABSOLUTE_FROM_S = 2 ** 28;
/** [RFC 8428 §4.5.1] */
const NAME = /^[A-Za-z0-9][A-Za-z0-9\-:./_]*$/;
const LABELS = new Set('bn bt bu bv bs bver n u v vs vb vd s t ut'.split(' '));

/**
 * Resolves a pack's base fields. A record that can't be used is a problem of its own; what concerns all of them refuses the pack.
 * @param now Unix seconds.
 * @throws {SenmlPackError}
 */
export function resolveSenml(records: readonly SenmlRecord[], now: number): ResolvedPack {
  let base = {
    name: '',
    time: 0,
    unit: null as string | null,
    value: null as number | null,
    sum: null as number | null,
  };
  let version: number | null = null;
  const resolved: ResolvedRecord[] = [];
  const problems: { index: number; detail: string }[] = [];
  records.forEach((record, index) => {
    for (const label of record.keys())
      if (label.endsWith('_') && !LABELS.has(label))
        throw new SenmlPackError(`record ${index} has the label ${label}, which must be understood`);
    const baseNumber = (label: string, held: number | null): number | null => {
      const value = record.get(label) ?? held;
      if (value !== null && !isNumber(value)) throw new SenmlPackError(`${label} of record ${index} is not a number`);
      return value;
    };
    const baseText = (label: string, held: string | null): string | null => {
      const value = record.get(label) ?? held;
      if (value !== null && typeof value !== 'string')
        throw new SenmlPackError(`${label} of record ${index} is not text`);
      return value;
    };
    const stated = baseNumber('bver', null);
    if (stated !== null && (stated > VERSION || (version !== null && stated !== version)))
      throw new SenmlPackError(`version ${stated} is not supported, or not that of the records before`);
    version ??= stated;
    base = {
      name: baseText('bn', base.name) ?? '',
      time: baseNumber('bt', base.time) ?? 0,
      unit: baseText('bu', base.unit),
      value: baseNumber('bv', base.value),
      sum: baseNumber('bs', base.sum),
    };
    const one = resolveRecord(record, base, index, now);
    if (typeof one === 'string') problems.push({ index, detail: one });
    else if (one) resolved.push(one);
  });
  return { records: resolved.sort((a, b) => a.time - b.time), problems };
}

const isNumber = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x);

/** The record with the base fields in force; `null` for one that only sets them; text says what is wrong. */
function resolveRecord(
  record: SenmlRecord,
  base: {
    readonly name: string;
    readonly time: number;
    readonly unit: string | null;
    readonly value: number | null;
    readonly sum: number | null;
  },
  index: number,
  now: number,
): ResolvedRecord | string | null {
  const field = <T>(label: string, is: (x: unknown) => x is T): T | null | undefined => {
    const value = record.get(label);
    return value === undefined || value === null ? null : is(value) ? value : undefined;
  };
  const isText = (x: unknown): x is string => typeof x === 'string';
  const [n, u, t] = [field('n', isText), field('u', isText), field('t', isNumber)];
  if (n === undefined || u === undefined || t === undefined) return 'n and u are text, t is a number';
  const [v, s] = [field('v', isNumber), field('s', isNumber)];
  if (v === undefined || s === undefined) return 'v and s are finite numbers';
  const others = [
    field('vs', isText),
    field('vb', (x): x is boolean => typeof x === 'boolean'),
    field('vd', (x): x is string | Uint8Array => typeof x === 'string' || x instanceof Uint8Array),
  ];
  if (others.includes(undefined)) return 'vs is text, vb true or false, vd data';
  const other = others.filter((x) => x !== null);
  if (other.length + (v === null ? 0 : 1) > 1) return 'there is more than one value';
  const name = base.name + (n ?? '');
  const number = other.length > 0 || (v === null && base.value === null) ? null : (base.value ?? 0) + (v ?? 0);
  const sum = s === null && base.sum === null ? null : (base.sum ?? 0) + (s ?? 0);
  const value = other[0] ?? number;
  if (value === null && sum === null) {
    // A record may do no more than set base fields for those after it.
    if (n === null && u === null && t === null && [...record.keys()].some((label) => label.startsWith('b')))
      return null;
    return 'there is neither a value nor a sum';
  }
  if (!NAME.test(name)) return name === '' ? 'the name is empty' : 'the name has characters that are not allowed';
  const time = base.time + (t ?? 0);
  const fromNow = time < ABSOLUTE_FROM_S ? time : null;
  return {
    index,
    name,
    time: fromNow === null ? time : now + fromNow,
    fromNow,
    unit: u ?? base.unit,
    value: value ?? null,
    sum,
  };
}

/**
 * The readings of a pack. A record's name is a channel whole (`urn:dev:ow:10e2073a01080063:voltage`), by its last part (`voltage`), or, where
 * it names only the device, by its unit. Where the name without its last part, or the whole of it, is another device the sender carries, it is that device's.
 */
export function decodeSenmlPack(
  parsed: unknown,
  asRecord: (item: unknown) => SenmlRecord | null,
  { limits, carriedBy }: DecodeServices,
  frame: Frame,
): Decoded {
  if (!Array.isArray(parsed) || parsed.length === 0)
    return refused('MALFORMED', 'a pack is an array of at least one record');
  if (parsed.length > limits.maximumItems)
    return refused('TOO_MANY_ITEMS', `${parsed.length} records, ${limits.maximumItems} are allowed`);
  const records = parsed.map(asRecord);
  const notObject = records.indexOf(null);
  if (notObject >= 0) return refused('MALFORMED', `record ${notObject} is not an object`);
  let pack: ResolvedPack;
  try {
    pack = resolveSenml(records as SenmlRecord[], frame.arrivalTime / 1000);
  } catch (error) {
    if (!(error instanceof SenmlPackError)) throw error;
    return refused('MALFORMED', error.message);
  }
  if (pack.records.length + pack.problems.length === 0) return refused('MALFORMED', 'no record has a value');
  const own = emptyDecoded();
  const others = new Map<string, Carried>();
  for (const { index, detail } of pack.problems) own.problems.push(problem(index, null, 'MALFORMED', detail));
  for (const record of pack.records) {
    const [, prefix = '', last = record.name] = /^(.*)[:/]([^:/]+)$/.exec(record.name) ?? [];
    const device = carriedBy(frame.device, prefix) ?? carriedBy(frame.device, record.name) ?? frame.device;
    let decoded = own;
    if (device.deviceId !== frame.device.deviceId) {
      const cargo = others.get(device.deviceId) ?? { device, decoded: emptyDecoded() };
      others.set(device.deviceId, cargo);
      decoded = cargo.decoded;
    }
    addRecord(decoded, record, channelOf(device, record.name, last, record.unit ?? last), device.knownChannels);
  }
  return {
    ...own,
    carried: [...others.values()],
    relativeTimes: pack.records.some(({ fromNow }) => fromNow !== null && fromNow !== 0),
  };
}

function addRecord(decoded: Decoded, record: ResolvedRecord, channel: string, known: ReadonlySet<string>): void {
  const { index, value, sum, time, fromNow } = record;
  const deviceTime = fromNow === 0 ? null : Math.round(time * 1000);
  const unit = record.unit === null ? null : ucumOfSenml(record.unit);
  if (deviceTime !== null && !Number.isFinite(deviceTime)) {
    decoded.problems.push(problem(index, channel, 'TIMESTAMP_INVALID', String(time)));
    return;
  }
  const add = (name: string, amount: number, code: string | null): void => {
    // Base and value may each be a number and their sum none.
    if (!Number.isFinite(amount)) decoded.problems.push(problem(index, name, 'VALUE_NOT_FINITE', String(amount)));
    else
      decoded.measurements.push({
        index,
        channel: name,
        value: amount,
        ...(code === null ? {} : { unit: code }),
        deviceTime,
        status: 'ok',
      });
  };
  if (typeof value === 'number') add(channel, value + (unit?.offset ?? 0), unit?.code ?? null);
  else if (typeof value === 'boolean') add(channel, Number(value), null);
  else if (value !== null)
    decoded.problems.push(problem(index, channel, 'VALUE_NOT_NUMERIC', typeof value === 'string' ? 'text' : 'data'));
  if (sum === null) return;
  // A sum is the value integrated over time [RFC 8428 §4.2]: another quantity, of a channel named for it.
  if (value === null || known.has(`${channel}.sum`)) add(`${channel}.sum`, sum, unit && `${unit.code}.s`);
  else decoded.unknownKeys.push('s');
}
