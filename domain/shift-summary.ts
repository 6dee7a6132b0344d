import type { Alarm, AlarmWork, Suppression } from './alarm.ts';
import type { AlarmId, DeviceId } from './identifiers.ts';
import type { Localized } from './localized.ts';
import { SEVERITIES, type Severity, severityRank } from './rule.ts';
import { type CorrectedNote, correctedNotes, type LogPart } from './shift-log.ts';
import { endOf, phaseOf, type SuppressionWindow, type SuppressionWindowId } from './suppression-window.ts';
import type { EpochMs } from './time.ts';
import { currentMessage, phaseAt, type Warning, type WarningId } from './warning/warning.ts';

export type BySeverity = Readonly<Record<Severity, number>>;

/** An open alarm as a handover names it. */
export interface HandedAlarm {
  readonly alarmId: AlarmId;
  readonly severity: Severity;
  readonly condition: Alarm['condition'];
  readonly work: AlarmWork;
  readonly startedAt: EpochMs;
  readonly pointName: Localized;
  readonly ruleName: Localized;
  readonly assigneeName: string | null;
}
export interface ShelvedAlarm extends HandedAlarm {
  readonly shelf: {
    readonly kind: Suppression['kind'];
    readonly until: EpochMs | null;
    readonly reason: string;
    readonly byName: string | null;
  };
}
export interface HandedWindow {
  readonly windowId: SuppressionWindowId;
  readonly kind: SuppressionWindow['kind'];
  readonly scopeName: Localized;
  readonly from: EpochMs;
  readonly until: EpochMs | null;
  readonly reason: string;
  readonly ownerName: string | null;
}
export interface HandedWarning {
  readonly warningId: WarningId;
  readonly headline: Localized;
  readonly expires: EpochMs | null;
  readonly isExercise: boolean;
}
export interface HandedDevice {
  readonly deviceId: DeviceId;
  readonly since: EpochMs;
}

/** What the one shift leaves to the next, as it stood at `asOf`. Lists may be shortened; the counts beside them count all. */
export interface ShiftSummary {
  readonly asOf: EpochMs;
  /** Open and shown, by severity; `unacknowledged` of them. */
  readonly open: BySeverity;
  readonly unacknowledged: BySeverity;
  /** Worst first, those that nobody acknowledged before the others; then newest first. */
  readonly alarms: readonly HandedAlarm[];
  /** Hidden one by one, by the end that comes first; those without an end last. */
  readonly shelved: readonly ShelvedAlarm[];
  readonly shelvedCount: number;
  readonly windows: readonly HandedWindow[];
  readonly warnings: readonly HandedWarning[];
  readonly devicesDown: readonly HandedDevice[];
  readonly devicesDownCount: number;
  /** Alarms that began, were acknowledged and were over in the time handed over. */
  readonly raised: BySeverity;
  readonly acknowledgedCount: number;
  readonly endedCount: number;
  readonly notes: readonly CorrectedNote[];
}

/** An open alarm with the names that the registry has for it. */
export interface NamedAlarm {
  readonly alarm: Alarm;
  readonly pointName: Localized;
  readonly ruleName: Localized;
  readonly assigneeName: string | null;
  readonly suppressedByName: string | null;
}

/** All that a summary is made of. */
export interface ShiftFacts {
  /** Open ones, shown and hidden; perhaps only the worst of them. */
  readonly alarms: readonly NamedAlarm[];
  /** Of all open ones that are shown. */
  readonly open: BySeverity;
  readonly unacknowledged: BySeverity;
  readonly shelvedCount: number;
  readonly windows: readonly (Pick<HandedWindow, 'scopeName' | 'ownerName'> & { readonly window: SuppressionWindow })[];
  readonly warnings: readonly Warning[];
  readonly devicesDown: readonly HandedDevice[];
  readonly devicesDownCount: number;
  readonly raised: BySeverity;
  readonly acknowledgedCount: number;
  readonly endedCount: number;
  readonly log: LogPart;
}

export const noneBySeverity = (): Record<Severity, number> =>
  Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
export const totalOf = (counts: BySeverity): number => SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0);

const handed = ({ alarm, pointName, ruleName, assigneeName }: NamedAlarm): HandedAlarm => ({
  alarmId: alarm.id,
  severity: alarm.severity,
  condition: alarm.condition,
  work: alarm.work,
  startedAt: alarm.startedAt,
  ...{ pointName, ruleName, assigneeName },
});

const never = Number.POSITIVE_INFINITY;
const workRank = (alarm: HandedAlarm): number => (alarm.work === 'new' ? 0 : 1);

/** Makes the summary of a moment; at most `listed` alarms are named in each list. */
export function buildShiftSummary(facts: ShiftFacts, asOf: EpochMs, listed: number): ShiftSummary {
  const { alarms, windows, warnings, log, devicesDown } = facts;
  const shown = alarms.filter(({ alarm }) => alarm.suppression === null).map(handed);
  const shelved = alarms.flatMap((named): ShelvedAlarm[] => {
    const by = named.alarm.suppression;
    // What goes by its scope is told once, with the window or the carrier.
    if (by === null || by.window !== undefined || by.carrier !== undefined) return [];
    const { kind, until, reason } = by;
    return [{ ...handed(named), shelf: { kind, until, reason, byName: named.suppressedByName } }];
  });
  return {
    asOf,
    open: facts.open,
    unacknowledged: facts.unacknowledged,
    alarms: shown
      .sort(
        (a, b) =>
          severityRank(a.severity) - severityRank(b.severity) || workRank(a) - workRank(b) || b.startedAt - a.startedAt,
      )
      .slice(0, listed),
    shelved: shelved.sort((a, b) => (a.shelf.until ?? never) - (b.shelf.until ?? never)).slice(0, listed),
    shelvedCount: facts.shelvedCount,
    windows: windows
      .filter(({ window }) => phaseOf(window, asOf) === 'in_force')
      .map(({ window, scopeName, ownerName }) => ({
        windowId: window.id,
        kind: window.kind,
        from: window.from,
        until: endOf(window),
        reason: window.reason,
        ...{ scopeName, ownerName },
      }))
      .sort((a, b) => (a.until ?? never) - (b.until ?? never)),
    warnings: warnings.flatMap((warning): HandedWarning[] => {
      const message = currentMessage(warning);
      if (phaseAt(warning, asOf) !== 'in_force' || !message) return [];
      const { headline, expires } = message.content;
      return [{ warningId: warning.id, headline, expires, isExercise: warning.status === 'Exercise' }];
    }),
    devicesDown,
    devicesDownCount: facts.devicesDownCount,
    raised: facts.raised,
    acknowledgedCount: facts.acknowledgedCount,
    endedCount: facts.endedCount,
    notes: correctedNotes(log.entries),
  };
}
