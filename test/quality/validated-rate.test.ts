import { describe, expect, it } from 'vitest';
import { QUALITY_CHECKS } from '../../config/quality-checks.ts';
import { QUANTITY_CATALOGUE, quantityKey } from '../../config/quantities.ts';
import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import type { SeriesId } from '../../domain/identifiers.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { ChannelChecks } from '../../domain/quality-checks.ts';
import { days, epochMs, minutes } from '../../domain/time.ts';
import { createValidator } from '../../ingest/validate/validate.ts';

const NOON = epochMs(Date.UTC(2026, 10, 20, 5));

/** Qualities that temperatures a minute apart are accepted with. */
function accepted(temperatures: readonly number[], checks?: ChannelChecks): readonly number[] {
  const validator = createValidator({
    catalogue: QUANTITY_CATALOGUE,
    clockAhead: minutes(5),
    maximumAge: days(30),
    outOfRangeBeforeNotice: 3,
    rateLimits: QUALITY_CHECKS.rate,
    onSensorFault: () => {},
  });
  const channel = { series: 1 as SeriesId, quantity: quantityKey('temperature'), plausibleRange: null, unit: null };
  const channels = new Map([['t', { ...channel, ...(checks && { checks }) }]]);
  const entry = { deviceId: 'ea-1', channels, knownChannels: new Set(['t']) } as unknown as DeviceDirectoryEntry;
  const qualities: number[] = [];
  temperatures.forEach((value, i) => {
    const measurement = { index: i, channel: 't', deviceTime: NOON + minutes(i), value, status: 'ok', unit: null };
    const decoded = { measurements: [measurement], problems: [] } as unknown as Parameters<
      typeof validator.validate
    >[1];
    validator.validate(entry, decoded, NOON + minutes(i), (_series, _at, _arrived, _value, quality) => {
      qualities.push(quality);
    });
  });
  return qualities;
}

const { GOOD, SUSPECT_RATE, INVALID_OUT_OF_RANGE } = QUALITY;

describe('readings that change too fast', () => {
  it('are accepted as suspect, with the reason; those before and after are not touched', () => {
    expect(accepted([25, 25.5, 38, 25.4])).toEqual([GOOD, GOOD, SUSPECT_RATE, GOOD]);
  });

  it('leave what is impossible as it is, and are not measured from it', () => {
    expect(accepted([25, 4_000, 25.2])).toEqual([GOOD, INVALID_OUT_OF_RANGE, GOOD]);
  });

  it('are judged by what the hardware is known for, where that differs', () => {
    expect(accepted([25, 38, 25], { rate: { step: 20, perMinute: 0 } })).toEqual([GOOD, GOOD, GOOD]);
    expect(accepted([25, 26.5], { rate: { step: 1, perMinute: 0.1 } })).toEqual([GOOD, SUSPECT_RATE]);
    expect(accepted([25, 38], { rate: null })).toEqual([GOOD, GOOD]);
  });
});
