import type { GroupTiming } from '../../domain/notifications/grouping.ts';
import type { RetryTerms } from '../../domain/notifications/retry.ts';
import type { DurationMs } from '../../domain/time.ts';

export interface NotifierSettings {
  readonly grouping: GroupTiming;
  readonly retry: RetryTerms;
  /** A person is told so often in an hour (critical alarms: double); what is more comes as a summary. */
  readonly messagesPerHour: number;
  readonly retention: DurationMs;
  /** The site's zone: times in messages, and quiet hours of who names no other. */
  readonly timeZone: string;
  /** Origin of the dashboard, for links; empty when the platform doesn't know it. */
  readonly publicUrl: string;
  /** How often it looks at what is due, beside being woken by alarms. */
  readonly tick: DurationMs;
  /** Sendings at once. */
  readonly sendingsAtOnce: number;
}

/** Rows taken in one step; between steps everybody else has a turn. */
export const STEP_ROWS = 200;

/** Why something was told to nobody: each is counted. */
export const UNTOLD_REASONS = [
  /** Shelved, in maintenance or out of service when it would have been told. */
  'hidden',
  /** The recipient may not see the alarm (any more). */
  'not_permitted',
  /** The recipient is gone or switched off. */
  'recipient_gone',
  /** A way was wished for that leads nowhere: no mail address, no phone. */
  'no_address',
  /** Somebody looked after it before the reminder was sent. */
  'answered',
  /** The alarm isn't there any more. */
  'alarm_gone',
  /** It joined an incident that the recipient has been told of. */
  'in_incident',
] as const;
export type UntoldReason = (typeof UNTOLD_REASONS)[number];
