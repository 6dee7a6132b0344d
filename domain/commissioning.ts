import type { Location } from './asset.ts';
import type { Brand } from './brand.ts';
import type { AgencyId, DeviceId, DeviceModelId, PointId, UserId } from './identifiers.ts';
import type { QuarantineCode } from './ports/quarantine.ts';
import { QUALITY, type Quality, qualityKind, UNUSABLE_FROM } from './quality.ts';
import type { ClosedRange, QuantityKey } from './quantity.ts';
import { err, ok, type Result } from './result.ts';
import type { DurationMs, EpochMs } from './time.ts';

/** What is looked at before somebody signs that a device works, in the order in which an installer needs it. */
export const COMMISSIONING_CHECKS = [
  'connected',
  'first_reading',
  'channels_present',
  'values_plausible',
  'neighbours_agree',
  'clock',
  'signal',
  'battery',
  'interval',
] as const;
export type CommissioningCheck = (typeof COMMISSIONING_CHECKS)[number];

/**
 * `waiting`: time alone may still decide it. `not_applicable`: there is nothing to hold it against (a device without a battery, a quantity
 * without neighbours); it stands in nobody's way.
 */
export const CHECK_VERDICTS = ['passed', 'failed', 'waiting', 'not_applicable'] as const;
export type CheckVerdict = (typeof CHECK_VERDICTS)[number];

/** What was found, as a key of the catalogues: each says what to do where something is to be done. */
export const FINDINGS = [
  'CONNECTED',
  'OFFLINE',
  'NEVER_CONNECTED',
  'NO_SESSION_NEEDED',
  'NO_POINT',
  'READING_ARRIVED',
  'NO_READING_YET',
  'HELD_BACK',
  'ALL_CHANNELS',
  'CHANNELS_MISSING',
  'CHANNELS_WITHOUT_SERIES',
  'VALUES_PLAUSIBLE',
  'IMPLAUSIBLE',
  'DEVICE_FAULT',
  'CALIBRATING',
  'NEIGHBOURS_AGREE',
  'NEIGHBOURS_DISAGREE',
  'TOO_FEW_NEIGHBOURS',
  'NOT_COMPARED',
  'CLOCK_RIGHT',
  'CLOCK_AHEAD',
  'CLOCK_BEHIND',
  'CLOCK_UNSET',
  'SIGNAL_GOOD',
  'SIGNAL_WEAK',
  'BATTERY_GOOD',
  'BATTERY_LOW',
  'NOT_REPORTED',
  'INTERVAL_KEPT',
  'INTERVAL_TOO_LONG',
  'INTERVAL_TOO_SHORT',
  'INTERVAL_COUNTING',
  'SILENT',
] as const;
export type FindingCode = (typeof FINDINGS)[number];

export interface Finding {
  readonly check: CommissioningCheck;
  readonly verdict: CheckVerdict;
  readonly code: FindingCode;
  /** Values in the quantity's unit, times in ms, as the code's text names them. */
  readonly params: Readonly<Record<string, string | number>>;
}

/** How far a reading may be from what its neighbours read: the larger of the two counts. */
export interface NeighbourTolerance {
  /** In the quantity's unit. */
  readonly absolute: number;
  /** Share of the neighbours' median: 0.5 is 50 %. */
  readonly relative: number;
  /** Points further away say nothing about this one. */
  readonly withinMetres: number;
}
/** Quantities that are absent differ from place to place by nature and are not compared. */
export type NeighbourTolerances = ReadonlyMap<QuantityKey, NeighbourTolerance>;

export interface CommissioningTerms {
  readonly clockTolerance: DurationMs;
  /** The weakest signal that is good enough, dBm. */
  readonly weakestSignalDbm: number;
  readonly lowestBatteryPercent: number;
  readonly neighbours: NeighbourTolerances;
}
export const DEFAULT_COMMISSIONING_TERMS: Omit<CommissioningTerms, 'neighbours'> = {
  clockTolerance: 60_000 as DurationMs,
  // LoRaWAN works down to about −120, LTE to about −110: below this a wet day ends it.
  weakestSignalDbm: -110,
  lowestBatteryPercent: 40,
};

/** How many neighbours a reading is held against, the nearest first. */
export const NEIGHBOURS_ASKED = 5;
/** One neighbour alone may be the one that is wrong. */
const NEIGHBOURS_NEEDED = 2;
/** Gaps between readings that show an interval; those who report seldom are believed after one. */
const GAPS_NEEDED = 2;
const SELDOM: DurationMs = 300_000 as DurationMs;
/** The interval seen may be this many times the model's, at most and at least. */
const LONGEST_INTERVAL = 1.5;
const SHORTEST_INTERVAL = 0.5;
/** After this many intervals what has not come is missing. */
const INTERVALS_PATIENCE = 2.5;

