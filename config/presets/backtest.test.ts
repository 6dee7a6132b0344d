import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../domain/compiled-rule.ts';
import { backtest } from '../../domain/episode.ts';
import type { AgencyId, RuleId } from '../../domain/identifiers.ts';
import type { LocalDate } from '../../domain/indices/local-hours.ts';
import { QUALITY } from '../../domain/quality.ts';
import { epochMs, hours } from '../../domain/time.ts';
import { windowedRuleDraft } from './rule-draft.ts';
import { rulePresetsOn } from './rule-presets.ts';

const FILE = '../shared/data/real/air-Dongsi.csv';

/** Hourly PM2.5 of Dongsi, Beijing (UTC+8); hours without a value are left out. */
const readings = () =>
  readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, year, month, day, hour, pm2_5] = line.split(',');
      if (pm2_5 === 'NA') return [];
      const eventTime = epochMs(Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour)) - hours(8));
      return [{ eventTime, value: Number(pm2_5), quality: QUALITY.GOOD }];
    });

describe.skipIf(!existsSync(FILE))(`a preset on real air (skipped without ${FILE})`, () => {
  it('finds the two red alerts of December 2015 by the 24-hour mean, and clears when the wind comes', () => {
    const preset = rulePresetsOn('2026-11-26' as LocalDate).find(({ key }) => key === 'vn_aqi.pm2_5')!;
    if (preset.needs !== 'window') throw new Error('judges each reading');
    const draft = windowedRuleDraft(preset, { agencyId: 'environment' as AgencyId, confirmed: [] }, hours(1));
    if (!draft.ok) throw new Error(draft.error);
    const rule = { ...draft.value, id: 'pm2-5' as RuleId, version: 1, createdBy: null, createdAt: epochMs(0) };
    const episodes = backtest(compileRule(rule), readings());

    const at = (text: string) => Date.parse(`2015-12-${text}:00+08:00`);
    const during = (from: string, to: string) =>
      episodes.filter(
        ({ activatedAt, clearedAt }) => activatedAt < at(to) && (clearedAt ?? Number.POSITIVE_INFINITY) > at(from),
      );
    expect(during('08T00:00', '10T12:00').map(({ worstSeverity }) => worstSeverity)).toContain('critical');
    expect(during('19T07:00', '22T24:00').map(({ worstSeverity }) => worstSeverity)).toContain('critical');
    expect(during('16T00:00', '17T00:00')).toEqual([]);
  });
});
