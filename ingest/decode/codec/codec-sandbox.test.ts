import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { AgencyId, DeviceId, DeviceModelId } from '../../../domain/identifiers.ts';
import type { CodecOutcome } from './codec-call.ts';
import { type CodecEvent, type CodecSandbox, createCodecSandbox } from './codec-sandbox.ts';

const RECEIVED = Date.parse('2026-03-01T02:00:00Z');
const opened: CodecSandbox[] = [];
afterEach(async () => {
  for (const sandbox of opened.splice(0)) await sandbox.stop();
});
const open = () => {
  const events = new Map<CodecEvent, number>();
  const sandbox = createCodecSandbox({
    callMilliseconds: 50,
    memoryBytes: 16 * 1024 * 1024,
    count: (event, by) => events.set(event, (events.get(event) ?? 0) + by),
  });
  opened.push(sandbox);
  const run = (source: string, bytes: readonly number[] = [0, 1, 127, 128, 255], fPort = 7): Promise<CodecOutcome> =>
    sandbox.run({ source, bytes: Uint8Array.from(bytes), fPort, receivedTime: RECEIVED });
  return { sandbox, run, events };
};
/** A codec whose `decodeUplink` has this body. */
const codec = (body: string): string => `function decodeUplink(input) { ${body} }`;
const data = (outcome: CodecOutcome): unknown => (outcome.kind === 'decoded' ? outcome.data : outcome);
/** For codecs that leave nothing behind. */
const shared = createCodecSandbox({ callMilliseconds: 50, memoryBytes: 16 * 1024 * 1024 });
const run = (source: string, bytes: readonly number[] = [0, 1, 127, 128, 255], fPort = 7): Promise<CodecOutcome> =>
  shared.run({ source, bytes: Uint8Array.from(bytes), fPort, receivedTime: RECEIVED });
afterAll(() => shared.stop());
const GOOD = codec('return { data: { first: input.bytes[0] } };');