export interface ObservedReading {
  readonly eventTime: EpochMs;
  readonly arrivalTime: EpochMs;
  readonly value: number;
  readonly quality: Quality;
}
export interface NeighbourReading {
  readonly distanceMetres: number;
  readonly value: number;
}
export interface ObservedChannel {
  readonly key: string;
  readonly quantity: QuantityKey;
  /** Of this hardware, else of the catalogue. */
  readonly plausibleRange: ClosedRange;
  /** False when no point it serves has a series of the quantity: its readings have nowhere to go. */
  readonly hasSeries: boolean;
  /** Arrived since the device serves its point, ascending by event time. */
  readonly readings: readonly ObservedReading[];
  /** What other points read of the same quantity now, in any order. */
  readonly neighbours: readonly NeighbourReading[];
}
type Attribute = { readonly value: number; readonly at: EpochMs } | null;

/** All that is known of a device at one instant. */
export interface CommissioningFacts {
  readonly now: EpochMs;
  /** Since when it serves a point; `null`: it serves none. */
  readonly servesSince: EpochMs | null;
  /** Its own session; `null`: it never had one (HTTP, or through a gateway). */
  readonly connection: { readonly online: boolean; readonly since: EpochMs } | null;
  readonly channels: readonly ObservedChannel[];
  readonly expectedInterval: DurationMs;
  /** Messages of it that are held in quarantine and came since it serves its point. */
  readonly held: readonly { readonly code: QuarantineCode; readonly messages: number }[];
  readonly signalDbm: Attribute;
  readonly batteryPercent: Attribute;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
};
const found = (
  check: CommissioningCheck,
  verdict: CheckVerdict,
  code: FindingCode,
  params: Finding['params'] = {},
): Finding => ({ check, verdict, code, params });
const newestOf = ({ readings }: ObservedChannel): ObservedReading | undefined => readings[readings.length - 1];

function connected({ connection, channels }: CommissioningFacts): Finding {
  if (connection === null)
    return channels.some(({ readings }) => readings.length > 0)
      ? found('connected', 'not_applicable', 'NO_SESSION_NEEDED')
      : found('connected', 'waiting', 'NEVER_CONNECTED');
  const { online, since } = connection;
  return online
    ? found('connected', 'passed', 'CONNECTED', { since })
    : found('connected', 'failed', 'OFFLINE', { since });
}

function firstReading({ servesSince, channels, held }: CommissioningFacts): Finding {
  if (servesSince === null) return found('first_reading', 'failed', 'NO_POINT');
  const arrivals = channels.flatMap(({ readings }) => readings.map(({ arrivalTime }) => arrivalTime));
  if (arrivals.length > 0) return found('first_reading', 'passed', 'READING_ARRIVED', { at: Math.min(...arrivals) });
  const [worst] = [...held].sort((a, b) => b.messages - a.messages);
  return worst === undefined
    ? found('first_reading', 'waiting', 'NO_READING_YET')
    : found('first_reading', 'failed', 'HELD_BACK', { reason: worst.code, messages: worst.messages });
}

function channelsPresent({ now, channels, expectedInterval }: CommissioningFacts): Finding {
  const homeless = channels.filter(({ hasSeries }) => !hasSeries);
  if (homeless.length > 0)
    return found('channels_present', 'failed', 'CHANNELS_WITHOUT_SERIES', {
      quantities: homeless.map(({ quantity }) => quantity).join(' '),
    });
  const missing = channels.filter(({ readings }) => readings.length === 0);
  if (missing.length === 0) return found('channels_present', 'passed', 'ALL_CHANNELS', { count: channels.length });
  const first = Math.min(...channels.flatMap(({ readings }) => readings.map(({ arrivalTime }) => arrivalTime)));
  const verdict = now - first > INTERVALS_PATIENCE * expectedInterval ? 'failed' : 'waiting';
  return Number.isFinite(first)
    ? found('channels_present', verdict, 'CHANNELS_MISSING', {
        quantities: missing.map(({ quantity }) => quantity).join(' '),
      })
    : found('channels_present', 'waiting', 'NO_READING_YET');
}

