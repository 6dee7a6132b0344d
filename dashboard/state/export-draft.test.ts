import { describe, expect, it } from 'vitest';
import { newDraft, orderOf, questionOf } from './export-draft.ts';

const NOW = Date.parse('2026-11-26T01:30:00+07:00');

describe('the draft of an export', () => {
  it('begins with the last seven local days', () => {
    expect(newDraft(NOW)).toMatchObject({ fromDay: '2026-11-20', toDay: '2026-11-26' });
  });
  it('spans whole local days, the last one included', () => {
    expect(questionOf({ ...newDraft(NOW), fromDay: '2026-11-26' })).toEqual({
      selection: {},
      from: Date.parse('2026-11-26T00:00:00+07:00'),
      to: Date.parse('2026-11-27T00:00:00+07:00'),
      step: null,
    });
  });
  it('is no order while its days make no span', () => {
    expect(questionOf({ ...newDraft(NOW), fromDay: '2026-11-27' })).toBeNull();
    expect(orderOf({ ...newDraft(NOW), toDay: '' }, 'vi')).toBeNull();
  });
  it('names only what was chosen, and spells CSV as Excel in Vietnamese wants it', () => {
    expect(orderOf({ ...newDraft(NOW), domains: ['water'], step: 'PT1H', format: 'csv' }, 'vi')).toMatchObject({
      selection: { domains: ['water'] },
      step: 'PT1H',
      csv: { byteOrderMark: true, delimiter: ';', decimal: ',' },
    });
  });
});
