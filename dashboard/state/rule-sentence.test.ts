import i18next, { type TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import en from '../i18n/en.json' with { type: 'json' };
import vi from '../i18n/vi.json' with { type: 'json' };
import {
  CONDITION_KINDS,
  type ConditionKind,
  EMPTY_DRAFT,
  type LevelDraft,
  NO_LIMIT,
  type RuleDraft,
} from './rule-draft.ts';
import {
  conditionBrief,
  conditionSentence,
  furtherSentences,
  plainText,
  type ScopeNames,
  type SentenceWords,
  scopeText,
  slotKey,
} from './rule-sentence.ts';

const translator = i18next.createInstance();
void translator.init({
  fallbackLng: false,
  resources: { vi: { translation: vi }, en: { translation: en } },
  interpolation: { escapeValue: false },
  initAsync: false,
});
const tIn = (language: Language) => translator.getFixedT(language) as unknown as TFunction;

const QUANTITIES: Readonly<Record<string, { vi: string; en: string; unit: string; decimals: number }>> = {
  pm2_5: { vi: 'Bụi PM2.5', en: 'PM2.5', unit: 'µg/m³', decimals: 0 },
  temperature: { vi: 'Nhiệt độ', en: 'Temperature', unit: '°C', decimals: 1 },
  door_open: { vi: 'Cửa tủ', en: 'Cabinet door', unit: '', decimals: 0 },
};
const DOOR = { vi: ['Đóng', 'Mở'], en: ['Closed', 'Open'] };
const wordsIn = (language: Language): SentenceWords => ({
  t: tIn(language),
  language,
  quantityName: (key) => QUANTITIES[key]?.[language] ?? '',
  unitOf: (key) => QUANTITIES[key]?.unit ?? '',
  decimalsOf: (key) => QUANTITIES[key]?.decimals ?? 0,
  stateNamesOf: (key) => (key === 'door_open' ? DOOR[language] : undefined),
  scope: language === 'vi' ? 'bất kỳ điểm nào trong 14 điểm đo' : 'any of 14 points',
});
const level = (severity: LevelDraft['severity'], holdMinutes: number, more: Partial<LevelDraft> = {}): LevelDraft => ({
  severity,
  holdMinutes,
  ...NO_LIMIT,
  points: null,
  limits: [],
  ...more,
});
const draft = (more: Partial<RuleDraft>): RuleDraft => ({ ...EMPTY_DRAFT, quantity: 'pm2_5', ...more });
const hourly = { measure: 'mean', windowMinutes: 60 } as const;

const OF_KIND: Readonly<Record<ConditionKind, { draft: RuleDraft; vi: string; en: string }>> = {
  above: {
    draft: draft({
      kind: 'above',
      ...hourly,
      levels: [level('major', 0, { limit: 100 }), level('minor', 30, { limit: 50.5 })],
    }),
    vi: 'Khi trung bình 1 giờ của Bụi PM2.5 tại bất kỳ điểm nào trong 14 điểm đo đạt hoặc vượt 50,5 µg/m³ trong 30 phút: cảnh báo mức nhẹ; khi đạt hoặc vượt 100 µg/m³ dù chỉ một lần: cảnh báo mức nghiêm trọng.',
    en: 'When the 1-hour mean of PM2.5 at any of 14 points is at or above 50.5 µg/m³ for 30 minutes, raise a minor alarm; when it is at or above 100 µg/m³ even once, raise a major alarm.',
  },
  below: {
    draft: draft({ kind: 'below', levels: [level('notice', 5, { limit: -1 })] }),
    vi: 'Khi một số đo của Bụi PM2.5 tại bất kỳ điểm nào trong 14 điểm đo bằng hoặc thấp hơn −1 µg/m³ trong 5 phút: cảnh báo mức lưu ý.',
    en: 'When a reading of PM2.5 at any of 14 points is at or below −1 µg/m³ for 5 minutes, raise a notice alarm.',
  },
  outside: {
    draft: draft({ kind: 'outside', quantity: 'temperature', levels: [level('critical', 1, { low: 5, high: 40 })] }),
    vi: 'Khi một số đo của Nhiệt độ tại bất kỳ điểm nào trong 14 điểm đo ra ngoài khoảng 5,0 – 40,0 °C trong 1 phút: cảnh báo mức khẩn cấp.',
    en: 'When a reading of Temperature at any of 14 points is outside 5.0 to 40.0 °C for 1 minute, raise a critical alarm.',
  },
  rate_of_change: {
    draft: draft({
      kind: 'rate_of_change',
      direction: 'falling',
      windowMinutes: 90,
      levels: [level('minor', 0, { limit: 20 })],
    }),
    vi: 'Khi Bụi PM2.5 tại bất kỳ điểm nào trong 14 điểm đo giảm trong 90 phút ít nhất 20 µg/m³ dù chỉ một lần: cảnh báo mức nhẹ.',
    en: 'When PM2.5 at any of 14 points falls within 90 minutes by at least 20 µg/m³ even once, raise a minor alarm.',
  },
  frozen: {
    draft: draft({ kind: 'frozen', tolerance: 2, windowMinutes: 1440, levels: [level('notice', 60)] }),
    vi: 'Khi Bụi PM2.5 tại bất kỳ điểm nào trong 14 điểm đo thay đổi không quá 2 µg/m³ trong 24 giờ và thêm 1 giờ nữa: cảnh báo mức lưu ý.',
    en: 'When PM2.5 at any of 14 points moves by no more than 2 µg/m³ in 24 hours and stays so 1 hour more, raise a notice alarm.',
  },
  no_data: {
    draft: draft({ kind: 'no_data', levels: [level('notice', 20), level('major', 2880)] }),
    vi: 'Khi không nhận được số đo Bụi PM2.5 từ bất kỳ điểm nào trong 14 điểm đo trong 20 phút: cảnh báo mức lưu ý; trong 2 ngày: cảnh báo mức nghiêm trọng.',
    en: 'When no reading arrives of PM2.5 from any of 14 points for 20 minutes, raise a notice alarm; for 2 days, raise a major alarm.',
  },
  combination: {
    draft: draft({
      kind: 'combination',
      parts: [
        { ...EMPTY_DRAFT, ...hourly, quantity: 'pm2_5', side: 'above', hysteresis: 0 },
        { ...EMPTY_DRAFT, quantity: 'temperature', side: 'outside', hysteresis: 0 },
      ],
      levels: [
        level('major', 10, {
          limits: [
            { ...NO_LIMIT, limit: 50 },
            { limit: null, low: 5, high: 40 },
          ],
        }),
      ],
    }),
    vi: 'Khi tại bất kỳ điểm nào trong 14 điểm đo đồng thời có tất cả các điều kiện: trung bình 1 giờ của Bụi PM2.5 đạt hoặc vượt 50 µg/m³ và một số đo của Nhiệt độ ra ngoài khoảng 5,0 – 40,0 °C trong 10 phút: cảnh báo mức nghiêm trọng.',
    en: 'When at any of 14 points all of this holds at once: the 1-hour mean of PM2.5 is at or above 50 µg/m³ and a reading of Temperature is outside 5.0 to 40.0 °C for 10 minutes, raise a major alarm.',
  },
  area_count: {
    draft: draft({
      kind: 'area_count',
      ...hourly,
      each: { ...NO_LIMIT, limit: 50 },
      levels: [level('critical', 0, { points: 5 }), level('major', 30, { points: 3 })],
    }),
    vi: 'Khi trong 14 điểm đo, trung bình 1 giờ của Bụi PM2.5 đạt hoặc vượt 50 µg/m³ tại ít nhất 3 điểm trong 30 phút: cảnh báo mức nghiêm trọng; tại ít nhất 5 điểm dù chỉ một lần: cảnh báo mức khẩn cấp.',
    en: 'When, among 14 points, the 1-hour mean of PM2.5 is at or above 50 µg/m³ at 3 or more for 30 minutes, raise a major alarm; at 5 or more even once, raise a critical alarm.',
  },
  neighbours: {
    draft: draft({
      kind: 'neighbours',
      withinKm: 2.5,
      minimumNeighbours: 4,
      levels: [level('notice', 60, { limit: 30 })],
    }),
    vi: 'Khi Bụi PM2.5 tại bất kỳ điểm nào trong 14 điểm đo lệch so với trung vị của ít nhất 4 điểm lân cận trong bán kính 2,5 km ít nhất 30 % trong 1 giờ: cảnh báo mức lưu ý.',
    en: 'When PM2.5 at any of 14 points differs from the median of at least 4 neighbours within 2.5 km by at least 30 % for 1 hour, raise a notice alarm.',
  },
};

const NAMES = (language: Language): ScopeNames => ({
  t: tIn(language),
  agency: 'Sở NNMT',
  point: (id) => `Điểm ${id}`,
  site: (id) => `Trạm ${id}`,
  model: (id) => `Loại ${id}`,
  ward: (code) => `Phường ${code}`,
});

describe('a rule as a sentence', () => {
  it.each(CONDITION_KINDS.flatMap((kind) => LANGUAGES.map((language) => [kind, language] as const)))(
    'says what it watches for: %s, %s',
    (kind, language) => {
      const words = wordsIn(language);
      const scope = kind === 'area_count' ? (language === 'vi' ? '14 điểm đo' : '14 points') : words.scope;
      expect(plainText(conditionSentence(OF_KIND[kind].draft, { ...words, scope }))).toBe(OF_KIND[kind][language]);
    },
  );

  it.each(CONDITION_KINDS)('has a place of its own for each thing that can be edited: %s', (kind) => {
    const { draft: told } = OF_KIND[kind];
    const slots = [conditionSentence(told, wordsIn('vi')), ...furtherSentences(told, wordsIn('vi'))]
      .flat()
      .flatMap(({ slot }) => (slot === null ? [] : [slot]));
    const keys = slots.filter(({ name }) => name !== 'measure').map(slotKey);
    expect(new Set(keys).size).toBe(keys.length);
    const names = new Set(slots.map(({ name }) => name));
    for (const needed of ['scope', 'hold', 'severity', 'clearHold', 'active'] as const) expect(names).toContain(needed);
    expect(names.has('condition') || names.has('part')).toBe(true);
  });

  it.each<[ConditionKind, string, string]>([
    [
      'above',
      'trung bình 1 giờ ≥ 100 µg/m³; trung bình 1 giờ ≥ 50,5 µg/m³ trong 30 phút',
      'the 1-hour mean ≥ 100 µg/m³; the 1-hour mean ≥ 50.5 µg/m³ for 30 minutes',
    ],
    ['below', '≤ −1 µg/m³ trong 5 phút', '≤ −1 µg/m³ for 5 minutes'],
    ['outside', 'ngoài khoảng 5,0 – 40,0 °C trong 1 phút', 'outside 5.0 to 40.0 °C for 1 minute'],
    ['rate_of_change', 'giảm trong 90 phút ít nhất 20 µg/m³', 'falls within 90 minutes by at least 20 µg/m³'],
    [
      'frozen',
      'thay đổi không quá 2 µg/m³ trong 24 giờ và thêm 1 giờ nữa',
      'moves by no more than 2 µg/m³ in 24 hours and stays so 1 hour more',
    ],
    [
      'no_data',
      'không nhận được số đo trong 2 ngày; không nhận được số đo trong 20 phút',
      'no reading arrives for 2 days; no reading arrives for 20 minutes',
    ],
    [
      'combination',
      'Bụi PM2.5 trung bình 1 giờ ≥ 50 µg/m³ và Nhiệt độ ngoài khoảng 5,0 – 40,0 °C trong 10 phút',
      'PM2.5 the 1-hour mean ≥ 50 µg/m³ and Temperature outside 5.0 to 40.0 °C for 10 minutes',
    ],
    [
      'area_count',
      'trung bình 1 giờ ≥ 50 µg/m³ tại ít nhất 5 điểm; trung bình 1 giờ ≥ 50 µg/m³ tại ít nhất 3 điểm trong 30 phút',
      'the 1-hour mean ≥ 50 µg/m³ at 5 or more points; the 1-hour mean ≥ 50 µg/m³ at 3 or more points for 30 minutes',
    ],
    [
      'neighbours',
      'lệch so với trung vị lân cận ít nhất 30 % trong 1 giờ',
      'differs from the neighbours’ median by at least 30 % for 1 hour',
    ],
  ])('is told in few words in a list, the worst level first: %s', (kind, inVietnamese, inEnglish) => {
    const { draft: told } = OF_KIND[kind];
    expect(conditionBrief(told, wordsIn('vi'))).toBe(inVietnamese);
    expect(conditionBrief(told, wordsIn('en'))).toBe(inEnglish);
  });

  it.each([
    ['above', 0.5, 'là Mở', 'is Open'],
    ['above', 0, 'là Đóng hoặc Mở', 'is Closed or Open'],
    ['below', 0, 'là Đóng', 'is Closed'],
    ['above', 2, 'đạt hoặc vượt 2', 'is at or above 2'],
  ] as const)('names the states that are %s %f', (kind, limit, vi, en) => {
    const door = draft({ kind, quantity: 'door_open', levels: [level('notice', 0, { limit })] });
    expect(plainText(conditionSentence(door, wordsIn('vi')))).toContain(` ${vi} dù chỉ một lần`);
    expect(plainText(conditionSentence(door, wordsIn('en')))).toContain(` ${en} even once`);
  });
  it('says a mean of states as a number', () => {
    const door = draft({
      kind: 'above',
      ...hourly,
      quantity: 'door_open',
      levels: [level('notice', 0, { limit: 0.5 })],
    });
    expect(plainText(conditionSentence(door, wordsIn('en')))).toContain('is at or above 0.5 even once');
    expect(conditionBrief({ ...door, measure: 'each' }, wordsIn('en'))).toBe('Open');
  });

  it('shows a gap where something is missing, in every kind', () => {
    for (const kind of CONDITION_KINDS) {
      const unheld = { ...level('major', 0), holdMinutes: null };
      const empty = draft({ kind, quantity: '', windowMinutes: null, levels: [unheld] });
      expect(plainText(conditionSentence(empty, wordsIn('en'))), kind).toContain('…');
    }
  });

  it('goes on with when it clears, when it applies, and what counts', () => {
    const told = draft({
      kind: 'above',
      ...hourly,
      hysteresis: 2,
      clearHoldMinutes: 10,
      judgeSuspect: false,
      endsUnacknowledged: ['minor', 'notice'],
      weekly: [
        { days: [1, 2, 3, 4, 5], from: '22:00', to: '06:00' },
        { days: [6, 7], from: '00:00', to: '00:00' },
      ],
      seasons: [{ from: '05-01', to: '10-31' }],
    });
    const texts = (language: Language) => furtherSentences(told, wordsIn(language)).map(plainText);
    expect(texts('en')).toEqual([
      'It clears when the value is back inside the limit by 2 µg/m³ for 10 minutes.',
      'It applies at Mon–Fri 22:00–06:00; Sat, Sun 00:00–24:00, every year 1 May – 31 Oct.',
      'A window counts with at least 75 % of its readings, one expected every 10 minutes.',
      'Suspect readings do not count.',
      'Alarms of severity minor, notice end by themselves on clearing.',
      'Its alarm says nothing of what is behind the site.',
    ]);
    expect(texts('vi')).toEqual([
      'Cảnh báo hết khi giá trị đã trở lại trong ngưỡng ít nhất 2 µg/m³ trong 10 phút.',
      'Quy tắc áp dụng vào Thứ 2–Thứ 6 22:00–06:00; Thứ 7, CN 00:00–24:00, hằng năm 01/05 – 31/10.',
      'Khoảng thời gian chỉ được xét khi có ít nhất 75 % số đo, mỗi 10 phút một số đo.',
      'Số đo bị nghi ngờ không được xét.',
      'Cảnh báo mức nhẹ, lưu ý tự kết thúc khi trở về.',
      'Cảnh báo này không ảnh hưởng đến các điểm phía sau vị trí.',
    ]);
    const ofTheSite = furtherSentences({ ...told, quietsBehind: true }, wordsIn('en')).map(plainText);
    expect(ofTheSite.at(-1)).toMatch(/^Its alarm says that the site is down: /);
    const ofAnArea = furtherSentences({ ...told, quietsBehind: true, kind: 'area_count' }, wordsIn('en'));
    expect(ofAnArea.map(plainText).join(' ')).not.toContain('the site is down');
  });
});

describe('the points of a rule in words', () => {
  const words = (more: Partial<RuleDraft>, count: number | null = 3) =>
    LANGUAGES.map((language) => scopeText(draft(more), count, NAMES(language)));
  it('are the agency’s when nothing is selected', () => {
    expect(words({})).toEqual(['bất kỳ điểm nào trong 3 điểm đo của Sở NNMT', 'any of 3 points of Sở NNMT']);
    expect(words({ kind: 'area_count' })).toEqual(['3 điểm đo của Sở NNMT', '3 points of Sở NNMT']);
  });
  it('are named when there is one, else counted with what they are selected by', () => {
    expect(words({ points: ['a'] })).toEqual(['Điểm a', 'Điểm a']);
    expect(words({ polygon: [[106, 20]], tags: ['river'], wards: ['1', '2', '3'] })).toEqual([
      'bất kỳ điểm nào trong 3 điểm đo ở Phường 1, Phường 2 và 1 nơi khác trong vùng đã vẽ có nhãn river',
      'any of 3 points in Phường 1, Phường 2 and 1 more in the drawn area tagged river',
    ]);
  });
  it('are not counted before their number is known', () => {
    expect(words({ sites: ['s'] }, null)).toEqual(['các điểm đo thuộc Trạm s', 'the points at Trạm s']);
  });
});