function valuesPlausible({ channels }: CommissioningFacts): Finding {
  const seen = channels.flatMap((channel) => {
    const reading = newestOf(channel);
    return reading ? [{ channel, reading }] : [];
  });
  if (seen.length === 0) return found('values_plausible', 'waiting', 'NO_READING_YET');
  const fault = seen.find(({ reading }) => reading.quality === QUALITY.INVALID_DEVICE_FAULT);
  if (fault) return found('values_plausible', 'failed', 'DEVICE_FAULT', { quantity: fault.channel.quantity });
  const odd = seen.find(
    ({ reading, channel }) =>
      reading.value < channel.plausibleRange.min ||
      reading.value > channel.plausibleRange.max ||
      reading.quality === QUALITY.INVALID_OUT_OF_RANGE,
  );
  if (odd)
    return found('values_plausible', 'failed', 'IMPLAUSIBLE', {
      quantity: odd.channel.quantity,
      value: odd.reading.value,
      min: odd.channel.plausibleRange.min,
      max: odd.channel.plausibleRange.max,
    });
  const calibrating = seen.find(({ reading }) => qualityKind(reading.quality) === 'calibrating');
  if (calibrating)
    return found('values_plausible', 'waiting', 'CALIBRATING', { quantity: calibrating.channel.quantity });
  return found('values_plausible', 'passed', 'VALUES_PLAUSIBLE', { count: seen.length });
}

function neighboursAgree({ channels }: CommissioningFacts, { neighbours: tolerances }: CommissioningTerms): Finding {
  const comparable = channels.filter(({ quantity }) => tolerances.has(quantity));
  if (comparable.length === 0) return found('neighbours_agree', 'not_applicable', 'NOT_COMPARED');
  let compared = 0;
  let awaited = 0;
  for (const channel of comparable) {
    const tolerance = tolerances.get(channel.quantity);
    const near = channel.neighbours
      .filter(({ distanceMetres }) => tolerance !== undefined && distanceMetres <= tolerance.withinMetres)
      .sort((a, b) => a.distanceMetres - b.distanceMetres)
      .slice(0, NEIGHBOURS_ASKED);
    if (tolerance === undefined || near.length < NEIGHBOURS_NEEDED) continue;
    const reading = newestOf(channel);
    if (reading === undefined || reading.quality >= UNUSABLE_FROM) {
      awaited++;
      continue;
    }
    compared++;
    const middle = median(near.map(({ value }) => value));
    const allowed = Math.max(tolerance.absolute, tolerance.relative * Math.abs(middle));
    if (Math.abs(reading.value - middle) > allowed)
      return found('neighbours_agree', 'failed', 'NEIGHBOURS_DISAGREE', {
        quantity: channel.quantity,
        value: reading.value,
        median: middle,
        allowed,
        neighbours: near.length,
      });
  }
  if (awaited > 0) return found('neighbours_agree', 'waiting', 'NO_READING_YET');
  return compared === 0
    ? found('neighbours_agree', 'not_applicable', 'TOO_FEW_NEIGHBOURS')
    : found('neighbours_agree', 'passed', 'NEIGHBOURS_AGREE', { count: compared });
}

function clockRight({ channels, held }: CommissioningFacts, { clockTolerance }: CommissioningTerms): Finding {
  const lags = channels.flatMap(({ readings }) =>
    readings.map(({ arrivalTime, eventTime }) => arrivalTime - eventTime),
  );
  if (lags.length === 0) {
    if (held.some(({ code }) => code === 'CLOCK_UNSET')) return found('clock', 'failed', 'CLOCK_UNSET');
    if (held.some(({ code }) => code === 'CLOCK_AHEAD')) return found('clock', 'failed', 'CLOCK_AHEAD', { offset: 0 });
    return found('clock', 'waiting', 'NO_READING_YET');
  }
  // What was buffered on the way is late by the way, not by the clock: the reading that was fastest tells.
  const fastest = Math.min(...lags);
  if (fastest < -clockTolerance) return found('clock', 'failed', 'CLOCK_AHEAD', { offset: -fastest });
  if (fastest > clockTolerance) return found('clock', 'failed', 'CLOCK_BEHIND', { offset: fastest });
  return found('clock', 'passed', 'CLOCK_RIGHT', { offset: Math.abs(fastest) });
}

const signalGood = ({ signalDbm }: CommissioningFacts, { weakestSignalDbm }: CommissioningTerms): Finding =>
  signalDbm === null
    ? found('signal', 'not_applicable', 'NOT_REPORTED')
    : signalDbm.value >= weakestSignalDbm
      ? found('signal', 'passed', 'SIGNAL_GOOD', { value: signalDbm.value })
      : found('signal', 'failed', 'SIGNAL_WEAK', { value: signalDbm.value, weakest: weakestSignalDbm });

const batteryGood = ({ batteryPercent }: CommissioningFacts, { lowestBatteryPercent }: CommissioningTerms): Finding =>
  batteryPercent === null
    ? found('battery', 'not_applicable', 'NOT_REPORTED')
    : batteryPercent.value >= lowestBatteryPercent
      ? found('battery', 'passed', 'BATTERY_GOOD', { value: batteryPercent.value })
      : found('battery', 'failed', 'BATTERY_LOW', { value: batteryPercent.value, lowest: lowestBatteryPercent });

