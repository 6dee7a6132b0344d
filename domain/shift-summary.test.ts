import { describe, expect, it } from 'vitest';
import type { Alarm } from './alarm.ts';
import type { AgencyId, AlarmId, UserId } from './identifiers.ts';
import type { Handover } from './shift-handover.ts';
import { correctedNotes, type ShiftNote, type ShiftNoteId } from './shift-log.ts';
import { handoverMail } from './shift-mail.ts';
import { buildShiftSummary, type NamedAlarm, noneBySeverity, type ShiftFacts, totalOf } from './shift-summary.ts';
import type { SuppressionWindow } from './suppression-window.ts';
import { type EpochMs, epochMs, hours } from './time.ts';
import { VIETNAM_TIME } from './time-zone.ts';
import { aDraft, aFlood, FLOOD_MORNING } from './warning/warning-fixture.ts';

const NOW = FLOOD_MORNING;
const inHours = (n: number): EpochMs => epochMs(NOW + hours(n));
const named = (id: string, given: Partial<Alarm> = {}): NamedAlarm => ({
  alarm: {
    id: id as AlarmId,
    severity: 'major',
    condition: 'active',
    work: 'new',
    startedAt: NOW,
    suppression: null,
    assignee: null,
    ...given,
  } as Alarm,
  pointName: { vi: `Điểm ${id}`, en: `Point ${id}` },
  ruleName: { vi: 'Ngập', en: 'Flood' },
  assigneeName: null,
  suppressedByName: 'Hoa',
});
const shelf = (until: EpochMs | null, more: object = {}) => ({
  suppression: { kind: 'shelved' as const, reason: 'Chờ thợ', by: 'hoa' as UserId, since: NOW, until, ...more },
});
const window = (id: string, from: EpochMs, until: EpochMs | null, endedAt: EpochMs | null = null) => ({
  window: { id, kind: 'maintenance', reason: 'Thay', from, until, endedAt } as SuppressionWindow,
  scopeName: { vi: id, en: id },
  ownerName: 'Hoa',
});
const note = (id: string, minute: number, text: string, corrects: string | null = null): ShiftNote => ({
  kind: 'note',
  at: epochMs(NOW + minute * 60_000),
  byName: 'Hoa',
  noteId: id as ShiftNoteId,
  by: 'hoa' as UserId,
  text,
  happenedAt: epochMs(NOW + minute * 60_000),
  corrects: corrects as ShiftNoteId | null,
});
const facts = (given: Partial<ShiftFacts> = {}): ShiftFacts => ({
  alarms: [],
  open: noneBySeverity(),
  unacknowledged: noneBySeverity(),
  shelvedCount: 0,
  windows: [],
  warnings: [],
  devicesDown: [],
  devicesDownCount: 0,
  raised: noneBySeverity(),
  acknowledgedCount: 0,
  endedCount: 0,
  log: { entries: [], leftOut: {} },
  ...given,
});
const summaryOf = (given: Partial<ShiftFacts>, listed = 99) => buildShiftSummary(facts(given), NOW, listed);

describe('the summary of a shift', () => {
  it('names the worst alarms first, of those the ones that nobody acknowledged, then the newest', () => {
    const { alarms } = summaryOf({
      alarms: [
        named('notice', { severity: 'notice' }),
        named('old', { startedAt: inHours(-2) }),
        named('seen', { work: 'acknowledged', startedAt: inHours(1) }),
        named('new', {}),
        named('critical', { severity: 'critical', work: 'in_progress' }),
      ],
    });
    expect(alarms.map(({ alarmId }) => alarmId)).toEqual(['critical', 'new', 'old', 'seen', 'notice']);
  });

  it('tells shelved alarms apart, with reason and end, the next end first; what goes by its scope is told with the scope', () => {
    const { alarms, shelved } = summaryOf({
      alarms: [
        named('for-ever', shelf(null)),
        named('tomorrow', shelf(inHours(24))),
        named('soon', shelf(inHours(1))),
        named('by-window', shelf(inHours(1), { window: 'w' })),
        named('by-carrier', shelf(null, { carrier: { kind: 'site', id: 's' } })),
      ],
    });
    expect(alarms).toEqual([]);
    expect(shelved.map(({ alarmId }) => alarmId)).toEqual(['soon', 'tomorrow', 'for-ever']);
    expect(shelved[0]?.shelf).toEqual({ kind: 'shelved', until: inHours(1), reason: 'Chờ thợ', byName: 'Hoa' });
  });

  it('has the maintenance and the official warnings that are in force, not what is planned or over', () => {
    const published = { ...aDraft('hoa' as UserId), life: { kind: 'in_force' as const, proposal: null } };
    const message = (hoursOn: number) => ({ kind: 'alert' as const, content: aFlood({ expires: inHours(hoursOn) }) });
    const { windows, warnings } = summaryOf({
      windows: [
        window('late', inHours(-1), inHours(5)),
        window('planned', inHours(1), inHours(2)),
        window('open', inHours(-9), null),
        window('next', inHours(-1), inHours(1)),
        window('ended', inHours(-3), inHours(5), inHours(-1)),
      ],
      warnings: [
        { ...published, issued: [message(3)] } as never,
        { ...published, issued: [message(-1)] } as never,
        aDraft('hoa' as UserId),
      ],
    });
    expect(windows.map(({ windowId }) => windowId)).toEqual(['next', 'late', 'open']);
    expect(warnings).toMatchObject([{ headline: aFlood().headline, expires: inHours(3), isExercise: false }]);
  });

  it('shortens its lists and not its counts', () => {
    const summary = summaryOf(
      {
        alarms: ['a', 'b', 'c'].flatMap((id) => [named(id), named(`s${id}`, shelf(null))]),
        open: { ...noneBySeverity(), major: 3 },
        shelvedCount: 3,
      },
      2,
    );
    expect([summary.alarms.length, summary.shelved.length]).toEqual([2, 2]);
    expect([totalOf(summary.open), summary.shelvedCount]).toEqual([3, 3]);
  });
});

