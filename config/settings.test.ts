import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings, SettingsError } from './settings.ts';

const inFile = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'hd-settings-')), 'settings.yaml');
  writeFileSync(path, text);
  return path;
};

describe('settings', () => {
  it('has a default for everything, on embedded engines', () => {
    const settings = loadSettings({});
    expect(settings.mqtt.port).toBe(1883);
    expect(settings.store.engine).toBe('duckdb');
  });

  it('reads a file and lays variables over it', () => {
    const file = inFile('mqtt: { port: 1884, maxConnections: 5 }\nhttp: { port: 9000 }\n');
    const settings = loadSettings({
      HD_SETTINGS: file,
      HD_MQTT_PORT: '1999',
      HD_MQTT_DEVICE_MESSAGES_PER_SECOND: '50',
    });
    expect(settings.mqtt).toMatchObject({ port: 1999, maxConnections: 5, deviceMessagesPerSecond: 50 });
    expect(settings.http.port).toBe(9000);
  });

  it('takes secrets from files', () => {
    const settings = loadSettings({
      HD_STORE_ENGINE: 'influxdb',
      HD_STORE_URL: 'http://influxdb:8086',
      HD_STORE_TOKEN_FILE: inFile('s3cret\n'),
    });
    expect(settings.store).toMatchObject({ engine: 'influxdb', token: 's3cret' });
  });

  it('refuses a misspelt key in the file and in the environment, naming it', () => {
    expect(() => loadSettings({ HD_SETTINGS: inFile('mqtt: { prot: 1884 }') })).toThrow(/prot/);
    expect(() => loadSettings({ HD_MQTT_PROT: '1884' })).toThrow(SettingsError);
    expect(() => loadSettings({ HD_MQTT_PROT: '1884' })).toThrow(/HD_MQTT_PROT/);
  });

  it('names every problem at once', () => {
    expect(() => loadSettings({ HD_MQTT_PORT: 'x', HD_HTTP_PORT: '70000' })).toThrow(/mqtt[\s\S]*http|http[\s\S]*mqtt/);
  });
});
