import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const MAIN = join(import.meta.dirname, '../main.ts');

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'hd-start-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const started = (variables: Record<string, string>): ChildProcess => {
  const environment = { PATH: process.env['PATH'], HD_HTTP_PORT: '0', HD_MQTT_PORT: '0', HD_DATA_DIRECTORY: folder() };
  const child = spawn(process.execPath, [MAIN], { env: { ...environment, ...variables } });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
};

/** What a platform that can't start says, and its exit code. */
async function refusal(variables: Record<string, string>): Promise<{ said: string; code: number }> {
  const child = started(variables);
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { said, code };
}

const taken = async (): Promise<number> => {
  const server = createServer().listen(0, '::');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
};

describe('a platform that cannot start says what to do, and nothing else', () => {
  const inOneLine = (said: string) => expect(said.trim().split('\n')).toHaveLength(1);

  it('when another program has its port', async () => {
    const port = await taken();
    for (const variable of ['HD_HTTP_PORT', 'HD_MQTT_PORT']) {
      const { said, code } = await refusal({ [variable]: String(port) });
      expect(code).toBe(1);
      expect(said).toContain(`${port}. Another program uses the port`);
      inOneLine(said);
    }
  });

  it('when another platform runs on its data directory', async () => {
    const data = folder();
    const first = started({ HD_DATA_DIRECTORY: data });
    // Listened to for as long as it runs: a platform whose log nobody takes any more ends.
    await new Promise<void>((resolve) => {
      let log = '';
      first.stdout?.on('data', (chunk) => {
        log += String(chunk);
        if (log.includes('"event":"ready"')) resolve();
      });
    });
    const { said, code } = await refusal({ HD_DATA_DIRECTORY: data });
    expect(code).toBe(1);
    expect(said).toContain('Another platform runs on this data directory');
    inOneLine(said);
  });

  it('when its certificate is not there', async () => {
    const { said } = await refusal({
      HD_MQTT_TLS_CERTIFICATE_FILE: '/nowhere/chain.pem',
      HD_MQTT_TLS_KEY_FILE: '/nowhere/key.pem',
    });
    expect(said).toContain('/nowhere/chain.pem');
    inOneLine(said);
  });

  it('when its data directory can be no folder', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    const { said, code } = await refusal({ HD_DATA_DIRECTORY: join(file, 'data') });
    expect(code).toBe(1);
    expect(said).toContain(file);
    inOneLine(said);
  });

  it('when its registry is damaged', async () => {
    const data = folder();
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'registry.sqlite'), 'no database');
    const { said, code } = await refusal({ HD_DATA_DIRECTORY: data });
    expect(code).toBe(1);
    expect(said).toContain('registry.sqlite is damaged');
    inOneLine(said);
  });

  it('when its registry is missing beside readings that it gave their numbers', async () => {
    const data = folder();
    mkdirSync(join(data, 'store'), { recursive: true });
    const { said, code } = await refusal({ HD_DATA_DIRECTORY: data });
    expect(code).toBe(1);
    expect(said).toContain('registry.sqlite is missing');
    inOneLine(said);
  });

  it('when InfluxDB is chosen without a token', async () => {
    const { said, code } = await refusal({ HD_STORE_ENGINE: 'influxdb', HD_STORE_URL: 'http://localhost:1' });
    expect(code).toBe(2);
    expect(said).toContain('store.token is needed');
    inOneLine(said);
  });
});