function intervalKept({ now, channels, expectedInterval }: CommissioningFacts): Finding {
  // Channels report together: each instant at which anything was measured counts once.
  const times = [...new Set(channels.flatMap(({ readings }) => readings.map(({ eventTime }) => eventTime)))].sort(
    (a, b) => a - b,
  );
  const last = times[times.length - 1];
  const needed = (expectedInterval >= SELDOM ? 1 : GAPS_NEEDED) + 1;
  if (last === undefined) return found('interval', 'waiting', 'NO_READING_YET');
  if (now - last > INTERVALS_PATIENCE * expectedInterval)
    return found('interval', 'failed', 'SILENT', { expected: expectedInterval, silent: now - last });
  if (times.length < needed)
    return found('interval', 'waiting', 'INTERVAL_COUNTING', {
      readings: times.length,
      needed,
      expected: expectedInterval,
    });
  const seen = median(times.slice(1).map((time, i) => time - (times[i] as number)));
  const params = { expected: expectedInterval, seen };
  if (seen > LONGEST_INTERVAL * expectedInterval) return found('interval', 'failed', 'INTERVAL_TOO_LONG', params);
  if (seen < SHORTEST_INTERVAL * expectedInterval) return found('interval', 'failed', 'INTERVAL_TOO_SHORT', params);
  return found('interval', 'passed', 'INTERVAL_KEPT', params);
}

/** Every check once, in the order of {@link COMMISSIONING_CHECKS}. */
export const evaluateCommissioning = (facts: CommissioningFacts, terms: CommissioningTerms): readonly Finding[] => [
  connected(facts),
  firstReading(facts),
  channelsPresent(facts),
  valuesPlausible(facts),
  neighboursAgree(facts, terms),
  clockRight(facts, terms),
  signalGood(facts, terms),
  batteryGood(facts, terms),
  intervalKept(facts),
];

/** A check that did not pass, taken on by a person: why is on record. */
export interface CheckOverride {
  readonly check: CommissioningCheck;
  readonly reason: string;
}
export interface RecordedFinding extends Finding {
  /** Why it was signed although it had not passed; `null` where nothing had to be said. */
  readonly overriddenBecause: string | null;
}

/** Whether a finding stands in the way of a signature. */
export const isInTheWay = ({ verdict }: Pick<Finding, 'verdict'>): boolean =>
  verdict === 'failed' || verdict === 'waiting';

/**
 * What is signed: the findings of this instant, those in the way each with the reason why it is signed all the same. Reasons for checks that have
 * passed meanwhile are left out. Else the checks that nobody has answered for; blank reasons count as none.
 */
export function signedFindings(
  findings: readonly Finding[],
  overrides: readonly CheckOverride[],
): Result<readonly RecordedFinding[], readonly CommissioningCheck[]> {
  const reasons = new Map(overrides.map(({ check, reason }) => [check, reason.trim()]));
  const recorded = findings.map(
    (finding): RecordedFinding => ({
      ...finding,
      overriddenBecause: isInTheWay(finding) ? reasons.get(finding.check) || null : null,
    }),
  );
  const open = recorded.filter((finding) => isInTheWay(finding) && finding.overriddenBecause === null);
  return open.length === 0 ? ok(recorded) : err(open.map(({ check }) => check));
}

/** Pictures that one signature can name. */
export const PHOTOS_SIGNED_MAX = 20;
export type PhotoId = Brand<string, 'PhotoId'>;
/** A picture of the work. Its id is the SHA-256 of its bytes, so the same picture sent again is the same row. */
export interface DevicePhoto {
  readonly id: PhotoId;
  readonly deviceId: DeviceId;
  readonly agencyId: AgencyId;
  readonly sizeBytes: number;
  readonly widthPixels: number;
  readonly heightPixels: number;
  readonly takenAt: EpochMs;
  readonly recordedAt: EpochMs;
  readonly by: UserId | null;
}

/** Where the device hangs, as it was found out. */
export interface MountedAt {
  readonly location: Location;
  /** Radius of 68 % confidence as the phone says it; `null` when it was put on the map by hand. */
  readonly accuracyMetres: number | null;
}

/** Somebody's signature that the device works. Kept for ever, as it was. */
export interface CommissioningRecord {
  readonly id: string;
  readonly deviceId: DeviceId;
  readonly agencyId: AgencyId;
  readonly modelId: DeviceModelId;
  readonly serialNumber: string | null;
  readonly pointIds: readonly PointId[];
  readonly findings: readonly RecordedFinding[];
  readonly mounted: MountedAt | null;
  readonly photoIds: readonly PhotoId[];
  readonly note: string | null;
  readonly signedBy: UserId;
  /** Name of who signed, as it was then. */
  readonly signedName: string;
  readonly signedAt: EpochMs;
}
