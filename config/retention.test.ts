import { expect, it } from 'vitest';
import { days } from '../domain/time.ts';
import { QUANTITY_CATALOGUE } from './quantities.ts';
import { DEFAULT_KEEPING, keepingInDays, retentionClasses } from './retention.ts';
import { keepingOf, loadSettings, SettingsError } from './settings.ts';

it('has every quantity in one class, and defaults that keep readings no longer than what is made of them', () => {
  const classes = retentionClasses(DEFAULT_KEEPING);
  const all = classes.flatMap(({ quantities }) => [...quantities]);
  expect(all.toSorted()).toEqual([...QUANTITY_CATALOGUE.keys()].toSorted());
  for (const keeping of Object.values(DEFAULT_KEEPING)) expect(keepingInDays.safeParse(keeping).success).toBe(true);
});

it('takes days or for ever from the settings, and holds all classes to the store’s own limit', () => {
  const settings = loadSettings({
    HD_RETENTION_TRAFFIC_RAW_DAYS: '30',
    HD_RETENTION_SUPPLY_RAW_DAYS: 'forever',
    HD_RETENTION_SUPPLY_HOURLY_DAYS: 'forever',
  });
  const keptOf = (atMost?: number) =>
    Object.fromEntries(
      retentionClasses(keepingOf(settings.retention), atMost).map(({ key, keeping }) => [key, keeping.raw]),
    );
  expect(keptOf()).toMatchObject({ traffic: days(30), supply: null, hardware: days(95) });
  expect(keptOf(60)).toMatchObject({ traffic: days(30), supply: days(60), hardware: days(60), computed: days(60) });
});

it('refuses settings by which readings would outlive their hours', () => {
  expect(() => loadSettings({ HD_RETENTION_TRAFFIC_RAW_DAYS: 'forever' })).toThrow(SettingsError);
});
