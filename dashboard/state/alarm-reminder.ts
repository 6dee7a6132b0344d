import { SEVERITIES, type Severity } from '../../domain/rule.ts';

/** Milliseconds after which unacknowledged alarms of a severity are called again; 0: never. A notice can wait for its turn. */
export const DEFAULT_REMINDERS: Readonly<Record<Severity, number>> = {
  critical: 60_000,
  major: 180_000,
  minor: 600_000,
  notice: 0,
};
/** What a person can choose from. */
export const REMINDER_CHOICES_MS = [0, 30_000, 60_000, 120_000, 180_000, 300_000, 600_000, 1_800_000] as const;

/** When each severity was last called; one call covers what is less severe. */
export type CalledAt = Readonly<Record<Severity, number>>;

export const calledNow = (before: CalledAt, worst: Severity, now: number): CalledAt => ({
  ...before,
  ...Object.fromEntries(SEVERITIES.slice(SEVERITIES.indexOf(worst)).map((severity) => [severity, now])),
});

/** The worst severity whose unacknowledged alarms are to be called again at `now`; `null`: none yet. */
export const dueReminder = (
  waiting: Readonly<Record<Severity, number>>,
  calledAt: CalledAt,
  reminders: Readonly<Record<Severity, number>>,
  now: number,
): Severity | null =>
  SEVERITIES.find(
    (severity) => waiting[severity] > 0 && reminders[severity] > 0 && now - calledAt[severity] >= reminders[severity],
  ) ?? null;
