import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNativeJson, deviceTimeOf } from './native-json.ts';

const decode = (text: string, maximumItems = 100) => decodeNativeJson(Buffer.from(text), { maximumItems });
const T = 1_764_000_000_000;

describe('native JSON', () => {
  it.each([
    { it: 'seconds', ts: 1_764_000_000, ms: T },
    { it: 'milliseconds', ts: T, ms: T },
    { it: 'microseconds', ts: T * 1000, ms: T },
    { it: 'nanoseconds', ts: T * 1e6, ms: T },
    { it: 'ISO 8601 in UTC', ts: '2025-11-24T16:00:00Z', ms: T },
    { it: 'ISO 8601 with an offset', ts: '2025-11-24T23:00:00.000+07:00', ms: T },
  ])('reads a time in $it', ({ ts, ms }) => expect(deviceTimeOf(ts)).toBe(ms));

  it.each(['2025-11-24T16:00:00', 'yesterday', true, {}])('does not take %j for a time', (ts) =>
    expect(deviceTimeOf(ts)).toBeNaN(),
  );

  it('reads one message, an array of them, and the bare values', () => {
    const one = decode(`{"ts":${T},"values":{"pm2_5":12.3,"temperature":29.1}}`);
    expect(one.measurements).toEqual([
      { index: 0, channel: 'pm2_5', value: 12.3, deviceTime: T, status: 'ok' },
      { index: 0, channel: 'temperature', value: 29.1, deviceTime: T, status: 'ok' },
    ]);
    expect(
      decode(`[{"ts":${T},"values":{"a":1}},{"values":{"a":2}}]`).measurements.map((m) => [
        m.index,
        m.value,
        m.deviceTime,
      ]),
    ).toEqual([
      [0, 1, T],
      [1, 2, null],
    ]);
    expect(decode('{"a":1}').measurements).toEqual([
      { index: 0, channel: 'a', value: 1, deviceTime: null, status: 'ok' },
    ]);
  });

  it('takes booleans as 1 and 0, counts null, refuses text, and keeps the rest', () => {
    const decoded = decode('{"values":{"on":true,"off":false,"gone":null,"text":"12","ok":5}}');
    expect(decoded.measurements.map((m) => [m.channel, m.value])).toEqual([
      ['on', 1],
      ['off', 0],
      ['ok', 5],
    ]);
    expect(decoded.noValues).toBe(1);
    expect(decoded.problems).toMatchObject([{ quantity: 'text', code: 'VALUE_NOT_NUMERIC' }]);
  });

  it('lets one bad element of an array stand alone', () => {
    const decoded = decode('[{"values":{"a":1}},7,{"ts":"never","values":{"a":2}},{"values":{"a":3}}]');
    expect(decoded.measurements.map((m) => m.index)).toEqual([0, 3]);
    expect(decoded.problems.map((p) => [p.index, p.code])).toEqual([
      [1, 'MALFORMED'],
      [2, 'TIMESTAMP_INVALID'],
    ]);
  });

  it('keeps sequence and status and names unknown keys', () => {
    const decoded = decode('{"values":{"a":1},"seq":7,"status":"calibrating","colour":"red"}');
    expect(decoded).toMatchObject({ sequences: [7], unknownKeys: ['colour'] });
    expect(decoded.measurements[0]?.status).toBe('calibrating');
  });

  it.each(['', '{', '[]', '{}', '1', '"x"', 'null', '{"values":1}', '{"values":{}}', '{"ts":1}', '\xff\xfe'])(
    'quarantines %j as malformed',
    (text) => {
      const decoded = decode(text);
      expect(decoded.measurements).toEqual([]);
      expect(decoded.problems[0]?.code).toBe('MALFORMED');
    },
  );

  it('refuses 1e999, which JSON reads as infinity', () =>
    expect(decode('{"values":{"a":1e999}}').problems).toMatchObject([{ code: 'VALUE_NOT_FINITE' }]));
  it('bounds the items of one message', () =>
    expect(decode(JSON.stringify(Array(101).fill({ a: 1 }))).problems).toMatchObject([{ code: 'TOO_MANY_ITEMS' }]));

  it('never throws, and accounts for every message with a measurement, a problem or a counted null', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((j) => Buffer.from(j)),
          fc.json().map((j) => Buffer.from(`{"values":${j}}`)),
        ),
        (bytes) => {
          const decoded = decodeNativeJson(bytes, { maximumItems: 50 });
          expect(decoded.measurements.length + decoded.problems.length + decoded.noValues).toBeGreaterThan(0);
          for (const m of decoded.measurements) expect(Number.isFinite(m.value)).toBe(true);
        },
      ),
    );
  });
});
