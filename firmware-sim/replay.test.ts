import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Aedes } from 'aedes';
import { afterEach, describe, expect, it } from 'vitest';
import type { EpochMs } from '../domain/time.ts';
import { UsageError } from './command-line.ts';
import { RecordingError } from './recordings/recording.ts';
import { planRows, type ReplayOptions, readReplayOptions, replay } from './replay.ts';

const run = promisify(execFile);
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

interface Heard {
  readonly topic: string;
  readonly items: readonly { readonly ts: number; readonly values: Readonly<Record<string, number>> }[];
  readonly at: number;
}
/** A real broker that keeps what it hears, and lets in the device with the token `secret`. */
async function broker(): Promise<{ readonly url: string; readonly heard: readonly Heard[] }> {
  const heard: Heard[] = [];
  const aedes = await Aedes.createBroker({
    authenticate: (_client, _user, password, done) =>
      String(password) === 'secret'
        ? done(null, true)
        : done(Object.assign(new Error('no'), { returnCode: 4 as const }), false),
    authorizePublish(_client, { topic, payload }, done) {
      const body = JSON.parse(String(payload)) as Heard['items'][0] | Heard['items'];
      heard.push({ topic, items: Array.isArray(body) ? body : [body as Heard['items'][0]], at: Date.now() });
      done(null);
    },
  });
  const server = createServer(aedes.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(async () => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    server.close();
  });
  return { url: `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`, heard };
}

/** Five-minute speeds in miles an hour, as the known recordings have them. */
function recording(rows: number, name = 'traffic-speed-1.csv'): string {
  const file = join(mkdtempSync(join(tmpdir(), 'hd-replay-')), name);
  const line = (i: number) =>
    `${new Date(Date.UTC(2015, 8, 1) + i * 300_000).toISOString().slice(0, 19).replace('T', ' ')},${40 + (i % 30)}`;
  writeFileSync(file, ['timestamp,value', ...Array.from({ length: rows }, (_, i) => line(i)), ''].join('\n'));
  return file;
}
const options = (more: Partial<ReplayOptions> & Pick<ReplayOptions, 'file' | 'brokerUrl'>): ReplayOptions => ({
  device: 'tj-1',
  token: 'secret',
  speed: null,
  shift: 'last-now',
  only: undefined,
  kind: undefined,
  maxAgeMs: null,
  limit: undefined,
  messagesPerSecond: 1_000,
  language: 'en',
  ...more,
});
const silent = { begin() {}, at() {}, end() {} };
const now = (): EpochMs => Date.now() as EpochMs;

describe('replaying a recording through a real broker', () => {
  it('sends every row in order and in our units, the last of them now', async () => {
    const { url, heard } = await broker();
    const before = Date.now();
    const seen: number[] = [];
    const result = await replay(options({ file: recording(700), brokerUrl: url }), now, {
      begin: (total) => seen.push(total),
      at: (done) => seen.push(done),
      end: () => seen.push(-1),
    });
    expect(result).toEqual({ rows: 700, acknowledged: 700, skippedOld: 0, unreadable: 0, empty: 0 });
    const items = heard.flatMap((message) => message.items);
    expect(items).toHaveLength(700);
    expect(new Set(heard.map(({ topic }) => topic))).toEqual(new Set(['hd/v1/tj-1/telemetry']));
    const times = items.map(({ ts }) => ts);
    expect(times.slice(1).every((ts, i) => ts - times[i]! === 300_000)).toBe(true);
    expect(times.at(-1)).toBeGreaterThanOrEqual(before);
    expect(times.at(-1)).toBeLessThanOrEqual(Date.now());
    expect(items[0]?.values['vehicle_speed']).toBeCloseTo(40 * 1.609344, 3);
    // The bar begins with the whole, ends at it, and is taken away.
    expect([seen[0], seen.at(-2), seen.at(-1)]).toEqual([700, 700, -1]);
  });

  it('goes on live from now: each row carries the time of its sending', async () => {
    const { url, heard } = await broker();
    await replay(options({ file: recording(5), brokerUrl: url, shift: 'from-now', speed: 3_000 }), now, silent);
    const items = heard.flatMap((message) => message.items.map(({ ts }) => ({ ts, at: message.at })));
    expect(items).toHaveLength(5);
    for (const { ts, at } of items) expect(Math.abs(at - ts)).toBeLessThan(1_000);
    // Five minutes at 3,000 times the pace are a tenth of a second.
    expect(items.at(-1)!.ts - items[0]!.ts).toBe(400);
  });

  it('skips and counts rows older than the platform takes', async () => {
    const { url, heard } = await broker();
    const hour = 3_600_000;
    const result = await replay(options({ file: recording(100), brokerUrl: url, maxAgeMs: hour }), now, silent);
    expect(result).toMatchObject({ acknowledged: 13, skippedOld: 87 });
    expect(heard.flatMap(({ items }) => items)).toHaveLength(13);
  });

  it('keeps below the rate it is told', async () => {
    const { url, heard } = await broker();
    const rows = options({ file: recording(600), brokerUrl: url, messagesPerSecond: 10 });
    await replay(rows, now, silent);
    expect(heard).toHaveLength(4);
    expect(heard.at(-1)!.at - heard[0]!.at).toBeGreaterThan(250);
  });
});

