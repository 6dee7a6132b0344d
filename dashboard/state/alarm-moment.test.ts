import { describe, expect, it } from 'vitest';
import { epochMs } from '../../domain/time.ts';
import { momentSpan, momentView } from './alarm-moment.ts';

const MINUTE = 60_000;
const SIZE = { width: 100, height: 100 };
const alarm = { activatedAt: epochMs(60 * MINUTE), clearedAt: null, limit: 50 };

describe('the moment an alarm began', () => {
  it('is looked at from half an hour before to half an hour after, or until it cleared', () => {
    expect(momentSpan(alarm)).toEqual({ from: 30 * MINUTE, to: 90 * MINUTE });
    expect(momentSpan({ ...alarm, clearedAt: epochMs(100 * MINUTE) }).to).toBe(130 * MINUTE);
    expect(momentSpan({ ...alarm, clearedAt: epochMs(999 * MINUTE) }).to).toBe(180 * MINUTE);
  });

  it('is drawn with its limit, and names the reading that activated it', () => {
    const eventTime = [30, 45, 60, 75].map((minute) => epochMs(minute * MINUTE));
    const view = momentView({ eventTime, value: [40, 45, 60, 55] }, alarm, SIZE);
    expect(view.points).toBe('0.0,92.0 25.0,71.0 50.0,8.0 75.0,29.0');
    expect(view.activatedX).toBe(50);
    expect(view.limitY).toBeCloseTo(50, 5);
    expect(view).toMatchObject({ low: 40, high: 60 });
    expect(view.rowsAround(1).map(({ value, isActivation }) => [value, isActivation])).toEqual([
      [45, false],
      [60, true],
      [55, false],
    ]);
  });

  it('says nothing without readings', () => {
    const view = momentView({ eventTime: [], value: [] }, alarm, SIZE);
    expect(view).toMatchObject({ points: '', limitY: null, low: null, rows: [] });
    expect(view.rowsAround(3)).toEqual([]);
  });
});
