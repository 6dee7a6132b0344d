import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COMMISSIONING_CHECKS,
  type CommissioningCheck,
  type CommissioningFacts,
  type CommissioningTerms,
  DEFAULT_COMMISSIONING_TERMS,
  evaluateCommissioning,
  type Finding,
  isInTheWay,
  type ObservedChannel,
  signedFindings,
} from './commissioning.ts';
import { distanceMetres } from './distance.ts';
import { QUALITY, type Quality } from './quality.ts';
import type { QuantityKey } from './quantity.ts';
import { epochMs, minutes } from './time.ts';

const PM = 'pm2_5' as QuantityKey;
const TEMPERATURE = 'temperature' as QuantityKey;
const NOON = 1_780_000_000_000;
const at = (secondsFromNoon: number) => epochMs(NOON + secondsFromNoon * 1000);

const TERMS: CommissioningTerms = {
  ...DEFAULT_COMMISSIONING_TERMS,
  neighbours: new Map([[PM, { absolute: 20, relative: 0.5, withinMetres: 5_000 }]]),
};
const reading = (seconds: number, value: number, { quality = 0 as Quality, lateSeconds = 0 } = {}) => ({
  eventTime: at(seconds),
  arrivalTime: at(seconds + lateSeconds),
  value,
  quality,
});
const aChannel = (given: Partial<ObservedChannel> = {}): ObservedChannel => ({
  key: 'pm2_5',
  quantity: PM,
  plausibleRange: { min: 0, max: 500 },
  hasSeries: true,
  readings: [reading(-120, 30), reading(-60, 31), reading(0, 32)],
  neighbours: [],
  ...given,
});
/** A device that works: installed ten minutes ago, heard of every minute. */
const aDevice = (given: Partial<CommissioningFacts> = {}): CommissioningFacts => ({
  now: at(5),
  servesSince: at(-600),
  connection: { online: true, since: at(-590) },
  channels: [aChannel()],
  expectedInterval: minutes(1),
  held: [],
  signalDbm: { value: -80, at: at(0) },
  batteryPercent: { value: 97, at: at(0) },
  ...given,
});
const finding = (check: CommissioningCheck, facts: CommissioningFacts): Finding => {
  const found = evaluateCommissioning(facts, TERMS).find((each) => each.check === check);
  if (!found) throw new Error(`no finding for ${check}`);
  return found;
};
const verdicts = (facts: CommissioningFacts) =>
  evaluateCommissioning(facts, TERMS)
    .filter(isInTheWay)
    .map(({ check, verdict, code }) => `${check} ${verdict} ${code}`);