describe('what goes wrong is said', () => {
  it('for a file that is not there, or of no known kind', async () => {
    const { url } = await broker();
    const replaying = (file: string) => replay(options({ file, brokerUrl: url }), now, silent);
    await expect(replaying('/nowhere/at-all.csv')).rejects.toThrow(/no such file/);
    const unknown = join(mkdtempSync(join(tmpdir(), 'hd-replay-')), 'x.csv');
    writeFileSync(unknown, 'a,b\n1,2\n');
    await expect(replaying(unknown)).rejects.toThrow(RecordingError);
    await expect(replaying(unknown)).rejects.toThrow(/air, traffic-speed/);
  });

  it('for a wrong token, without a second try', async () => {
    const { url } = await broker();
    const wrong = options({ file: recording(5), brokerUrl: url, token: 'wrong' });
    await expect(replay(wrong, now, silent)).rejects.toThrow(
      /as tj-1: Connection refused: .* Check --broker, --device and --token/,
    );
  });

  it.each([
    { args: [], says: '--file' },
    { args: ['--file', 'x.csv'], says: '--device' },
    { args: ['--file', 'x.csv', '--device', 'd', '--shift', 'tomorrow'], says: '--shift' },
    { args: ['--file', 'x.csv', '--device', 'd', '--speed', 'fast'], says: '--speed' },
    { args: ['--file', 'x.csv', '--device', 'd', '--max-age', '30'], says: '--max-age' },
    { args: ['--colour'], says: '--colour' },
  ])('for the arguments $args', ({ args, says }) => {
    expect(() => readReplayOptions(args, {})).toThrow(UsageError);
    expect(() => readReplayOptions(args, {})).toThrow(says);
  });

  it('at the command line, with what to do and the exit code of a mistake', async () => {
    const failed = await run(process.execPath, ['firmware-sim/replay.ts', '--file', 'x.csv'], {
      env: { ...process.env, LANG: 'en_GB.UTF-8' },
    }).catch((error: { code: number; stderr: string }) => error);
    expect(failed).toMatchObject({ code: 2 });
    expect(failed.stderr).toContain('--device');
    expect(failed.stderr).toContain('npm run replay --');
  });
});

describe('times of the rows', () => {
  const rows = [0, 60_000, 180_000].map((at) => ({ at: (1_000_000 + at) as EpochMs, values: {} }));
  it.each([
    { shift: 'last-now' as const, speed: null, ts: [-180_000, -120_000, 0], after: [0, 0, 0] },
    { shift: 'from-now' as const, speed: null, ts: [0, 60_000, 180_000], after: [0, 60_000, 180_000] },
    { shift: 'from-now' as const, speed: 60, ts: [0, 1_000, 3_000], after: [0, 1_000, 3_000] },
  ])('$shift at $speed', ({ shift, speed, ts, after }) => {
    const planned = planRows(rows, shift, speed, 5e12 as EpochMs);
    expect(planned.map((row) => row.ts - 5e12)).toEqual(ts);
    expect(planned.map((row) => row.sendAfterMs)).toEqual(after);
  });
  it('none keeps them', () =>
    expect(planRows(rows, 'none', 60, 5e12 as EpochMs).map((row) => row.ts)).toEqual(rows.map(({ at }) => at)));
});