describe('a codec', () => {
  it.each([
    { form: 'decodeUplink', source: codec('return { data: { bytes: input.bytes, port: input.fPort } };') },
    {
      form: 'decodeUplink as a constant',
      source: 'const decodeUplink = ({ bytes, fPort }) => ({ data: { bytes, port: fPort } });',
    },
    { form: 'Decode', source: 'function Decode(fPort, bytes, variables) { return { bytes: bytes, port: fPort }; }' },
    { form: 'Decoder', source: 'function Decoder(bytes, port) { return { bytes: bytes, port: port }; }' },
  ])('written as $form gets every byte and the port', async ({ source }) =>
    expect(data(await run(source))).toEqual({ bytes: [0, 1, 127, 128, 255], port: 7 }),
  );

  it('gets the time of reception as a date, and an empty set of variables', async () =>
    expect(
      data(await run(codec('return { data: { at: input.recvTime.toISOString(), v: input.variables } };'))),
    ).toEqual({ at: '2026-03-01T02:00:00.000Z', v: {} }));

  it('may warn and have its data kept', async () =>
    expect(await run(codec('return { data: { a: 1 }, warnings: ["low battery"] };'))).toEqual({
      kind: 'decoded',
      data: { a: 1 },
      warnings: ['low battery'],
    }));

  it.each([
    { it: 'throws', body: 'throw new Error("no such frame");', detail: 'Error: no such frame' },
    { it: 'throws what is no error', body: 'throw 7;', detail: '7' },
    { it: 'reports errors', body: 'return { errors: ["too short", "no port"] };', detail: 'too short; no port' },
    { it: 'returns nothing', body: '', detail: 'nothing was returned' },
    { it: 'returns a number', body: 'return { data: 5 };', detail: '"data" is no object' },
    { it: 'returns a promise', body: 'return (async () => ({ data: {} }))();', detail: '"data" is no object' },
    { it: 'returns too much', body: 'return { data: { a: "x".repeat(70000) } };', detail: 'longer than' },
    { it: 'recurses without end', body: 'return decodeUplink(input);', detail: 'stack overflow' },
    { it: 'looks for the process', body: 'return { data: process.env };', detail: "'process' is not defined" },
    { it: 'looks for files', body: 'return { data: require("fs") };', detail: "'require' is not defined" },
    { it: 'looks for the network', body: 'return { data: fetch("http://x") };', detail: "'fetch' is not defined" },
  ])('that $it fails, and says how', async ({ body, detail }) =>
    expect(await run(codec(body))).toEqual({
      kind: 'failed',
      code: 'CODEC_FAILED',
      detail: expect.stringContaining(detail),
    }),
  );

  it.each([
    { it: 'has a fault in its text', source: 'function decodeUplink(input) { return {', detail: 'SyntaxError' },
    { it: 'has no function of a known name', source: 'function decode() {}', detail: 'there is no function' },
  ])('that $it fails at every call', async ({ source, detail }) => {
    for (let i = 0; i < 2; i++)
      expect(await run(source)).toMatchObject({ code: 'CODEC_FAILED', detail: expect.stringContaining(detail) });
  });

  it.each([
    { it: 'loops', body: 'for (;;);' },
    { it: 'loops where its result is read', body: 'return { data: { get a() { for (;;); } } };' },
    { it: 'loops in a regular expression', body: 'return { data: { a: /(a+)+b/.test("a".repeat(40)) } };' },
    { it: 'eats memory', body: 'return { data: { a: new ArrayBuffer(64e6).byteLength } };' },
    { it: 'eats memory by and by', body: 'const all = []; for (;;) all.push("x".repeat(1e6) + all.length);' },
  ])('that $it is over its limit', async ({ body }) =>
    expect(await run(codec(body))).toMatchObject({ kind: 'failed', code: 'CODEC_LIMIT' }),
  );

  it('that loops while it is loaded is over its limit', async () =>
    expect(await run('for (;;);')).toMatchObject({ code: 'CODEC_LIMIT' }));

  it('that can’t be interrupted loses its thread, and the calls beside it are answered all the same', async () => {
    const { run, events } = open();
    // A loop inside the engine, where nobody asks whether the time is over.
    const stuck = codec('return { data: { a: [].indexOf.call({ length: 2 ** 53 - 1 }, 1) } };');
    const outcomes = await Promise.all([run(GOOD, [1]), run(stuck), run(GOOD, [2]), run(GOOD, [3])]);
    expect(outcomes.map(data)).toEqual([
      { first: 1 },
      { kind: 'failed', code: 'CODEC_LIMIT', detail: 'the call could not be interrupted' },
      { first: 2 },
      { first: 3 },
    ]);
    expect(events.get('stopped')).toBe(1);
    expect(await run(stuck)).toMatchObject({ code: 'CODEC_SUSPENDED' });
    expect(data(await run(GOOD, [4]))).toEqual({ first: 4 });
  });

  it('that loops again and again is suspended, and others are not', async () => {
    const { run } = open();
    const looping = codec('for (;;);');
    const codes: unknown[] = [];
    for (let i = 0; i < 6; i++) {
      const outcome = await run(looping);
      codes.push(outcome.kind === 'failed' && outcome.code);
      expect(data(await run(GOOD, [i]))).toEqual({ first: i });
    }
    expect(codes.slice(0, 2)).toEqual(['CODEC_LIMIT', 'CODEC_LIMIT']);
    expect(codes.slice(-2)).toEqual(['CODEC_SUSPENDED', 'CODEC_SUSPENDED']);
  });

  it('that leaves memory behind at every call goes on with a new world when it is full', async () => {
    const { run } = open();
    const leaking = `const all = []; ${codec('all.push(new ArrayBuffer(1e6)); return { data: { kept: all.length } };')}`;
    const kept: unknown[] = [];
    for (let i = 0; i < 40; i++) kept.push(data(await run(leaking)));
    expect(kept.every((one) => typeof (one as { kept?: number }).kept === 'number')).toBe(true);
  });

  it('does not see what another left in its globals', async () => {
    const { run } = open();
    await run(`var left = 1; Array.prototype.push = null; ${codec('return { data: {} };')}`);
    expect(data(await run(codec('return { data: { left: typeof left } };')))).toEqual({ left: 'undefined' });
  });
});

describe('the sandbox', () => {
  it('answers hundreds of calls at once, each with its own', async () => {
    const { run } = open();
    const outcomes = await Promise.all(Array.from({ length: 500 }, (_, i) => run(GOOD, [i % 256])));
    expect(outcomes.map(data)).toEqual(Array.from({ length: 500 }, (_, i) => ({ first: i % 256 })));
  });

  it('refuses a payload longer than any radio frame many times over', async () =>
    expect(await run(GOOD, Array(20_000).fill(1))).toMatchObject({ code: 'CODEC_FAILED' }));

  it('answers what is waiting when it is stopped', async () => {
    const { sandbox, run } = open();
    const waiting = run(codec('for (;;);'));
    await sandbox.stop();
    expect(await waiting).toMatchObject({ kind: 'failed', detail: 'the sandbox has been stopped' });
    expect(await run(GOOD)).toMatchObject({ kind: 'failed' });
  });
});