describe('the checks before a signature', () => {
  it('let a device pass that works', () => {
    expect(verdicts(aDevice())).toEqual([]);
  });

  it('look at everything once, in their order, whatever the device does', () => {
    const anyReading = fc.record({
      eventTime: fc.integer({ min: NOON - 1e6, max: NOON + 1e6 }).map(epochMs),
      arrivalTime: fc.integer({ min: NOON - 1e6, max: NOON + 1e6 }).map(epochMs),
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      quality: fc.constantFrom(...Object.values(QUALITY)),
    });
    const anyChannel = fc.record({
      key: fc.constant('pm2_5'),
      quantity: fc.constantFrom(PM, TEMPERATURE),
      plausibleRange: fc.constant({ min: 0, max: 500 }),
      hasSeries: fc.boolean(),
      readings: fc.array(anyReading, { maxLength: 6 }),
      neighbours: fc.array(
        fc.record({ distanceMetres: fc.nat(9_000), value: fc.double({ min: 0, max: 900, noNaN: true }) }),
        {
          maxLength: 8,
        },
      ),
    });
    fc.assert(
      fc.property(fc.array(anyChannel, { maxLength: 4 }), fc.boolean(), (channels, online) => {
        const findings = evaluateCommissioning(aDevice({ channels, connection: { online, since: at(0) } }), TERMS);
        expect(findings.map(({ check }) => check)).toEqual([...COMMISSIONING_CHECKS]);
      }),
    );
  });

  it.each<[string, CommissioningCheck, Partial<CommissioningFacts>, string]>([
    [
      'waits for a device that never connected',
      'connected',
      { connection: null, channels: [aChannel({ readings: [] })] },
      'waiting NEVER_CONNECTED',
    ],
    [
      'asks no session of a device that reports through a gateway',
      'connected',
      { connection: null },
      'not_applicable NO_SESSION_NEEDED',
    ],
    [
      'says since when a device is away',
      'connected',
      { connection: { online: false, since: at(-30) } },
      'failed OFFLINE',
    ],
    ['wants a point first', 'first_reading', { servesSince: null, channels: [] }, 'failed NO_POINT'],
    [
      'waits for the first reading',
      'first_reading',
      { channels: [aChannel({ readings: [] })] },
      'waiting NO_READING_YET',
    ],
    [
      'says why messages that came are not to be seen',
      'first_reading',
      { channels: [aChannel({ readings: [] })], held: [{ code: 'MALFORMED', messages: 3 }] },
      'failed HELD_BACK',
    ],
    [
      'waits a while for a channel that has not come',
      'channels_present',
      { channels: [aChannel({ readings: [reading(0, 30)] }), aChannel({ quantity: TEMPERATURE, readings: [] })] },
      'waiting CHANNELS_MISSING',
    ],
    [
      'misses a channel after two and a half intervals',
      'channels_present',
      { channels: [aChannel({ readings: [reading(-146, 30)] }), aChannel({ quantity: TEMPERATURE, readings: [] })] },
      'failed CHANNELS_MISSING',
    ],
    [
      'names channels whose readings have nowhere to go',
      'channels_present',
      { channels: [aChannel(), aChannel({ quantity: TEMPERATURE, hasSeries: false, readings: [] })] },
      'failed CHANNELS_WITHOUT_SERIES',
    ],
    [
      'takes the edge of the plausible range as plausible',
      'values_plausible',
      { channels: [aChannel({ readings: [reading(0, 500)] })] },
      'passed VALUES_PLAUSIBLE',
    ],
    [
      'refuses a value outside the plausible range',
      'values_plausible',
      { channels: [aChannel({ readings: [reading(0, 500.1)] })] },
      'failed IMPLAUSIBLE',
    ],
    [
      'believes a device that says it is faulty',
      'values_plausible',
      { channels: [aChannel({ readings: [reading(0, 30, { quality: QUALITY.INVALID_DEVICE_FAULT })] })] },
      'failed DEVICE_FAULT',
    ],
    [
      'waits for a device that is calibrating',
      'values_plausible',
      { channels: [aChannel({ readings: [reading(0, 30, { quality: QUALITY.CALIBRATING })] })] },
      'waiting CALIBRATING',
    ],
    ['says nothing of neighbours where there are none', 'neighbours_agree', {}, 'not_applicable TOO_FEW_NEIGHBOURS'],
    [
      'compares no quantity that is each place’s own',
      'neighbours_agree',
      { channels: [aChannel({ quantity: TEMPERATURE })] },
      'not_applicable NOT_COMPARED',
    ],
    [
      'finds a clock that was never set',
      'clock',
      { channels: [aChannel({ readings: [] })], held: [{ code: 'CLOCK_UNSET', messages: 1 }] },
      'failed CLOCK_UNSET',
    ],
    [
      'finds a clock that runs ahead',
      'clock',
      { channels: [aChannel({ readings: [reading(90, 30, { lateSeconds: -90 })] })] },
      'failed CLOCK_AHEAD',
    ],
    [
      'finds a clock that runs behind',
      'clock',
      { channels: [aChannel({ readings: [reading(-90, 30, { lateSeconds: 90 })] })] },
      'failed CLOCK_BEHIND',
    ],
    [
      'holds readings that were buffered against no clock',
      'clock',
      { channels: [aChannel({ readings: [reading(-500, 30, { lateSeconds: 500 }), reading(0, 30)] })] },
      'passed CLOCK_RIGHT',
    ],
    ['finds a signal that is too weak', 'signal', { signalDbm: { value: -111, at: at(0) } }, 'failed SIGNAL_WEAK'],
    ['finds a battery that is too low', 'battery', { batteryPercent: { value: 39, at: at(0) } }, 'failed BATTERY_LOW'],
    ['asks no battery of a device on the mains', 'battery', { batteryPercent: null }, 'not_applicable NOT_REPORTED'],
    [
      'counts readings until they show an interval',
      'interval',
      { channels: [aChannel({ readings: [reading(-60, 1), reading(0, 1)] })] },
      'waiting INTERVAL_COUNTING',
    ],
    [
      'believes a device that reports seldom after one interval',
      'interval',
      { expectedInterval: minutes(10), channels: [aChannel({ readings: [reading(-600, 1), reading(0, 1)] })] },
      'passed INTERVAL_KEPT',
    ],
    [
      'finds a device that reports too seldom',
      'interval',
      { channels: [aChannel({ readings: [reading(-200, 1), reading(-100, 1), reading(0, 1)] })] },
      'failed INTERVAL_TOO_LONG',
    ],
    [
      'finds a device that reports too often',
      'interval',
      { channels: [aChannel({ readings: [reading(-20, 1), reading(-10, 1), reading(0, 1)] })] },
      'failed INTERVAL_TOO_SHORT',
    ],
    [
      'finds a device that fell silent',
      'interval',
      { channels: [aChannel({ readings: [reading(-400, 1), reading(-340, 1), reading(-280, 1)] })] },
      'failed SILENT',
    ],
  ])('%s', (_name, check, given, expected) => {
    const { verdict, code } = finding(check, aDevice(given));
    expect(`${verdict} ${code}`).toBe(expected);
  });

  it.each([
    { it: 'agrees within the tolerance', values: [30, 40, 50], expected: 'passed' },
    { it: 'takes the larger of the two tolerances', values: [60, 61, 62], expected: 'passed' },
    { it: 'disagrees beyond both', values: [70, 71, 72], expected: 'failed' },
    { it: 'is not misled by one neighbour that is wrong', values: [31, 33, 900], expected: 'passed' },
  ])('$it', ({ values, expected }) => {
    const neighbours = values.map((value, i) => ({ distanceMetres: 1000 + i, value }));
    expect(finding('neighbours_agree', aDevice({ channels: [aChannel({ neighbours })] })).verdict).toBe(expected);
  });

  it('asks the nearest five alone, and none from afar', () => {
    const near = [1, 2, 3, 4, 5].map((k) => ({ distanceMetres: k * 100, value: 32 }));
    const beyond = [6, 7, 8, 9].map((k) => ({ distanceMetres: k * 100, value: 400 }));
    const afar = [1, 2].map((k) => ({ distanceMetres: 5_000 + k, value: 400 }));
    const judged = (neighbours: ObservedChannel['neighbours']) =>
      finding('neighbours_agree', aDevice({ channels: [aChannel({ neighbours })] })).verdict;
    expect(judged([...beyond, ...near])).toBe('passed');
    expect(judged(afar)).toBe('not_applicable');
  });
});

