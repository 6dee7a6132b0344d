import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings, SETTING_VARIABLES, SettingsError } from './settings.ts';
import { settingsTemplate } from './settings-template.ts';

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
    expect(settings.registry.engine).toBe('sqlite');
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
    const { registry } = loadSettings({
      HD_REGISTRY_ENGINE: 'postgres',
      HD_REGISTRY_URL: 'postgres://hai_dang@postgres/hai_dang',
      HD_REGISTRY_PASSWORD_FILE: inFile('s3cret\n'),
    });
    expect(registry).toMatchObject({ engine: 'postgres', password: 's3cret', connections: 10 });
  });

  it('refuses a misspelt key in the file and in the environment, naming it', () => {
    expect(() => loadSettings({ HD_SETTINGS: inFile('mqtt: { prot: 1884 }') })).toThrow(/prot/);
    expect(() => loadSettings({ HD_MQTT_PROT: '1884' })).toThrow(SettingsError);
    expect(() => loadSettings({ HD_MQTT_PROT: '1884' })).toThrow(/HD_MQTT_PROT/);
  });

  it('names every problem at once', () => {
    expect(() => loadSettings({ HD_MQTT_PORT: 'x', HD_HTTP_PORT: '70000' })).toThrow(/mqtt[\s\S]*http|http[\s\S]*mqtt/);
  });

  it('says which file a secret could not be read from', () => {
    expect(() => loadSettings({ HD_STORE_TOKEN_FILE: '/nowhere/token' })).toThrow(SettingsError);
    expect(() => loadSettings({ HD_STORE_TOKEN_FILE: '/nowhere/token' })).toThrow(/HD_STORE_TOKEN_FILE.*nowhere/);
  });

  it('takes a setting that ends in "File" as it is, not as a file to read from', () => {
    const settings = loadSettings({ HD_MQTT_TLS_CERTIFICATE_FILE: '/nowhere/chain.pem' });
    expect(settings.mqtt.tlsCertificateFile).toBe('/nowhere/chain.pem');
  });

  it('leaves a section its default engine when one variable of it is set', () => {
    const settings = loadSettings({ HD_STORE_MEMORY_LIMIT_MEGABYTES: '300' });
    expect(settings.store).toMatchObject({ engine: 'duckdb', memoryLimitMegabytes: 300 });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(loadSettings({ HD_HTTP_PUBLIC_URL: '' }).http.publicUrl).toBeUndefined();
  });

  it('refuses a time zone that does not exist', () => {
    expect(() => loadSettings({ HD_TIME_ZONE: 'Asia/Hai_Phong' })).toThrow(/time zone/);
  });
});

const OTHER_ENGINES = ['influxdb', 'postgres'];

/** The template with its settings uncommented, for the engines that are there by default or for the others; settings without a default are left out. */
const uncommented = (engines: 'default' | 'other'): string =>
  settingsTemplate()
    .split('\n\n')
    .map((block) => block.replaceAll(/^#(?!#)/gm, '').replaceAll(/^ {2}\w+:$\n?/gm, ''))
    .filter((block) => {
      const engine = /; stands here once for each engine$[\s\S]*engine: (\w+)$/m.exec(block)?.[1];
      return engine === undefined || OTHER_ENGINES.includes(engine) === (engines === 'other');
    })
    .join('\n\n');

describe('the template of settings', () => {
  it('is an empty settings file as it stands', () => {
    expect(loadSettings({ HD_SETTINGS: inFile(settingsTemplate()) })).toEqual(loadSettings({}));
  });

  it('holds the defaults, once uncommented', () => {
    expect(loadSettings({ HD_SETTINGS: inFile(uncommented('default')) })).toEqual(loadSettings({}));
  });

  it('holds the other engines', () => {
    const settings = loadSettings({
      HD_SETTINGS: inFile(uncommented('other')),
      HD_STORE_URL: 'http://influxdb:8086',
      HD_REGISTRY_URL: 'postgres://hai_dang@postgres/hai_dang',
    });
    expect(settings.registry).toEqual({
      engine: 'postgres',
      url: 'postgres://hai_dang@postgres/hai_dang',
      connections: 10,
    });
    expect(settings.store).toEqual({ engine: 'influxdb', url: 'http://influxdb:8086', api: 'v2' });
  });

  it('describes every setting and names its variable', () => {
    const described = [...settingsTemplate().matchAll(/^##(?: {2})? +(\S.*) \[(HD_\w+)\]$/gm)];
    expect(new Set(described.map(([, , variable]) => variable))).toEqual(SETTING_VARIABLES);
    for (const [line, description] of described) expect(description, line).not.toMatch(/^undefined/);
  });
});
