import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { ActiveClock, type ActiveTimes } from '../../domain/active-times.ts';
import type { AgencyId } from '../../domain/identifiers.ts';
import { subIndexOf } from '../../domain/indices/breakpoints.ts';
import type { LocalDate } from '../../domain/indices/local-hours.ts';
import { roundHalfUp } from '../../domain/indices/rounding.ts';
import { SEVERITIES } from '../../domain/rule.ts';
import { problemsOf } from '../../domain/rule-validation.ts';
import { minutes } from '../../domain/time.ts';
import { VIETNAM_TIME } from '../../domain/time-zone.ts';
import { haiPhong } from '../city/hai-phong.ts';
import { VN_AQI_CATEGORIES, VN_AQI_TABLE } from '../indices/vn-aqi.ts';
import { QUANTITY_CATALOGUE } from '../quantities.ts';
import { isUsable, type RulePreset, rulePresetSchema } from './preset.ts';
import { levelsToConfirm, ruleDraft, windowedRuleDraft } from './rule-draft.ts';
import { RULE_PRESETS, rulePresetsOn, usablePresetsOn } from './rule-presets.ts';

const TODAY = '2026-11-26' as LocalDate;
const agencyId = 'environment' as AgencyId;
const nothingConfirmed = { agencyId, confirmed: [] };
const allConfirmed = { agencyId, confirmed: SEVERITIES };
const named = RULE_PRESETS.map(
  (preset) => [`${preset.key} since ${preset.inForce.from ?? 'long ago'}`, preset] as const,
);

const presetOn = (key: string, date = TODAY): RulePreset => {
  const found = rulePresetsOn(date).find((preset) => preset.key === key);
  if (found === undefined) throw new Error(`no preset ${key}`);
  return found;
};
const draftOf = (preset: RulePreset, request: Parameters<typeof ruleDraft>[1] = allConfirmed) => {
  if (preset.needs === 'nothing') return ruleDraft(preset, request);
  if (preset.needs === 'window') return windowedRuleDraft(preset, request, minutes(10));
  throw new Error(`${preset.key} is not usable`);
};

describe('every preset', () => {
  it.each(named)('%s watches a quantity of the catalogue within its range, and says why', (_, preset) => {
    const { physicalRange, domain } = QUANTITY_CATALOGUE.get(preset.quantity)!;
    expect(preset.domain).toBe(domain);
    const isFall = preset.breach.kind === 'falling';
    const [least, greatest] = isFall
      ? [0, physicalRange.max - physicalRange.min]
      : [physicalRange.min, physicalRange.max];
    for (const level of preset.breach.levels) {
      for (const limit of 'limit' in level ? [level.limit] : [level.low, level.high]) {
        expect(limit).toBeGreaterThanOrEqual(least);
        expect(limit).toBeLessThanOrEqual(greatest);
      }
      for (const source of level.sources) expect(source.document).not.toBe('');
    }
  });

  it.each(RULE_PRESETS.filter(isUsable).map((preset) => [preset.key, preset] as const))(
    '%s makes a rule with nothing wrong in it, whichever levels are confirmed',
    (_, preset) => {
      fc.assert(
        fc.property(fc.subarray([...SEVERITIES]), fc.integer({ min: 1, max: 60 }), (confirmed, interval) => {
          const request = { agencyId, confirmed };
          const draft =
            preset.needs === 'nothing'
              ? ruleDraft(preset, request)
              : windowedRuleDraft(preset, request, minutes(interval));
          if (draft.ok) expect(problemsOf(draft.value)).toEqual([]);
          else expect(preset.breach.levels.every(({ evidence }) => evidence === 'unverified')).toBe(true);
        }),
        { numRuns: 30 },
      );
    },
  );

  it('has a key that no other has on the same day, and a name of its own in both languages', () => {
    for (const date of ['2024-01-01', '2025-12-31', '2026-01-01', TODAY]) {
      const presets = rulePresetsOn(date as LocalDate);
      for (const of of [
        presets.map(({ key }) => key),
        presets.map(({ name }) => name.vi),
        presets.map(({ name }) => name.en),
      ])
        expect(new Set(of).size).toBe(of.length);
    }
  });

  it('points at places and tags that the city has', () => {
    const points = new Set<string>(haiPhong.points.map(({ id }) => id));
    const tags = new Set([...haiPhong.points, ...haiPhong.sites].flatMap((place) => place.tags));
    for (const { key, selection } of RULE_PRESETS) {
      for (const point of selection.points ?? []) expect(points.has(point), `${key}: ${point}`).toBe(true);
      for (const tag of selection.tags ?? []) expect(tags.has(tag), `${key}: ${tag}`).toBe(true);
    }
  });

  it('comes from data that is refused when it is wrong', () => {
    const row = {
      key: 'a',
      domain: 'environment',
      quantity: 'pm10',
      name: { vi: 'a', en: 'a' },
      advice: { vi: 'a', en: 'a' },
      caution: null,
      breach: {
        kind: 'above',
        levels: [
          {
            severity: 'minor',
            hold: 0,
            limit: 1,
            evidence: 'text',
            sources: [{ document: 'a', clause: 'a', issued: null, evidence: 'text' }],
          },
        ],
      },
      hysteresis: 0,
      clearHold: 0,
      selection: {},
      inForce: { from: null, until: null },
      needs: 'nothing',
    };
    const accepts = (change: object) => rulePresetSchema.safeParse({ ...row, ...change }).success;
    expect(accepts({})).toBe(true);
    const wrong: readonly object[] = [
      { quantity: 'pm99' },
      { name: { vi: 'a', en: '' } },
      { breach: { kind: 'above', levels: [] } },
      { hysteresis: -1 },
      { needs: 'window' },
      { needs: 'window', window: { length: 60, statistic: 'energy_mean', minimumCapture: 0.75 } },
      { needs: 'window', window: { length: 60, statistic: 'percentile', minimumCapture: 0.75 } },
      { needs: 'window', window: { length: 60, statistic: 'mean', minimumCapture: 1.5 } },
      {
        breach: { ...row.breach, kind: 'falling', within: 180 },
        needs: 'window',
        window: { length: 60, statistic: 'mean', minimumCapture: 0.75 },
      },
      { breach: { ...row.breach, kind: 'falling' } },
    ];
    for (const change of wrong) expect(accepts(change), JSON.stringify(change)).toBe(false);
  });
});