describe('a signature', () => {
  const failing = aDevice({ batteryPercent: { value: 5, at: at(0) }, connection: { online: false, since: at(0) } });
  const findings = evaluateCommissioning(failing, TERMS);

  it('is refused while a check is open, and says which', () => {
    expect(signedFindings(findings, [{ check: 'battery', reason: 'charging from the panel' }])).toEqual({
      ok: false,
      error: ['connected'],
    });
  });

  it('takes no blank for a reason', () => {
    const blank = signedFindings(findings, [
      { check: 'battery', reason: '   ' },
      { check: 'connected', reason: 'by day only' },
    ]);
    expect(blank).toEqual({ ok: false, error: ['battery'] });
  });

  it('keeps reasons where they were needed, and only there', () => {
    const signed = signedFindings(findings, [
      { check: 'battery', reason: ' charging ' },
      { check: 'connected', reason: 'by day only' },
      { check: 'clock', reason: 'said before it was right' },
    ]);
    expect(
      signed.ok && Object.fromEntries(signed.value.map((each) => [each.check, each.overriddenBecause])),
    ).toMatchObject({
      battery: 'charging',
      connected: 'by day only',
      clock: null,
    });
  });
});

describe('the distance between places', () => {
  it('is that of the map: Lê Chân to Đồ Sơn', () => {
    const metres = distanceMetres({ longitude: 106.68, latitude: 20.85 }, { longitude: 106.79, latitude: 20.71 });
    expect(metres / 1000).toBeCloseTo(19.3, 1);
  });
});
