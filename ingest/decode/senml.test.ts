import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARRIVAL, aDevice, decoderFor, haveVectors, seen, vectorsOf } from './decode-parts.ts';
import type { Decoded } from './measurement.ts';
import { type ResolvedRecord, resolveSenml, SenmlPackError } from './senml.ts';
import { senmlRecordOfCbor } from './senml-cbor.ts';
import { senmlRecordOfJson } from './senml-json.ts';

interface Vectors {
  readonly timeTolerance_s: number;
  readonly vectors: readonly {
    readonly id: string;
    readonly now: number | null;
    readonly pack: readonly Record<string, unknown>[];
    readonly resolved: readonly Record<string, unknown>[];
  }[];
  readonly invalid: readonly { readonly id: string; readonly pack: unknown }[];
}
const { vectors = [], invalid = [], timeTolerance_s: tolerance = 0 } = vectorsOf<Vectors | null>('senml') ?? {};
const LABELS: Record<string, number> = {
  bver: -1,
  bn: -2,
  bt: -3,
  bu: -4,
  bv: -5,
  bs: -6,
  n: 0,
  u: 1,
  v: 2,
  vs: 3,
  vb: 4,
  s: 5,
  t: 6,
  ut: 7,
  vd: 8,
};
const toCborRecord = (record: Record<string, unknown>): Map<number | string, unknown> =>
  new Map(
    Object.entries(record).map(([label, value]) => [
      LABELS[label] ?? label,
      label === 'vd' ? Buffer.from(String(value), 'base64url') : value,
    ]),
  );
const wire = ({ name, time, unit, value, sum }: ResolvedRecord) => ({
  n: name,
  t: time,
  ...(unit === null ? {} : { u: unit }),
  ...(typeof value === 'number' ? { v: value } : {}),
  ...(typeof value === 'boolean' ? { vb: value } : {}),
  ...(sum === null ? {} : { s: sum }),
});

describe.skipIf(!haveVectors)('SenML by the reference vectors (skipped where ../shared is absent)', () => {
  it.each(vectors.map((vector) => [vector.id, vector] as const))('resolves %s in JSON and CBOR', (_id, vector) => {
    const forms = [
      vector.pack.map((record) => senmlRecordOfJson(record)!),
      vector.pack.map((record) => senmlRecordOfCbor(toCborRecord(record))!),
    ];
    for (const form of forms) {
      const { records, problems } = resolveSenml(form, vector.now ?? 0);
      expect(problems).toEqual([]);
      expect(records).toHaveLength(vector.resolved.length);
      for (const [i, record] of records.entries()) {
        const { t, vs, vd, ...rest } = vector.resolved[i] as { t: number; vs?: string; vd?: string };
        const { t: time, ...others } = wire(record);
        expect(Math.abs(time - t)).toBeLessThanOrEqual(tolerance);
        expect(others).toEqual(rest);
        if (vs !== undefined) expect(record.value).toBe(vs);
        if (vd !== undefined)
          expect(
            typeof record.value === 'string'
              ? record.value
              : Buffer.from(record.value as Uint8Array).toString('base64url'),
          ).toBe(vd);
      }
    }
  });

  it.each(invalid.map(({ id, pack }) => [id, pack] as const))('quarantines %s', (_id, pack) => {
    const gauge = aDevice('gauge-1', ['a'], { format: 'senml-json' });
    const decoded = decoderFor(gauge)(JSON.stringify(pack)) as Decoded;
    expect(decoded.measurements).toEqual([]);
    expect(decoded.problems.map((p) => p.code)).toEqual(['MALFORMED']);
  });
});

