import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import type { DeviceId, SeriesId } from '../../domain/identifiers.ts';
import type { QuarantineProblem } from '../../domain/ports/quarantine.ts';
import { QUALITY, type Quality, UNUSABLE_FROM, worse } from '../../domain/quality.ts';
import { type QualityChecks, RateCheck } from '../../domain/quality-checks.ts';
import type { QuantityCatalogue, QuantityKey } from '../../domain/quantity.ts';
import type { DurationMs } from '../../domain/time.ts';
import { converted, type UnitConversion, unitConversion } from '../../domain/unit.ts';
import { type Decoded, problem, type RawMeasurement } from '../decode/measurement.ts';

export interface ValidateOptions {
  readonly catalogue: QuantityCatalogue;
  /** Ahead of arrival by up to this: suspect; by more: quarantined. */
  readonly clockAhead: DurationMs;
  readonly maximumAge: DurationMs;
  /** OUT_OF_RANGE readings of one series in a row before `onSensorFault`. */
  readonly outOfRangeBeforeNotice: number;
  /** How fast each quantity may change; absent: that is not looked at. */
  readonly rateLimits?: QualityChecks['rate'];
  readonly onSensorFault: (device: DeviceId, quantity: QuantityKey, value: number) => void;
}

/** Where accepted readings go, one call a reading: no object per reading. */
export type AcceptReading = (
  series: SeriesId,
  eventTime: number,
  arrivalTime: number,
  value: number,
  quality: Quality,
) => void;

/** Before this a device's clock was never set. */
export const CLOCK_SET_FROM_MS = Date.parse('2015-01-01T00:00:00Z');

export interface Validator {
  /**
   * Gives each measurement its series, time and quality. What can't be believed is added to `decoded.problems`.
   * `backfill` lets readings older than the age limit in. Returns how many were accepted, and how many of those were out of range.
   */
  validate(
    entry: DeviceDirectoryEntry,
    decoded: Decoded,
    arrivalTime: number,
    accept: AcceptReading,
    backfill?: boolean,
  ): { readonly accepted: number; readonly outOfRange: number };
}

/** Pairs of units whose conversion is remembered; units come with payloads, so there may be any number. */
const CONVERSIONS_REMEMBERED = 1_000;

export function createValidator(options: ValidateOptions): Validator {
  const { catalogue, clockAhead, maximumAge, rateLimits } = options;
  const conversions = new Map<string, UnitConversion | null>();

  /** `null`: the units are of different kinds, or not known. */
  const conversion = (from: string, to: string): UnitConversion | null => {
    const key = `${from}\n${to}`;
    let found = conversions.get(key);
    if (found === undefined) {
      const worked = unitConversion(from, to);
      found = worked.ok ? worked.value : null;
      if (conversions.size >= CONVERSIONS_REMEMBERED) conversions.clear();
      conversions.set(key, found);
    }
    return found;
  };
  const rate = new RateCheck();
  const outOfRangeInRow = new Map<SeriesId, number>();

  /** What is wrong with the device's clock, or `null`. */
  const clockProblem = (
    m: RawMeasurement,
    time: number,
    arrivalTime: number,
    backfill: boolean,
  ): QuarantineProblem | null => {
    if (time < CLOCK_SET_FROM_MS) return problem(m.index, m.channel, 'CLOCK_UNSET', `${time} ms`);
    if (time > arrivalTime + clockAhead)
      return problem(m.index, m.channel, 'CLOCK_AHEAD', `${Math.round((time - arrivalTime) / 1000)} s ahead`);
    if (!backfill && time < arrivalTime - maximumAge)
      return problem(m.index, m.channel, 'TOO_OLD', `${Math.round((arrivalTime - time) / 86_400_000)} days old`);
    return null;
  };

  const noteRange = (
    device: DeviceId,
    series: SeriesId,
    quantity: QuantityKey,
    value: number,
    outside: boolean,
  ): void => {
    if (!outside) {
      if (outOfRangeInRow.size > 0) outOfRangeInRow.delete(series);
      return;
    }
    const inRow = (outOfRangeInRow.get(series) ?? 0) + 1;
    outOfRangeInRow.set(series, inRow);
    if (inRow === options.outOfRangeBeforeNotice) options.onSensorFault(device, quantity, value);
  };

  return {
    validate(entry, decoded, arrivalTime, accept, backfill = false) {
      let accepted = 0;
      let outOfRange = 0;
      for (const m of decoded.measurements) {
        const time = m.deviceTime ?? arrivalTime;
        const wrong = m.deviceTime === null ? null : clockProblem(m, time, arrivalTime, backfill);
        if (wrong) {
          decoded.problems.push(wrong);
          continue;
        }
        const channel = entry.channels.get(m.channel);
        const quantity = channel && catalogue.get(channel.quantity);
        if (!channel || !quantity) {
          const known = entry.knownChannels.has(m.channel);
          decoded.problems.push(
            problem(
              m.index,
              m.channel,
              known ? 'UNASSIGNED' : 'UNKNOWN_QUANTITY',
              known ? 'the device serves no point for this channel' : 'the device model has no such channel',
            ),
          );
          continue;
        }
        let quality: Quality =
          m.status === 'ok'
            ? QUALITY.GOOD
            : m.status === 'calibrating'
              ? QUALITY.CALIBRATING
              : QUALITY.INVALID_DEVICE_FAULT;
        // What the payload says of its unit, else what the model says, else it is the quantity's own.
        const unit = m.unit ?? channel.unit;
        let { value } = m;
        if (unit !== null && unit !== quantity.unit) {
          const between = conversion(unit, quantity.unit);
          if (!between) {
            decoded.problems.push(problem(m.index, m.channel, 'UNIT_MISMATCH', `${unit} into ${quantity.unit}`));
            continue;
          }
          value = converted(value, between);
        }
        const { physicalRange } = quantity;
        const plausible = channel.plausibleRange ?? quantity.plausibleRange;
        const outside = value < physicalRange.min || value > physicalRange.max;
        if (outside) {
          quality = worse(quality, QUALITY.INVALID_OUT_OF_RANGE);
          outOfRange++;
        } else if (value < plausible.min || value > plausible.max)
          quality = worse(quality, QUALITY.SUSPECT_IMPLAUSIBLE);
        const limit = channel.checks?.rate === undefined ? rateLimits?.get(channel.quantity) : channel.checks.rate;
        if (limit && quality < UNUSABLE_FROM && rate.isTooFast(channel.series, time, value, limit))
          quality = worse(quality, QUALITY.SUSPECT_RATE);
        if (time > arrivalTime) quality = worse(quality, QUALITY.SUSPECT_CLOCK_AHEAD);
        noteRange(entry.deviceId, channel.series, channel.quantity, value, outside);
        accept(channel.series, time, arrivalTime, value, quality);
        accepted++;
      }
      return { accepted, outOfRange };
    },
  };
}
