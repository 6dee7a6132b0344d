import { describe, expect, it } from 'vitest';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { UserId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import { anAlarm } from './alarm-fixture.ts';
import { type AlarmStep, endsBy, mayTake, undoOf } from './alarm-undo.ts';

const HOA = 'hoa' as UserId;
const shelved = { kind: 'shelved' as const, reason: 'mưa', by: HOA, since: epochMs(1), until: epochMs(900) };
const shelve: AlarmStep = { kind: 'shelve', reason: 'mưa', until: epochMs(900) };

describe('taking a step on an alarm back', () => {
  it.each<[string, AlarmStep, Partial<AlarmWire>, Partial<AlarmWire>, AlarmStep | null]>([
    [
      'an acknowledgement',
      { kind: 'acknowledge' },
      {},
      { work: 'acknowledged' },
      { kind: 'take_back_acknowledgement' },
    ],
    ['one that ended it', { kind: 'acknowledge' }, {}, { work: 'acknowledged', endedAt: epochMs(9) }, null],
    [
      'one of what was acknowledged already',
      { kind: 'acknowledge' },
      { work: 'acknowledged' },
      { work: 'acknowledged' },
      null,
    ],
    ['an assignment', { kind: 'assign', to: HOA }, {}, { assignee: HOA }, { kind: 'assign', to: null }],
    ['an assignment to whom it was', { kind: 'assign', to: HOA }, { assignee: HOA }, { assignee: HOA }, null],
    ['shelving', shelve, {}, { suppression: shelved }, { kind: 'unshelve' }],
    ['shelving of what has cleared', shelve, {}, { suppression: shelved, condition: 'cleared' }, null],
    ['the end of shelving', { kind: 'unshelve' }, { suppression: shelved }, {}, shelve],
    ['a comment', { kind: 'comment', note: 'x' }, {}, {}, null],
    [
      'a resolution',
      { kind: 'resolve', note: 'x' },
      { condition: 'cleared' },
      { work: 'resolved', endedAt: epochMs(9) },
      null,
    ],
  ])('%s', (_what, step, before, after, undo) => {
    expect(undoOf(step, anAlarm(before), anAlarm(after), 500)).toEqual(undo);
  });

  it('does not shelve again until a time that is past', () => {
    expect(undoOf({ kind: 'unshelve' }, anAlarm({ suppression: shelved }), anAlarm(), 900)).toBeNull();
  });

  it.each<[AlarmStep['kind'], Partial<AlarmWire>, boolean]>([
    ['acknowledge', {}, false],
    ['acknowledge', { condition: 'cleared' }, true],
    ['acknowledge', { condition: 'cleared', suppression: shelved }, false],
    ['resolve', { condition: 'cleared' }, true],
    ['unshelve', { condition: 'cleared', suppression: shelved }, true],
    ['unshelve', { suppression: shelved }, false],
    ['shelve', { condition: 'cleared' }, false],
  ])('%s of %o ends it: %s', (step, over, ends) => {
    expect(endsBy(step, anAlarm(over))).toBe(ends);
  });

  it.each<[AlarmStep['kind'], Partial<AlarmWire>, boolean]>([
    ['acknowledge', { work: 'acknowledged' }, false],
    ['resolve', {}, false],
    ['resolve', { condition: 'cleared' }, true],
    ['shelve', { suppression: shelved }, false],
    ['unshelve', { suppression: shelved }, true],
    ['start_work', { condition: 'cleared' }, false],
    ['assign', { endedAt: epochMs(9) }, false],
    ['comment', { endedAt: epochMs(9) }, true],
  ])('%s of %o is possible: %s', (step, over, possible) => {
    expect(mayTake(step, anAlarm(over))).toBe(possible);
  });
});