describe('SenML', () => {
  const device = aDevice('box-1', ['voltage', 'current', '%RH', 'flow', 'flow.sum', 'open'], { format: 'senml-json' });
  const decode = (pack: unknown, others = [] as Parameters<typeof decoderFor>[1]) =>
    decoderFor(device, others)(JSON.stringify(pack)) as Decoded;
  const urn = 'urn:dev:ow:10e2073a01080063';

  it('finds the channel by the last part of a name, and by the unit where the name is the device’s alone', () =>
    expect(
      seen(
        decode([
          { bn: `${urn}:`, bt: 1_772_330_400, n: 'voltage', u: 'V', v: 120.1 },
          { n: 'current', u: 'A', v: 1.2 },
          { bn: urn, u: '%RH', v: 20 },
        ]),
      ),
    ).toEqual([
      ['voltage', 120.1, 1_772_330_400_000, 'V'],
      ['current', 1.2, 1_772_330_400_000, 'A'],
      ['%RH', 20, 1_772_330_400_000, '%'],
    ]));

  it('gives records of another device to that device', () => {
    const other = aDevice('meter-7', ['voltage'], { serialNumber: urn });
    const decoded = decode(
      [
        { bn: `${urn}:`, n: 'voltage', v: 230 },
        { bn: 'box:', n: 'current', v: 1 },
      ],
      [other],
    );
    expect(seen(decoded)).toEqual([['current', 1, null, null]]);
    expect(decoded.carried?.map(({ device: to, decoded: its }) => [to.deviceId, seen(its)])).toEqual([
      ['meter-7', [['voltage', 230, null, null]]],
    ]);
  });

  it('leaves the time to the arrival where the pack gives none, and counts back from it where it says so', () => {
    const decoded = decode([
      { n: 'voltage', v: 1 },
      { n: 'voltage', t: -60, v: 2 },
    ]);
    expect(seen(decoded)).toEqual([
      ['voltage', 2, ARRIVAL - 60_000, null],
      ['voltage', 1, null, null],
    ]);
    expect(decoded.relativeTimes).toBe(true);
    expect(decode([{ n: 'voltage', v: 1 }]).relativeTimes).toBe(false);
  });

  it('keeps a sum as a quantity of its own where the model has one', () => {
    expect(seen(decode([{ n: 'flow', bt: 1_772_330_400, u: 'm3/s', v: 2, s: 7 }]))).toEqual([
      ['flow', 2, 1_772_330_400_000, 'm3/s'],
      ['flow.sum', 7, 1_772_330_400_000, 'm3/s.s'],
    ]);
    expect(decode([{ n: 'voltage', v: 2, s: 7 }]).unknownKeys).toEqual(['s']);
  });

  it('takes truth values for numbers and text for none, and lets a bad record stand alone', () => {
    const decoded = decode([
      { n: 'open', vb: true },
      { n: 'voltage', vs: 'high' },
      { n: 'a b', v: 1 },
      { n: 'current', v: 3 },
    ]);
    expect(seen(decoded).map(([channel, value]) => [channel, value])).toEqual([
      ['open', 1],
      ['current', 3],
    ]);
    expect(decoded.problems.map(({ index, code }) => [index, code])).toEqual([
      [2, 'MALFORMED'],
      [1, 'VALUE_NOT_NUMERIC'],
    ]);
  });

  it.each([
    { it: 'a base time that is text', pack: [{ n: 'voltage', bt: 'now', v: 1 }] },
    {
      it: 'versions that differ',
      pack: [
        { n: 'voltage', bver: 10, v: 1 },
        { n: 'current', bver: 5, v: 1 },
      ],
    },
    { it: 'an empty array', pack: [] },
    { it: 'a record that is no object', pack: [{ n: 'voltage', v: 1 }, 7] },
  ])('quarantines the whole of $it', ({ pack }) => {
    const decoded = decode(pack);
    expect([decoded.measurements, decoded.problems.map((p) => p.code)]).toEqual([[], ['MALFORMED']]);
  });

  it('bounds the records of a pack', () =>
    expect(
      (decoderFor(device, [], { maximumItems: 5 })(JSON.stringify(Array(6).fill({ n: 'voltage', v: 1 }))) as Decoded)
        .problems,
    ).toMatchObject([{ code: 'TOO_MANY_ITEMS' }]));

  it('in CBOR knows decimal fractions and integers of any length', () => {
    const box = { ...device, format: 'senml-cbor' };
    // [{0: "voltage", 2: 4([-1, 2301])}, {0: "current", 2: 2(h'010000000000000000')}]
    const bytes = Buffer.from(
      '82a20067766f6c7461676502c482201908fda2006763757272656e7402c249010000000000000000',
      'hex',
    );
    expect(seen(decoderFor(box)(bytes) as Decoded)).toEqual([
      ['voltage', 230.1, null, null],
      ['current', 2 ** 64, null, null],
    ]);
  });

  it('in CBOR says the same as in JSON, whatever the pack', () => {
    const record = fc.record(
      {
        n: fc.constantFrom('voltage', 'current', 'flow', '', '_x'),
        bn: fc.constantFrom('', 'box:', 'a b'),
        bt: fc.integer({ min: -100, max: 2_000_000_000 }),
        t: fc.integer({ min: -100, max: 100 }),
        u: fc.constantFrom('V', 'A', '%RH'),
        v: fc.double({ noNaN: true, noDefaultInfinity: true }).map((v) => (Object.is(v, -0) ? 0 : v)),
        bv: fc.integer(),
        s: fc.integer(),
        vb: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (pack) => {
        const json = decoderFor(device)(JSON.stringify(pack));
        const cbor = decoderFor({ ...device, format: 'senml-cbor' })(encode(pack.map(toCborRecord)));
        expect(cbor).toEqual(json);
      }),
    );
  });

  it('resolves in order of time, and nothing else than a pack error is ever thrown', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.constantFrom(...Object.keys(LABELS), 'x', 'x_'), fc.jsonValue())),
        (pack) => {
          try {
            const { records } = resolveSenml(
              pack.map((record) => senmlRecordOfJson(record)!),
              1_700_000_000,
            );
            expect(records.map(({ time }) => time)).toEqual(records.map(({ time }) => time).sort((a, b) => a - b));
          } catch (error) {
            expect(error).toBeInstanceOf(SenmlPackError);
          }
        },
      ),
    );
  });
});
