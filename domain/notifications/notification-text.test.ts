import { describe, expect, it } from 'vitest';
import type { Alarm } from '../alarm.ts';
import type { AlarmId } from '../identifiers.ts';
import type { Quantity } from '../quantity.ts';
import { epochMs } from '../time.ts';
import { type AlarmLine, alarmMessage, LINES_NAMED, testMessage } from './notification-text.ts';

const SINCE = epochMs(Date.parse('2026-11-23T21:05+07:00'));
const PM = { unitSymbol: 'µg/m³', decimals: 1, name: { vi: 'Bụi mịn PM2.5', en: 'PM2.5' } } as Quantity;
const aLine = (given: Partial<Alarm> = {}, line: Partial<AlarmLine> = {}): AlarmLine => ({
  alarm: {
    id: 'a' as AlarmId,
    condition: 'active',
    work: 'new',
    severity: 'critical',
    activatedAt: SINCE,
    clearedAt: null,
    endedAt: null,
    triggerValue: 1061.25,
    lastValue: 1061.25,
    limit: 50,
    onSuspectData: false,
    ...given,
  } as Alarm,
  told: ['raised'],
  ruleName: { vi: 'Bụi mịn vượt ngưỡng', en: 'PM2.5 above the limit' },
  advice: { vi: 'Báo trường học gần trạm', en: 'Tell the schools nearby' },
  template: null,
  pointName: { vi: 'Trạm Lê Chân', en: 'Lê Chân station' },
  siteName: null,
  wardName: { vi: 'Phường Lê Chân', en: 'Lê Chân ward' },
  quantity: PM,
  link: 'https://hd.example/alarms?alarm=a',
  ...line,
});
const context = (language: 'vi' | 'en') =>
  ({ language, timeZone: 'Asia/Ho_Chi_Minh', now: SINCE, listLink: 'https://hd.example/alarms' }) as const;

describe('a message of one alarm', () => {
  it('says in Vietnamese what, where, how much, since when, and what to do', () => {
    expect(alarmMessage([aLine()], 'alarms', context('vi'))).toEqual({
      title: 'Khẩn cấp: Bụi mịn vượt ngưỡng – Trạm Lê Chân',
      text: [
        'Khẩn cấp: Bụi mịn vượt ngưỡng – Trạm Lê Chân',
        'Điểm đo: Trạm Lê Chân, Phường Lê Chân',
        'Bụi mịn PM2.5: 1.061,3 µg/m³ (giới hạn 50,0 µg/m³)',
        'Từ 23/11/2026 21:05',
        'Đang diễn ra, chưa ai xác nhận',
        'Nên làm: Báo trường học gần trạm',
        'https://hd.example/alarms?alarm=a',
      ].join('\n'),
      severity: 'critical',
      link: 'https://hd.example/alarms?alarm=a',
    });
  });

  it('says the same in English, as English writes it', () => {
    const { text } = alarmMessage([aLine()], 'alarms', context('en'));
    expect(text).toContain('PM2.5: 1,061.3 µg/m³ (limit 50.0 µg/m³)');
    expect(text).toContain('Since 23 Nov 2026 21:05');
  });

  it('says a state by its name alone', () => {
    const stateNames = [
      { vi: 'Đóng', en: 'Closed' },
      { vi: 'Mở', en: 'Open' },
    ];
    const quantity = {
      unitSymbol: '',
      decimals: 0,
      name: { vi: 'Cửa tủ', en: 'Cabinet door' },
      stateNames,
    } as unknown as Quantity;
    const line = aLine({ triggerValue: 1, lastValue: 1, limit: 0.5 }, { quantity });
    expect(alarmMessage([line], 'alarms', context('vi')).text).toContain('\nCửa tủ: Mở\n');
  });

  it('writes a unit as each language does', () => {
    const quantity = {
      ...PM,
      unitSymbol: 'veh/h',
      localUnitSymbol: { vi: 'xe/h', en: 'veh/h' },
    };
    const template = { vi: '{value} {unit}', en: '{value} {unit}' };
    const lines = [aLine({ lastValue: 1200 }, { quantity, template })];
    const said = (language: 'vi' | 'en') => alarmMessage(lines, 'alarms', context(language)).text.split('\n');
    expect(said('vi')).toEqual(
      expect.arrayContaining(['1.200,0 xe/h', expect.stringContaining('1.200,0 xe/h (giới hạn')]),
    );
    expect(said('en')).toEqual(
      expect.arrayContaining(['1,200.0 veh/h', expect.stringContaining('1,200.0 veh/h (limit')]),
    );
  });

  it('takes the rule’s own words where it has some', () => {
    const template = { vi: '{point}: {value} {unit}, gấp nhiều lần {limit}', en: '{point}: {value}' };
    const { text } = alarmMessage([aLine({}, { template })], 'alarms', context('vi'));
    expect(text.split('\n')[1]).toBe('Trạm Lê Chân: 1.061,3 µg/m³, gấp nhiều lần 50,0');
  });

  it('tells the end as an end, without advice', () => {
    const over = aLine({ condition: 'cleared', clearedAt: epochMs(SINCE + 3_600_000) }, { told: ['cleared'] });
    const { title, text } = alarmMessage([over], 'update', context('vi'));
    expect(title).toBe('Cập nhật: Đã trở lại bình thường: Bụi mịn vượt ngưỡng – Trạm Lê Chân');
    expect(text).toContain('Trở lại bình thường lúc 23/11/2026 22:05');
    expect(text).not.toContain('Nên làm');
  });

  it('says when nobody has looked at it', () => {
    expect(alarmMessage([aLine({}, { told: ['unanswered'] })], 'alarms', context('vi')).title).toBe(
      'Chưa ai xác nhận (khẩn cấp): Bụi mịn vượt ngưỡng – Trạm Lê Chân',
    );
  });
});

describe('a message of many alarms', () => {
  const storm = [
    ...Array.from({ length: 30 }, (_, i) => aLine({ id: `m${i}` as AlarmId, severity: 'minor' })),
    aLine({ id: 'c' as AlarmId, severity: 'critical' }),
    aLine({ id: 'x' as AlarmId, severity: 'major', condition: 'cleared', clearedAt: SINCE }),
  ];

  it('counts them, names the worst first, and says how many more there are', () => {
    const { title, text, severity, link } = alarmMessage(storm, 'summary', context('vi'));
    expect(title).toBe('Tổng hợp: 32 cảnh báo – Khẩn cấp: Bụi mịn vượt ngưỡng – Trạm Lê Chân');
    const lines = text.split('\n');
    expect(lines[0]).toBe('32 cảnh báo: 1 khẩn cấp, 30 nhẹ, 1 đã trở lại bình thường');
    expect(lines[2]).toBe('• Khẩn cấp: Bụi mịn vượt ngưỡng – Trạm Lê Chân');
    expect(lines.filter((line) => line.startsWith('•'))).toHaveLength(LINES_NAMED);
    expect(text).toContain('và 12 cảnh báo khác');
    expect([severity, link]).toEqual(['critical', 'https://hd.example/alarms']);
  });
});

it('a test says that it is one, and by whom', () => {
  expect(testMessage('Lê Thu Hà', context('vi')).text).toContain('tin thử do Lê Thu Hà gửi');
});
