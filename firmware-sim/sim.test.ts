import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Aedes } from 'aedes';
import { afterEach, describe, expect, it } from 'vitest';
import type { EpochMs } from '../domain/time.ts';
import { UsageError } from './command-line.ts';
import { SCENARIO_NAMES } from './scenarios/scenarios.ts';
import { readSimOptions, runSim, type SimOptions } from './sim.ts';

const run = promisify(execFile);
const NOW = Date.UTC(2026, 9, 20, 3) as EpochMs;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const read = (...args: readonly string[]): SimOptions => {
  const options = readSimOptions(args, {}, NOW);
  if ('help' in options) throw new Error('help was asked for');
  return options;
};

describe('the command line of the simulated street', () => {
  it('drives the whole city from now on by default', () =>
    expect(read()).toMatchObject({ from: NOW, speed: 1, deviceCount: undefined, scenarios: [], temper: 'real' }));

  it('begins six hours ago when it is to run fast and is not told from when', () =>
    expect(read('--speed', '60').from).toBe(NOW - 6 * 3_600_000));

  it('takes times in words, distances and ISO 8601', () => {
    expect(read('--at', '+10m').at).toBe(NOW + 600_000);
    expect(read('--at', '2026-10-20T10:00:00+07:00').at).toBe(NOW);
  });

  it.each([
    ['--scenario', 'tsunami'],
    ['--devices', '0'],
    ['--at', 'soon'],
    ['--from', '+1h'],
    ['--duration', '5'],
    ['--credentials', '/nowhere/tokens.csv'],
    ['--lang', 'fr'],
    ['--wrong'],
  ])('refuses %s %s and says which', (...args) => {
    expect(() => read(...args)).toThrow(UsageError);
    expect(() => read(...args)).toThrow(args[0]);
  });

  it('explains itself in both languages, with every scenario by name', async () => {
    for (const [language, word] of [
      ['vi', 'Chạy đường phố mô phỏng'],
      ['en', 'Drives the simulated street'],
    ] as const) {
      const { stdout } = await run(process.execPath, ['firmware-sim/sim.ts', '--help', '--lang', language]);
      for (const expected of [word, ...SCENARIO_NAMES]) expect(stdout).toContain(expected);
    }
  });
});

describe('a run against a real broker', () => {
  it('writes the ground truth, sends readings of its devices, and stops when its time is over', async () => {
    const topics = new Set<string>();
    const aedes = await Aedes.createBroker({
      authorizePublish(_client, { topic }, done) {
        topics.add(topic);
        done(null);
      },
    });
    const server = createServer(aedes.handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      server.close();
    });
    const truthFile = join(mkdtempSync(join(tmpdir(), 'hd-sim-')), 'truth.json');
    const broker = `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`;
    const now = Date.now() as EpochMs;
    const args = [
      '--broker',
      broker,
      '--devices',
      '12',
      '--tame',
      '--duration',
      '2s',
      '--scenario',
      'pipe-burst',
      '--truth',
      truthFile,
    ];
    const options = readSimOptions(args, {}, now) as SimOptions;
    const printed: string[] = [];
    const stats = await runSim(options, (line) => printed.push(line), new AbortController().signal);
    expect(stats).toMatchObject({ devices: 12, failures: {}, dropped: 0 });
    // Each device reports once at the start, with its attributes.
    expect(stats.acknowledged).toBe(stats.published);
    expect(new Set([...topics].map((topic) => topic.split('/')[2])).size).toBe(12);
    const [truth] = JSON.parse(readFileSync(truthFile, 'utf8')) as {
      scenario: string;
      from: number;
      events: unknown[];
    }[];
    expect(truth).toMatchObject({ scenario: 'pipe-burst', from: now });
    expect(truth?.events.length).toBeGreaterThan(0);
    expect(printed.some((line) => line.includes('12 of 12 devices are connected'))).toBe(true);
  });
});
