import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aDevice, decoderFor, haveVectors, seen, vectorsOf } from './decode-parts.ts';
import { linesOf } from './line-protocol.ts';
import type { Decoded } from './measurement.ts';

interface Vectors {
  readonly parse: readonly { readonly id: string; readonly line: string; readonly expected: object }[];
  readonly skipped_lines: readonly string[];
  readonly invalid: readonly { readonly line: string; readonly error: string }[];
  readonly restricted: readonly { readonly name: string }[];
  readonly serialise: readonly {
    readonly line: string;
    readonly point: {
      readonly tags: object;
      readonly fields: object;
      readonly measurement: string;
      readonly timestamp: string | null;
    };
  }[];
}
const none: Vectors = { parse: [], skipped_lines: [], invalid: [], restricted: [], serialise: [] };
const vectors = vectorsOf<Vectors | null>('line-protocol') ?? none;

/** The points of a text as the vectors write them. */
const pointsOf = (text: string) =>
  [...linesOf(text)].map((read) =>
    read.ok
      ? {
          measurement: read.value.measurement,
          tags: Object.fromEntries(read.value.tags),
          fields: Object.fromEntries(
            [...read.value.fields].map(([key, { type, value }]) => [
              key,
              { type, value: typeof value === 'bigint' ? String(value) : value },
            ]),
          ),
          timestamp: read.value.timestamp === null ? null : String(read.value.timestamp),
        }
      : read.error,
  );

describe.skipIf(!haveVectors)('line protocol by the reference vectors (skipped where ../shared is absent)', () => {
  it.each(vectors.parse.map(({ id, line, expected }) => [id, line, expected] as const))(
    'reads %s',
    (_id, line, expected) => expect(pointsOf(line)).toEqual([expected]),
  );
  it.each(vectors.serialise.map(({ line, point }) => [line, point] as const))('reads back %s', (line, point) =>
    expect(pointsOf(line)).toEqual([point]),
  );
  it.each(vectors.skipped_lines)('passes over %j', (line) => expect(pointsOf(line)).toEqual([]));
  it.each(vectors.invalid.map(({ line, error }) => [line, error] as const))('refuses %j: %s', (line) =>
    expect(pointsOf(line)).toEqual([expect.any(String)]),
  );
  it.each(vectors.restricted.map(({ name }) => name))('refuses %s as a name', (name) =>
    expect(pointsOf(`${name} f=1\nm,${name}=1 f=1\nm ${name}=1`)).toEqual(Array(3).fill(expect.any(String))),
  );
});

