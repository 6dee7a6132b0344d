import { describe, expect, it } from 'vitest';
import type { RuleWire } from '../../api/contract/rules.ts';
import type { AgencyId, DeviceModelId, RuleId, WardCode } from '../../domain/identifiers.ts';
import type { QuantityKey } from '../../domain/quantity.ts';
import type { Condition } from '../../domain/rule.ts';
import { epochMs, minutes, seconds } from '../../domain/time.ts';
import { draftOf, EMPTY_DRAFT, ruleOf, withLevel } from './rule-draft.ts';

const rule = (condition: Condition): RuleWire => ({
  id: 'r' as RuleId,
  agencyId: 'water' as AgencyId,
  version: 3,
  name: { vi: 'Mực nước cao', en: 'High water' },
  advice: { vi: 'Mở cống', en: 'Open the sluice' },
  enabled: true,
  quantity: 'water_level' as QuantityKey,
  selection: { tags: ['river'] },
  condition,
  clearHold: minutes(5),
  judgeSuspect: false,
  endsUnacknowledged: ['notice'],
  createdBy: null,
  createdAt: epochMs(0),
});

describe('a rule in its form', () => {
  it('keeps what the form has no fields for', () => {
    const at = { step: minutes(1), maximumAge: minutes(15), settle: seconds(30) };
    const joint = rule({
      kind: 'area_count',
      each: { side: 'above', limit: { limit: 50 }, hysteresis: 2 },
      minimumHeard: 0.5,
      levels: [{ severity: 'major', hold: minutes(10), points: 3 }],
      at,
    });
    const given: RuleWire = {
      ...joint,
      selection: {
        polygon: [
          [106.6, 20.8],
          [106.7, 20.8],
          [106.7, 20.9],
        ],
        wards: ['11311' as WardCode],
        models: ['m' as DeviceModelId],
      },
      active: { weekly: [{ days: [1, 2], from: '22:00', to: '06:00' }], seasons: [{ from: '05-01', to: '10-31' }] },
      message: { vi: '{point}: {value}', en: '{point}: {value}' },
    };
    const { id, agencyId, version, createdAt, createdBy, ...fields } = given;
    expect(ruleOf(draftOf(given))).toEqual({ ok: true, rule: fields });
  });

  it.each<Condition>([
    { kind: 'above', hysteresis: 0.2, levels: [{ severity: 'major', hold: seconds(90), limit: 3 }] },
    { kind: 'below', hysteresis: 0, levels: [{ severity: 'minor', hold: minutes(0), limit: -1 }] },
    { kind: 'outside', hysteresis: 1, levels: [{ severity: 'critical', hold: minutes(1), low: 198, high: 242 }] },
    {
      kind: 'rate_of_change',
      direction: 'falling',
      window: minutes(10),
      hysteresis: 0,
      levels: [{ severity: 'notice', hold: minutes(0), limit: 0.5 }],
    },
    { kind: 'no_data', levels: [{ severity: 'minor', hold: minutes(30) }] },
    {
      kind: 'above',
      hysteresis: 5,
      levels: [{ severity: 'major', hold: minutes(30), limit: 50 }],
      over: { statistic: 'mean', length: minutes(60), interval: minutes(10), minimumCapture: 0.75 },
    },
    {
      kind: 'outside',
      hysteresis: 0,
      levels: [{ severity: 'minor', hold: minutes(0), low: 1, high: 9 }],
      over: {
        statistic: 'percentile',
        percentile: 98,
        length: minutes(1440),
        interval: minutes(1),
        minimumCapture: 0.5,
      },
    },
    {
      kind: 'frozen',
      tolerance: 0.01,
      within: { length: minutes(120), interval: minutes(10), minimumCapture: 0.5 },
      levels: [{ severity: 'notice', hold: minutes(0) }],
    },
  ])('comes back as it went in: $kind', (condition) => {
    const { id, agencyId, version, createdBy, createdAt, ...edit } = rule(condition);
    expect(ruleOf(draftOf(rule(condition)))).toEqual({ ok: true, rule: edit });
  });

  it('says what is missing', () => {
    const result = ruleOf({ ...EMPTY_DRAFT, adviceVi: 'chỉ một ngôn ngữ' });
    expect(result.ok ? [] : [...result.gaps].sort()).toEqual(['advice', 'limit', 'name', 'quantity']);
  });

  it('keeps the limits when the kind of condition is changed and changed back', () => {
    const draft = draftOf(
      rule({ kind: 'above', hysteresis: 0, levels: [{ severity: 'major', hold: minutes(0), limit: 3 }] }),
    );
    const back = { ...draft, kind: 'no_data' as const };
    expect({ ...back, kind: 'above' }).toEqual(draft);
  });

  it('adds levels of unused severities until there are four', () => {
    const four = withLevel(withLevel(withLevel(withLevel(EMPTY_DRAFT))));
    expect(four.levels.map(({ severity }) => severity)).toEqual(['major', 'critical', 'minor', 'notice']);
  });
});
