import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadSettings } from '../config/settings.ts';
import { startPlatform } from '../main.ts';

const curl = spawnSync('curl', ['--version']).error === undefined;
if (!curl && process.env['CI'] === 'true') throw new Error('curl is missing: this suite must run in CI');

/** The shell block of docs/first-point.md. */
const script = /```sh\n([\s\S]*?)```/.exec(
  readFileSync(join(import.meta.dirname, '../docs/first-point.md'), 'utf8'),
)?.[1];

describe.skipIf(!curl)('docs/first-point.md (needs curl)', () => {
  it('leads from an empty platform to the first value', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hd-first-point-'));
    const settings = loadSettings({}, { dataDirectory: folder, http: { port: 0 }, mqtt: { port: 0 } });
    const platform = await startPlatform(settings, 'serve', pino({ level: 'silent' }));
    onTestFinished(async () => {
      await platform.stop();
      rmSync(folder, { recursive: true });
    });
    const origin = `http://localhost:${platform.httpPort}`;
    const json = { 'content-type': 'application/json', origin };
    const administrator = { displayName: 'A', loginName: 'admin', password: 'a long password', language: 'en' };
    const made = await fetch(`${origin}/api/v1/setup`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ token: platform.setupPath?.split('#')[1], ...administrator }),
    });
    expect(made.status).toBe(201);
    const cookie = made.headers.getSetCookie()[0]?.split(';')[0] ?? '';

    const shell = spawn('bash', ['-e', '-c', script!.replace('http://localhost:8080', origin)], {
      cwd: folder,
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` },
    });
    let said = '';
    shell.stdout.on('data', (chunk) => {
      said += chunk;
    });
    expect(await once(shell, 'close')).toEqual([0, null]);
    const answers = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { code?: string; token?: string });
    expect(answers.map(({ code }) => code)).toEqual(answers.map(() => undefined));
    const token = answers.at(-1)?.token;

    const device = await connectAsync(`mqtt://localhost:${platform.mqttPort}`, {
      clientId: 'gauge-a',
      username: 'gauge-a',
      password: token!,
      reconnectPeriod: 0,
    });
    await device.publishAsync('hd/v1/gauge-a/telemetry', '{"values":{"water_level":2.31}}', { qos: 1 });
    await device.endAsync();
    const values = async () => {
      const answer = await fetch(`${origin}/api/v1/latest`, { headers: { cookie } });
      return ((await answer.json()) as { readings: number[][] }).readings.map((reading) => reading[2]);
    };
    await expect.poll(values).toEqual([2.31]);
  });
});