describe('line protocol', () => {
  const box = aDevice('box-1', ['weather.temperature', 'humidity', 'level', 'open', 'count'], {
    format: 'line-protocol',
  });
  const gauge = aDevice('gauge-7', ['level'], { serialNumber: 'SN-7' });
  const decode = (text: string, topic = '/write?precision=s') => decoderFor(box, [gauge])(text, { topic }) as Decoded;

  it('finds channels by measurement and field, by field, and by measurement for a field called value', () =>
    expect(
      seen(decode('weather temperature=31.5,humidity=80i 1772330400\nlevel value=2.5')).map(([c, v]) => [c, v]),
    ).toEqual([
      ['weather.temperature', 31.5],
      ['humidity', 80],
      ['level', 2.5],
    ]));

  it.each([
    ['ns', '1772330400123456789', 1_772_330_400_123],
    ['n', '1772330400123456789', 1_772_330_400_123],
    ['us', '1772330400123456', 1_772_330_400_123],
    ['u', '1772330400123456', 1_772_330_400_123],
    ['ms', '1772330400123', 1_772_330_400_123],
    ['s', '1772330400', 1_772_330_400_000],
    ['m', '29538840', 1_772_330_400_000],
    ['h', '492314', 1_772_330_400_000],
  ])('reads a timestamp in %s', (precision, timestamp, ms) => {
    for (const path of ['/write', '/api/v2/write'])
      expect(seen(decode(`level value=1 ${timestamp}`, `${path}?precision=${precision}`))).toEqual([
        ['level', 1, ms, null],
      ]);
  });

  it('takes nanoseconds where nothing is said, and the arrival where there is no timestamp', () =>
    expect(seen(decode('level value=1 1772330400123456789\nlevel value=2', '/write'))).toEqual([
      ['level', 1, 1_772_330_400_123, null],
      ['level', 2, null, null],
    ]));

  it('refuses a precision that isn’t one', () =>
    expect(decode('level value=1', '/write?precision=day').problems).toMatchObject([{ code: 'TIMESTAMP_INVALID' }]));

  it('gives a point with a device tag to that device, by id or serial number', () => {
    const decoded = decode(
      'x,device=gauge-7,host=h level=1\nx,serial=SN-7 level=2\nx,host=gauge-7 level=3\nx,device=nobody level=4',
    );
    expect(
      decoded.carried?.map(({ device, decoded: its }) => [device.deviceId, its.measurements.map((m) => m.value)]),
    ).toEqual([['gauge-7', [1, 2]]]);
    expect(decoded.measurements.map((m) => m.value)).toEqual([3]);
    expect(decoded.problems).toMatchObject([{ index: 3, code: 'UNKNOWN_DEVICE', detail: 'nobody' }]);
  });

  it('keeps good lines beside bad ones, and says which were bad', () => {
    const decoded = decode(
      'level value=1\nlevel value=\n# a comment\r\n\nlevel value="high",open=t,count=5u\r\nlevel value=2',
    );
    expect(decoded.measurements.map((m) => [m.index, m.channel, m.value])).toEqual([
      [0, 'level', 1],
      [2, 'open', 1],
      [2, 'count', 5],
      [3, 'level', 2],
    ]);
    expect(decoded.problems.map((p) => [p.index, p.code])).toEqual([
      [1, 'MALFORMED'],
      [2, 'VALUE_NOT_NUMERIC'],
    ]);
  });

  it('reads text in quotes over the end of a line, and goes on after a quote that is never closed', () => {
    expect(pointsOf('m a="one\ntwo",b=1\nm b=2').map((p) => typeof p)).toEqual(['object', 'object']);
    expect(pointsOf('m a="one\nm b=2\nm b=3').map((p) => typeof p)).toEqual(['string', 'object', 'object']);
  });

  it.each(['', '\n\n', '# only a comment', '\xff\xfe'])('quarantines %j, which has no points', (text) =>
    expect(decoderFor(box)(Buffer.from(text, 'latin1'), { topic: '/write' })).toMatchObject({
      problems: [{ code: 'MALFORMED' }],
    }),
  );

  it('bounds the values of one request, and keeps none of one that is over', () => {
    const over = decoderFor(box, [], { maximumItems: 3 })('level a=1,b=2\nlevel c=3,d=4', {
      topic: '/write',
    }) as Decoded;
    expect([over.measurements, over.problems.map((p) => p.code)]).toEqual([[], ['TOO_MANY_ITEMS']]);
  });

  it('reads back any names and numbers, escaped as the protocol wants', () => {
    const name = fc
      .string({ unit: fc.constantFrom('a', 'é', ' ', ',', '=', '"', '€'), minLength: 1, maxLength: 8 })
      .map((n) => `x${n}`);
    const escaped = (text: string) => text.replace(/[,= ]/g, '\\$&');
    fc.assert(
      fc.property(
        name,
        name,
        name,
        name,
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (measurement, key, tag, field, value, timestamp) => {
          const line = `${measurement.replace(/[, ]/g, '\\$&')},${escaped(key)}=${escaped(tag)} ${escaped(field)}=${value} ${timestamp}`;
          expect(pointsOf(line)).toEqual([
            {
              measurement,
              tags: { [key]: tag },
              fields: { [field]: { type: 'float', value } },
              timestamp: String(timestamp),
            },
          ]);
        },
      ),
    );
  });
});