describe('a call that is looked at', () => {
  const trial = (
    source: string,
    {
      bytes = [1, 2],
      variables = {},
    }: { bytes?: readonly number[]; variables?: Readonly<Record<string, string>> } = {},
  ) => shared.trial({ source, bytes: Uint8Array.from(bytes), fPort: 7, receivedTime: RECEIVED }, variables);

  it('is given variables, and what it writes to its console is kept', async () => {
    const run = await trial(
      codec(
        'console.log("first", { a: [1] }); console.warn(undefined); return { data: { v: input.variables.offset } };',
      ),
      { variables: { offset: '3' } },
    );
    expect(run).toMatchObject({
      outcome: { kind: 'decoded', data: { v: '3' } },
      console: ['first {"a":[1]}', 'undefined'],
      place: null,
    });
    expect(run.computedMs).toBeGreaterThan(0);
  });

  it('keeps the errors and warnings a codec reports apart', async () =>
    expect(await trial(codec('return { data: {}, errors: ["too short", 7], warnings: ["old"] };'))).toMatchObject({
      outcome: { kind: 'failed', code: 'CODEC_FAILED', detail: 'too short; 7' },
      errors: ['too short', '7'],
      warnings: ['old'],
    }));

  it.each([
    { it: 'throws', source: 'function decodeUplink(input) {\n  const a = null;\n  return a.b;\n}', line: 3 },
    { it: 'is no JavaScript', source: 'function decodeUplink(input) {\n  return {\n', line: 3 },
    { it: 'throws while it is loaded', source: '\n\nnoSuchThing();\nfunction decodeUplink() {}', line: 3 },
  ])('names the line when the codec $it', async ({ source, line }) =>
    expect((await trial(source)).place).toMatchObject({ line }),
  );

  it('keeps no more of the console than a person reads', async () => {
    const { console: lines } = await trial(
      codec('for (let i = 0; i < 1000; i++) console.log("x".repeat(2000)); return { data: {} };'),
    );
    expect(lines).toHaveLength(100);
    expect(lines.every((line) => line.length === 500)).toBe(true);
  });

  it('is held to the limits of messages, and tells how far it came', async () => {
    const run = await trial(codec('console.log("here"); for (;;);'));
    expect(run).toMatchObject({ outcome: { code: 'CODEC_LIMIT' }, console: ['here'] });
    expect(run.computedMs).toBeGreaterThanOrEqual(40);
  });

  it('leaves nothing behind for messages, and finds nothing of theirs', async () => {
    const counting = `var calls = 0; ${codec('return { data: { calls: ++calls } };')}`;
    expect(data(await run(counting))).toEqual({ calls: 1 });
    expect(data((await trial(counting)).outcome)).toEqual({ calls: 1 });
    const outcomes = await Promise.all([run(counting), trial(counting), run(counting)]);
    expect(outcomes.map((one) => data('outcome' in one ? one.outcome : one))).toEqual([
      { calls: 1 },
      { calls: 1 },
      { calls: 1 },
    ]);
  });
});

describe('a suspended codec', () => {
  const looping = codec('if (input.bytes[0] === 0) for (;;); return { data: {} };');
  const suspended = async () => {
    const held: string[] = [];
    const sandbox = createCodecSandbox({
      callMilliseconds: 50,
      memoryBytes: 16 * 1024 * 1024,
      onHeld: ({ device }, excess) => held.push(`${device?.deviceId} ${excess}`),
    });
    opened.push(sandbox);
    const device = { deviceId: 'd' as DeviceId, agencyId: 'a' as AgencyId, modelId: 'm' as DeviceModelId };
    const run = (first: number) =>
      sandbox.run({ source: looping, bytes: Uint8Array.of(first), fPort: 1, receivedTime: RECEIVED, device });
    while (sandbox.suspension(looping) === null) await run(0);
    return { sandbox, run, held };
  };

  it('is told of with the device whose payload was held, and why', async () => {
    const { sandbox, run, held } = await suspended();
    await run(1);
    expect(held).toEqual(['d time', 'd time']);
    expect(sandbox.suspension(looping)).toMatchObject({ excess: 'time', messagesHeld: 2 });
    expect(sandbox.suspension(GOOD)).toBeNull();
  });

  it('runs again at once when it is lifted', async () => {
    const { sandbox, run } = await suspended();
    sandbox.lift(looping);
    expect(sandbox.suspension(looping)).toBeNull();
    expect(await run(1)).toMatchObject({ kind: 'decoded' });
  });
});