describe('presets by their law', () => {
  it('judge PM2.5 by 50 µg/m³ of a day until the end of 2025 and by 45 since', () => {
    const limitOn = (date: string) => draftOf(presetOn('qcvn05.pm2_5.24h', date as LocalDate));
    expect(limitOn('2025-12-31')).toMatchObject({ ok: true, value: { condition: { levels: [{ limit: 50.1 }] } } });
    expect(limitOn('2026-01-01')).toMatchObject({ ok: true, value: { condition: { levels: [{ limit: 45.1 }] } } });
  });

  it('judge what the regulation limits: a mean, of its hours, with enough of its readings', () => {
    expect(draftOf(presetOn('qcvn05.o3.8h'))).toMatchObject({
      ok: true,
      value: {
        enabled: false,
        quantity: 'o3',
        condition: {
          kind: 'above',
          levels: [{ severity: 'minor', limit: 120.1 }],
          over: { statistic: 'mean', length: minutes(480), interval: minutes(10), minimumCapture: 0.75 },
        },
      },
    });
    expect(rulePresetsOn(TODAY).some(({ key }) => key.startsWith('qcvn05') && key.endsWith('8760h'))).toBe(false);
  });

  it('begin each VN_AQI category at the first concentration, in shown digits, whose index is in it', () => {
    const severityOf = { notice: 'poor', minor: 'bad', major: 'very_bad', critical: 'hazardous' } as const;
    for (const column of VN_AQI_TABLE.columns) {
      const { breach, quantity } = presetOn(`vn_aqi.${column.key}`);
      const step = 10 ** -QUANTITY_CATALOGUE.get(quantity)!.decimals;
      const indexAt = (concentration: number) => {
        const sub = subIndexOf(column, concentration);
        return sub.defined ? roundHalfUp(sub.raw) : Number.NaN;
      };
      for (const level of breach.levels) {
        if (!('limit' in level)) throw new Error('a band');
        const { min } = VN_AQI_CATEGORIES.find(({ key }) => key === severityOf[level.severity])!;
        expect(indexAt(level.limit), column.key).toBeGreaterThanOrEqual(min);
        expect(indexAt(level.limit - step), column.key).toBeLessThan(min);
      }
    }
    expect(presetOn('vn_aqi.o3_8h').breach.levels).toHaveLength(3);
    expect(presetOn('vn_aqi.pm2_5').breach.levels).toMatchObject([
      { limit: 50.3 },
      { limit: 80.7 },
      { limit: 150.5 },
      { limit: 250.5 },
    ]);
  });

  it('judge a river by the grades that bulletins tell, and by others once a person has confirmed them', () => {
    const preset = presetOn('river_alert.chanh-chu');
    if (preset.needs !== 'nothing') throw new Error('not plain');
    expect(levelsToConfirm(preset)).toMatchObject([{ severity: 'critical', limit: 3.5 }]);
    const limits = (request: Parameters<typeof ruleDraft>[1]) => {
      const draft = ruleDraft(preset, request);
      return draft.ok && draft.value.condition.levels.map((level) => 'limit' in level && level.limit);
    };
    expect(limits(nothingConfirmed)).toEqual([2.5, 3]);
    expect(limits({ agencyId, confirmed: ['critical'] })).toEqual([2.5, 3, 3.5]);
    expect(rulePresetsOn(TODAY).some(({ key }) => key === 'river_alert.cua-cam')).toBe(false);
  });

  it('make no rule of numbers that are only remembered', () => {
    expect(draftOf(presetOn('supply_frequency'), nothingConfirmed)).toEqual({ ok: false, error: 'NO_CONFIRMED_LEVEL' });
    expect(draftOf(presetOn('supply_frequency'), { agencyId, confirmed: ['minor'] })).toMatchObject({
      ok: true,
      value: { condition: { kind: 'outside', levels: [{ low: 49.799, high: 50.201 }] } },
    });
  });

  it('tell a storm by its wind, by how fast the pressure falls and by high water at its gauge', () => {
    expect(draftOf(presetOn('storm.wind'), nothingConfirmed)).toMatchObject({
      value: {
        condition: { kind: 'above', levels: [{ limit: 10.8 }, { limit: 17.2 }, { limit: 24.5 }, { limit: 32.7 }] },
      },
    });
    expect(draftOf(presetOn('storm.pressure_fall'), nothingConfirmed)).toMatchObject({
      value: {
        condition: {
          kind: 'rate_of_change',
          direction: 'falling',
          window: minutes(180),
          levels: [{ limit: 3.6 }, { limit: 6.1 }],
        },
      },
    });
    expect(draftOf(presetOn('high_water.hon-dau'), nothingConfirmed)).toMatchObject({
      value: { selection: { points: ['p-wt-hon-dau'] }, condition: { levels: [{ limit: 3.8 }, { limit: 4.2 }] } },
    });
  });

  it('keep what a dead transformer or feeder supplies quiet, once a person has confirmed what dead is', () => {
    for (const [key, limit] of [
      ['supply_interruption.transformer', 10.9],
      ['supply_interruption.feeder', 1_099],
    ] as const)
      expect(draftOf(presetOn(key)), key).toMatchObject({
        ok: true,
        value: { quietsBehind: true, condition: { kind: 'below', levels: [{ severity: 'critical', limit }] } },
      });
    expect(draftOf(presetOn('supply_voltage.voltage_l1'))).not.toHaveProperty('value.quietsBehind');
  });

  it('leave what every rush hour brings to the street alone, but not a street that stands', () => {
    const [slow, standing] = ['traffic.street_speed', 'traffic.street_stop'].map((key) => draftOf(presetOn(key)));
    expect(slow).toMatchObject({ value: { condition: { levels: [{ severity: 'notice', limit: 14.9 }] } } });
    expect(standing).toMatchObject({ value: { condition: { levels: [{ severity: 'minor', limit: 4.9 }] } } });
    expect(standing).not.toHaveProperty('value.active');
    const { active } = (slow as { value: { active: ActiveTimes } }).value;
    const clock = new ActiveClock(active, VIETNAM_TIME);
    const isActive = (local: string) => clock.isActive(Date.parse(`${local}:00+07:00`));
    const [monday, sunday] = ['2026-11-23', '2026-11-29'];
    const rush = [`${monday}T06:00`, `${monday}T08:29`, `${monday}T16:00`, `${monday}T18:59`];
    expect(rush.map(isActive)).toEqual(rush.map(() => false));
    const calm = [
      `${monday}T05:59`,
      `${monday}T08:30`,
      `${monday}T15:59`,
      `${monday}T19:00`,
      `${sunday}T07:30`,
      `${sunday}T17:00`,
    ];
    expect(calm.map(isActive)).toEqual(calm.map(() => true));
  });

  it('let 209 V and 231 V pass and break at the next tenth', () => {
    expect(draftOf(presetOn('supply_voltage.voltage'), nothingConfirmed)).toMatchObject({
      value: { condition: { levels: [{ severity: 'minor', low: 208.9, high: 231.1 }] } },
    });
  });

  it('keep noise, which rules can’t average yet, from the usable ones', () => {
    const noise = rulePresetsOn(TODAY).filter(({ key }) => key.startsWith('qcvn26'));
    expect(noise).toHaveLength(4);
    expect(noise.filter(isUsable)).toEqual([]);
    expect(noise.every(({ caution }) => caution !== null)).toBe(true);
    expect(usablePresetsOn(TODAY)).toHaveLength(rulePresetsOn(TODAY).length - 4);
    expectTypeOf<ReturnType<typeof usablePresetsOn>[number]['needs']>().toEqualTypeOf<'nothing' | 'window'>();
  });
});
