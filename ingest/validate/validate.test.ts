import { describe, expect, it, vi } from 'vitest';
import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import type { AgencyId, DeviceId, DeviceModelId, SeriesId } from '../../domain/identifiers.ts';
import { QUALITY } from '../../domain/quality.ts';
import type { Quantity, QuantityKey } from '../../domain/quantity.ts';
import { days, minutes } from '../../domain/time.ts';
import { emptyDecoded } from '../decode/measurement.ts';
import { decodeNativeJson } from '../decode/native-json.ts';
import { createValidator } from './validate.ts';

const LEVEL = 'water_level' as QuantityKey;
const quantity: Quantity = {
  key: LEVEL,
  domain: 'water',
  unit: 'm',
  unitSymbol: 'm',
  name: { vi: 'Mực nước', en: 'Water level' },
  physicalRange: { min: -10, max: 20 },
  plausibleRange: { min: -3, max: 6 },
  aggregation: 'instantaneous',
  decimals: 2,
  staleAfter: minutes(30),
};
const entry: DeviceDirectoryEntry = {
  deviceId: 'gauge-1' as DeviceId,
  agencyId: 'water' as AgencyId,
  modelId: 'gauge' as DeviceModelId,
  state: 'commissioned',
  serialNumber: null,
  format: 'native-json',
  codec: null,
  rateLimit: null,
  channels: new Map([['water_level', { series: 5 as SeriesId, quantity: LEVEL, plausibleRange: null, unit: null }]]),
  certificates: [],
  knownChannels: new Set(['water_level', 'battery_voltage']),
  credentials: [],
};
const ARRIVAL = Date.parse('2026-11-24T00:00:00Z');

const VALIDATOR = {
  catalogue: new Map([[LEVEL, quantity]]),
  clockAhead: minutes(5),
  maximumAge: days(30),
  outOfRangeBeforeNotice: 3,
};

const play = (messages: object[], backfill = false) => {
  const onSensorFault = vi.fn();
  const validator = createValidator({ ...VALIDATOR, onSensorFault });
  const accepted: [number, number, number][] = [];
  const problems: string[] = [];
  for (const message of messages) {
    const decoded = decodeNativeJson(Buffer.from(JSON.stringify(message)), { maximumItems: 10 });
    validator.validate(
      entry,
      decoded,
      ARRIVAL,
      (_series, time, _arrival, value, quality) => accepted.push([time - ARRIVAL, value, quality]),
      backfill,
    );
    problems.push(...decoded.problems.map((p) => p.code));
  }
  return { accepted, problems, onSensorFault };
};
const level = (value: number, ts?: number) => ({
  ...(ts === undefined ? {} : { ts: ARRIVAL + ts }),
  values: { water_level: value },
});

describe('validation', () => {
  it('gives a message without time its arrival', () =>
    expect(play([level(1)]).accepted).toEqual([[0, 1, QUALITY.GOOD]]));

  it.each([
    {
      it: 'keeps a reading five minutes ahead as suspect',
      ts: +minutes(5),
      accepted: [[+minutes(5), 1, QUALITY.SUSPECT_CLOCK_AHEAD]],
      problems: [],
    },
    { it: 'quarantines one further ahead', ts: minutes(5) + 1, accepted: [], problems: ['CLOCK_AHEAD'] },
    { it: 'keeps a reading thirty days old', ts: -days(30), accepted: [[-days(30), 1, QUALITY.GOOD]], problems: [] },
    { it: 'quarantines an older one', ts: -days(30) - 1, accepted: [], problems: ['TOO_OLD'] },
    { it: 'quarantines a clock that was never set', ts: -ARRIVAL + 1e9, accepted: [], problems: ['CLOCK_UNSET'] },
  ])('$it', ({ ts, accepted, problems }) => expect(play([level(1, ts)])).toMatchObject({ accepted, problems }));

  it('lets older readings in when they are filled in afterwards', () =>
    expect(play([level(1, -days(90))], true).accepted).toHaveLength(1));

  it('keeps what is physically impossible as invalid, what is hard to believe as suspect', () => {
    expect(play([level(21), level(7), level(6)]).accepted.map((r) => r[2])).toEqual([
      QUALITY.INVALID_OUT_OF_RANGE,
      QUALITY.SUSPECT_IMPLAUSIBLE,
      QUALITY.GOOD,
    ]);
  });

  it('reports a sensor fault once after three impossible readings in a row', () => {
    expect(play([level(99), level(99), level(1), level(99), level(99)]).onSensorFault).not.toHaveBeenCalled();
    const { onSensorFault } = play([level(99), level(99), level(98), level(99), level(99)]);
    expect(onSensorFault).toHaveBeenCalledTimes(1);
    expect(onSensorFault).toHaveBeenCalledWith('gauge-1', LEVEL, 98);
  });

  it('quarantines an unknown quantity and a channel without a point, and keeps the rest', () => {
    const played = play([{ values: { water_level: 1, sunshine: 2, battery_voltage: 3 } }]);
    expect(played.accepted).toHaveLength(1);
    expect(played.problems).toEqual(['UNKNOWN_QUANTITY', 'UNASSIGNED']);
  });

  it.each([
    { it: 'in the quantity’s own unit', unit: 'm', value: 1.5, kept: [1.5] },
    { it: 'in another unit of its kind', unit: 'cm', value: 150, kept: [1.5] },
    { it: 'beyond the range after conversion', unit: 'km', value: 1, kept: [1000] },
    { it: 'in a unit of another kind', unit: 'bar', value: 1, kept: [] },
    { it: 'in a unit nobody knows', unit: 'fathoms', value: 1, kept: [] },
  ])('converts a value $it, or quarantines it', ({ unit, value, kept }) => {
    const decoded = {
      ...emptyDecoded(),
      measurements: [
        { index: 0, channel: 'water_level', value, unit, deviceTime: null, status: 'ok' as const },
        { index: 0, channel: 'water_level_cm', value: 150, deviceTime: null, status: 'ok' as const },
      ],
    };
    const values: number[] = [];
    const validator = createValidator({ ...VALIDATOR, onSensorFault: () => {} });
    const channels = new Map([
      ...entry.channels,
      ['water_level_cm', { series: 6 as SeriesId, quantity: LEVEL, plausibleRange: null, unit: 'cm' }] as const,
    ]);
    validator.validate({ ...entry, channels }, decoded, ARRIVAL, (_series, _time, _arrival, v) => values.push(v));
    expect(values.map((v) => Number(v.toFixed(9)))).toEqual([...kept, 1.5]);
    expect(decoded.problems.map((p) => p.code)).toEqual(kept.length === 0 ? ['UNIT_MISMATCH'] : []);
  });

  it('marks what the device declares of itself', () => {
    expect(
      play([
        { ...level(1), status: 'calibrating' },
        { ...level(1), status: 'fault' },
      ]).accepted.map((r) => r[2]),
    ).toEqual([QUALITY.CALIBRATING, QUALITY.INVALID_DEVICE_FAULT]);
  });
});