describe('notes', () => {
  it('stay as they were written, with the corrections below them in order', () => {
    const first = note('n1', 1, 'Trạm bơm chạy 2 máy');
    const entries = [
      note('n4', 9, 'Đã gọi điện lực'),
      note('n3', 5, '4 máy', 'n1'),
      note('n2', 3, '3 máy', 'n1'),
      first,
    ];
    const notes = correctedNotes(entries);
    expect(notes.map(({ note: { noteId } }) => noteId)).toEqual(['n1', 'n4']);
    expect(notes[0]?.note).toBe(first);
    expect(notes[0]?.corrections.map(({ text }) => text)).toEqual(['3 máy', '4 máy']);
  });
  it('show a correction by itself when its note is of an earlier shift', () => {
    expect(correctedNotes([note('n9', 1, '4 máy', 'n1')])).toMatchObject([{ note: { noteId: 'n9' }, corrections: [] }]);
  });
});

describe('a handover by mail', () => {
  const handover = (given: Partial<ShiftFacts>, remark = ''): Handover => ({
    id: 'h' as Handover['id'],
    sha256: 'ab'.repeat(32) as Handover['sha256'],
    isIntact: true,
    receipt: null,
    content: {
      format: 1,
      agencyId: 'env' as AgencyId,
      agencyName: { vi: 'Sở Môi trường', en: 'Environment' },
      shift: { from: inHours(-1), to: inHours(7), number: 1 },
      covers: { from: inHours(-1), to: NOW },
      onDuty: [],
      log: { entries: [], leftOut: {} },
      summary: summaryOf(given),
      remark,
      signedBy: { userId: 'hoa' as UserId, name: 'Nguyễn Thị Hoa' },
      signedAt: NOW,
      previous: null,
    },
  });
  const mail = (of: Handover, language: 'vi' | 'en') =>
    handoverMail(of, { language, offset: VIETNAM_TIME, link: 'https://hd.example/shift/handovers/h' });

  it('says in the reader’s language what is open and where the whole record is', () => {
    const of = handover(
      {
        alarms: [named('a')],
        open: { ...noneBySeverity(), major: 1 },
        log: { entries: [note('n1', 1, 'Mưa to')], leftOut: {} },
      },
      'Theo dõi sông Luộc',
    );
    const vi = mail(of, 'vi');
    expect(vi.title).toBe('Biên bản giao ca – Sở Môi trường – 11/09/2026 07:10');
    expect(vi.text).toContain('Cảnh báo đang mở: 1 (1 nghiêm trọng)');
    expect(vi.text).toContain('- nghiêm trọng: Điểm a – Ngập, 11/09/2026 07:10');
    expect(vi.text).toContain('Lời dặn: Theo dõi sông Luộc');
    expect(vi.text).toContain('Mưa to');
    expect(vi.text).toContain('https://hd.example/shift/handovers/h');
    expect(vi.text).toContain(of.sha256);
    const en = mail(of, 'en');
    expect(en.title).toBe('Shift handover – Environment – 11 Sept 2026 07:10');
    expect(en.text).toContain('Taken over by: not signed for yet');
    expect(en.text).toContain('Official warnings in force: none');
  });

  it('counts what it has no room to name', () => {
    const many = Array.from({ length: 25 }, (_, i) => named(`s${i}`, shelf(null)));
    const { text } = mail(handover({ alarms: many, shelvedCount: 40 }), 'en');
    expect(text).toContain('Shelved: 40');
    expect(text).toContain('- and 20 more');
  });
});
