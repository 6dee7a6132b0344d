import i18next, { type TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import type { Language } from '../../domain/localized.ts';
import { changedFields } from '../../domain/rule-diff.ts';
import en from '../i18n/en.json' with { type: 'json' };
import vi from '../i18n/vi.json' with { type: 'json' };
import { type ChangeWords, changeLines } from './rule-changes.ts';
import { contentOf, draftOf, EMPTY_DRAFT, NO_LIMIT, type RuleDraft, withLevel } from './rule-draft.ts';

const translator = i18next.createInstance();
void translator.init({
  fallbackLng: false,
  resources: { vi: { translation: vi }, en: { translation: en } },
  interpolation: { escapeValue: false },
  initAsync: false,
});
const wordsIn = (language: Language): ChangeWords => ({
  t: translator.getFixedT(language) as unknown as TFunction,
  language,
  quantityName: (key) => ({ pm2_5: 'PM2.5', pm10: 'PM10' })[key] ?? '',
  valueText: (value) => `${value} µg/m³`,
  nameOf: (list, id) => `${list}/${id}`,
});
const rule: RuleDraft = {
  ...EMPTY_DRAFT,
  nameVi: 'Bụi mịn',
  nameEn: 'Fine dust',
  quantity: 'pm2_5',
  levels: [{ severity: 'major', holdMinutes: 30, ...NO_LIMIT, limit: 50, points: null, limits: [] }],
};
const told = (language: Language, next: Partial<RuleDraft>, before: RuleDraft = rule) =>
  changeLines(
    changedFields(contentOf(before), contentOf({ ...before, ...next })).map((each) => ({ ...each })),
    wordsIn(language),
  ).map(({ label, before: from, after }) => `${label}: ${from} → ${after}`);

describe('what differs between two versions of a rule', () => {
  it('is nothing when nothing does', () => {
    expect(told('en', {})).toEqual([]);
  });

  it('is told field by field, with units, names and times as people write them', () => {
    const levels = rule.levels.map((level) => ({ ...level, limit: 45, holdMinutes: 90 }));
    const next: Partial<RuleDraft> = { levels, enabled: false, points: ['a', 'b'], clearHoldMinutes: 1440 };
    expect(told('en', next)).toEqual([
      'Clear hold: none → 24 hours',
      'Major: hold time: 30 minutes → 90 minutes',
      'Major: limit: 50 µg/m³ → 45 µg/m³',
      'In use: Yes → No',
      'Points: none → points/a, points/b',
    ]);
    expect(told('vi', { nameVi: 'Bụi', judgeSuspect: false })).toEqual([
      'Xét số đo bị nghi ngờ: Có → Không',
      'Tên tiếng Việt: Bụi mịn → Bụi',
    ]);
  });

  it('takes apart what only one side has: a level, a window, hours, a drawn area', () => {
    expect(told('en', { levels: [...rule.levels, { ...withLevel(rule).levels[1]!, holdMinutes: 5 }] })).toEqual([
      'Critical: hold time: none → 5 minutes',
    ]);
    expect(told('en', { measure: 'mean' })).toEqual([
      'Value judged: none → Mean of a window',
      'Window: none → 1 hour',
      'Reading interval: none → 10 minutes',
      'Least data: none → 75 %',
    ]);
    const active: Partial<RuleDraft> = {
      weekly: [{ days: [6, 7], from: '22:00', to: '06:00' }],
      polygon: [
        [106, 20],
        [107, 20],
        [107, 21],
      ],
    };
    expect(told('en', active)).toEqual(['Hours: none → Sat, Sun 22:00–06:00', 'Drawn area: none → 3 corners']);
  });

  it('names the parts of a combination by their place', () => {
    const parts = ['pm2_5', 'pm10'].map((quantity) => ({
      ...EMPTY_DRAFT,
      quantity,
      side: 'above' as const,
      hysteresis: 0,
    }));
    const joint = draftOf(contentOf({ ...rule, kind: 'combination', parts }));
    const changed = joint.parts.map((part, i) => (i === 1 ? { ...part, side: 'below' as const } : part));
    expect(told('en', { parts: changed }, joint)).toEqual(['Quantity 2: Each value: is at or above → is at or below']);
  });

  it('says in words that a version speaks for what is behind its site', () => {
    const [line] = changeLines([{ path: 'quietsBehind', after: true }], wordsIn('en'));
    expect(line).toMatchObject({ label: 'Says that the site is down', after: 'Yes' });
  });

  it('still says that a field differs which it has no word for', () => {
    const lines = changeLines([{ path: 'ofTomorrow', after: true }], wordsIn('en'));
    expect(lines).toEqual([{ path: 'ofTomorrow', label: 'ofTomorrow', before: 'none', after: 'Yes' }]);
  });
});
