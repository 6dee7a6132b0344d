import { describe, expect, it } from 'vitest';
import { rolesOf } from './roles.ts';
import { loadSettings, SettingsError } from './settings.ts';

const SHARED = {
  HD_JOURNAL_ENGINE: 'nats',
  HD_BUS_ENGINE: 'nats',
  HD_REGISTRY_ENGINE: 'postgres',
  HD_REGISTRY_URL: 'postgres://hd@postgres/hd',
  HD_STORE_ENGINE: 'influxdb',
  HD_STORE_URL: 'http://influxdb:8086',
};
const rolesIn = (roles: string, environment: Readonly<Record<string, string>> = SHARED) =>
  rolesOf(loadSettings({ ...environment, HD_ROLES: roles }));

describe('the roles of a process', () => {
  it('are all of them, alone, unless something is said, whatever the engines', () => {
    expect(rolesOf(loadSettings({}))).toBeNull();
    expect(rolesIn('all')).toBeNull();
  });

  it('are those that are named', () => {
    expect(rolesIn('gateway')).toEqual(new Set(['gateway']));
    expect(rolesIn('worker, api')).toEqual(new Set(['worker', 'api']));
  });

  it('are refused when they mean nothing', () => {
    expect(() => rolesIn('gateway,wroker')).toThrow(/"wroker" is none: all, or some of gateway, worker, api/);
    expect(() => rolesIn('all,worker')).toThrow(SettingsError);
  });

  it.each([
    { variable: 'HD_JOURNAL_ENGINE', wanted: 'HD_JOURNAL_ENGINE=nats' },
    { variable: 'HD_BUS_ENGINE', wanted: 'HD_BUS_ENGINE=nats' },
    { variable: 'HD_REGISTRY_ENGINE', wanted: 'HD_REGISTRY_ENGINE=postgres' },
    { variable: 'HD_STORE_ENGINE', wanted: 'HD_STORE_ENGINE=influxdb' },
  ])('need an engine that can be shared: $wanted', ({ variable, wanted }) => {
    const section = variable.replace('ENGINE', '');
    const others = Object.fromEntries(Object.entries(SHARED).filter(([name]) => !name.startsWith(section)));
    expect(() => rolesIn('worker', others)).toThrow(`set ${wanted}, or HD_ROLES=all`);
  });
});
