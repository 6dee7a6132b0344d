import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MessageFacts, PLACEHOLDERS, renderMessage, templateProblems } from './message-template.ts';
import { epochMs, hours, minutes } from './time.ts';
import { VIETNAM_TIME } from './time-zone.ts';

const since = epochMs(Date.parse('2026-11-23T21:05:00+07:00'));
const facts: MessageFacts = {
  rule: { vi: 'Bụi mịn cao', en: 'High PM2.5' },
  point: { vi: 'Trạm Lê Chân', en: 'Le Chan station' },
  site: null,
  ward: { vi: 'Phường Lê Chân', en: 'Le Chan ward' },
  quantity: { vi: 'Bụi PM2.5', en: 'PM2.5' },
  value: 1234.56,
  limit: -50,
  unitSymbol: { vi: 'µg/m³', en: 'µg/m³' },
  decimals: 1,
  severity: 'major',
  since,
  now: epochMs(since + hours(3) + minutes(5)),
  count: 3,
  total: 14,
};
const render = (text: string, language: 'vi' | 'en') =>
  renderMessage({ vi: text, en: text }, language, facts, VIETNAM_TIME);

describe('the text of an alarm', () => {
  it.each([
    [
      '{point} ({ward}): {quantity} {value} {unit}',
      'Trạm Lê Chân (Phường Lê Chân): Bụi PM2.5 1.234,6 µg/m³',
      'Le Chan station (Le Chan ward): PM2.5 1,234.6 µg/m³',
    ],
    ['{limit} {site}', '−50,0 –', '−50.0 –'],
    ['{severity} {since}', 'Nghiêm trọng 21:05 23/11/2026', 'Major 23 Nov 2026 21:05'],
    ['{ duration } {count}/{total}', '3 giờ 3/14', '3 hours 3/14'],
    ['{{{rule}}}', '{Bụi mịn cao}', '{High PM2.5}'],
  ])('%s', (template, vi, en) => {
    expect([render(template, 'vi'), render(template, 'en')]).toEqual([vi, en]);
  });

  it('says a state by its name, which has no limit', () => {
    const door = {
      ...facts,
      value: 1,
      limit: 0.5,
      stateNames: [
        { vi: 'Đóng', en: 'Closed' },
        { vi: 'Mở', en: 'Open' },
      ],
    };
    const template = { vi: '{value} ({limit})', en: '{value} ({limit})' };
    expect(renderMessage(template, 'vi', door, VIETNAM_TIME)).toBe('Mở (–)');
    expect(renderMessage(template, 'en', { ...door, value: 0 }, VIETNAM_TIME)).toBe('Closed (–)');
  });

  it('names a placeholder there is not, and a brace without its partner', () => {
    expect(templateProblems('{point} {diem}')).toEqual([{ code: 'PLACEHOLDER_UNKNOWN', placeholder: 'diem' }]);
    expect(templateProblems('{point')).toEqual([{ code: 'BRACE_UNMATCHED' }]);
    expect(templateProblems('a } b')).toEqual([{ code: 'BRACE_UNMATCHED' }]);
    expect(templateProblems('{{a}}')).toEqual([]);
    for (const placeholder of PLACEHOLDERS) expect(templateProblems(`{${placeholder}}`)).toEqual([]);
  });

  it('leaves plain text as it is, and goes out whatever the template', () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(typeof render(text, 'en')).toBe('string')));
    const plain = fc.string().filter((text) => !/[{}]/.test(text));
    fc.assert(fc.property(plain, (text) => void expect(render(text, 'vi')).toBe(text)));
  });
});
