import { z } from 'zod';
import { SHELVING_KINDS, SUPPRESSION_KINDS, TRANSITION_KINDS } from '../../domain/alarm.ts';
import { SEVERITIES } from '../../domain/rule.ts';
import {
  agencyId,
  alarmId,
  deviceId,
  domainName,
  instant,
  localized,
  location,
  note,
  pointId,
  quantityKey,
  ruleId,
  seriesId,
  siteId,
  suppressionWindowId,
  userId,
  version,
} from './wire.ts';

export const severity = z.enum(SEVERITIES);
export const ALARM_WORK = ['new', 'acknowledged', 'in_progress', 'resolved'] as const;
export const alarmWork = z.enum(ALARM_WORK);
export const alarmCondition = z.enum(['active', 'cleared']);

const carrierRef = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('device'), id: deviceId }),
  z.object({ kind: z.literal('site'), id: siteId }),
]);
export const suppression = z.object({
  kind: z.enum(SUPPRESSION_KINDS),
  reason: z.string(),
  by: userId.nullable(),
  since: instant,
  until: instant.nullable(),
  window: suppressionWindowId.exactOptional().meta({ description: 'The window on its scope that hides it' }),
  carrier: carrierRef.exactOptional().meta({ description: 'The gateway or site it hangs on, which is down' }),
});
export type SuppressionWire = z.infer<typeof suppression>;

const behind = { pointsBehind: z.number().int(), points: z.array(pointId).readonly() };
const alarmCarrier = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('device'), id: deviceId, ...behind }),
    z.object({ kind: z.literal('site'), id: siteId, ...behind }),
  ])
  .meta({ id: 'AlarmCarrier', description: 'Of a gateway or site that is down: how many points are behind it' });

const cause = z
  .literal('verdict')
  .exactOptional()
  .meta({ description: 'Not late readings: a verdict on readings that were judged before' });
const revision = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('corrected'),
    startedAt: instant,
    clearedAt: instant.nullable(),
    worstSeverity: severity,
    activationCount: z.number().int(),
    cause,
  }),
  z.object({ kind: z.literal('not_confirmed'), partOf: alarmId.exactOptional(), cause }),
]);

export const alarmArea = z
  .object({ points: z.array(pointId).readonly(), breaching: z.array(pointId).readonly() })
  .meta({ id: 'AlarmArea', description: 'Of an alarm of several points together: all of them, and those in breach' });

/** One occurrence, as the domain has it, with the names a list needs. The same shape by REST and live. */
export const alarm = z
  .object({
    id: alarmId,
    agencyId,
    ruleId,
    ruleVersion: version,
    series: seriesId,
    pointId,
    area: alarmArea.exactOptional(),
    carrier: alarmCarrier.exactOptional(),
    quantity: quantityKey,
    origin: z.enum(['live', 'past']),
    condition: alarmCondition,
    work: alarmWork,
    severity,
    worstSeverity: severity,
    startedAt: instant,
    activatedAt: instant,
    activationCount: z.number().int(),
    clearedAt: instant.nullable(),
    endedAt: instant.nullable(),
    silentSince: instant.nullable(),
    triggerValue: z.number().nullable(),
    worstValue: z.number().nullable(),
    lastValue: z.number().nullable(),
    limit: z.number().nullable(),
    onSuspectData: z.boolean(),
    suppression: suppression.nullable(),
    assignee: userId.nullable(),
    revision: revision.nullable(),
    recordedAt: instant,
    version,
    /** Null only when the rule or point is no longer known to the reader. */
    rule: z.object({ name: localized, advice: localized.nullable() }).nullable(),
    point: z.object({ name: localized, siteId, domain: domainName, location }).nullable(),
  })
  .meta({ id: 'Alarm' });
export type AlarmWire = z.infer<typeof alarm>;

export const alarmTransition = z
  .object({
    alarmId,
    index: z.number().int(),
    kind: z.enum(TRANSITION_KINDS),
    eventTime: instant,
    recordedAt: instant,
    by: userId.nullable(),
    byName: z.string().nullable(),
    severity,
    value: z.number().nullable(),
    note: z.string().nullable(),
    suppression: suppression.exactOptional().meta({ description: 'What hides the alarm from this line on' }),
    assignee: userId.nullable().exactOptional().meta({ description: 'Who is to look after it from this line on' }),
  })
  .meta({ id: 'AlarmTransition' });

export const alarmCount = z.object({
  severity,
  work: alarmWork,
  condition: alarmCondition,
  count: z.number().int(),
});
export const alarmCounts = z
  .object({ items: z.array(alarmCount).readonly() })
  .meta({ id: 'AlarmCounts', description: 'Open, unsuppressed, live alarms' });

export const ALARM_BULK_MAX = 500;
export const alarmAcknowledge = z.strictObject({ note: note.exactOptional() });
export const alarmComment = z.strictObject({ note });
export const alarmAssign = z.strictObject({ to: userId.nullable() });
export const alarmResolve = z.strictObject({ note });
/** `until` is required for shelving and maintenance; out of service lasts until a person ends it. */
export const alarmShelve = z
  .strictObject({ kind: z.enum(SHELVING_KINDS).default('shelved'), reason: note, until: instant.nullable() })
  .refine((s) => (s.kind === 'out_of_service') === (s.until === null), {
    path: ['until'],
    message: 'refusal.untilNeeded',
  });
export const alarmBulkAcknowledge = z.strictObject({
  ids: z.array(alarmId).min(1).max(ALARM_BULK_MAX),
  note: note.exactOptional(),
});
export const alarmBulkAnswer = z
  .object({
    acknowledged: z.array(alarm),
    refused: z.array(z.object({ id: alarmId, code: z.string() })),
  })
  .meta({ id: 'AlarmBulkAnswer' });

/** One step for many alarms. Steps that a newer version must not be given carry the version that was looked at; the others ignore it. */
export const alarmSteps = z.strictObject({
  items: z
    .array(z.strictObject({ id: alarmId, version }))
    .min(1)
    .max(ALARM_BULK_MAX),
  step: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('acknowledge'), note: note.exactOptional() }),
    z.strictObject({ kind: z.literal('take_back_acknowledgement') }),
    z.strictObject({ kind: z.literal('start_work') }),
    z.strictObject({ kind: z.literal('comment'), note }),
    z.strictObject({ kind: z.literal('assign'), to: userId.nullable() }),
    z.strictObject({ kind: z.literal('resolve'), note }),
    z.strictObject({ kind: z.literal('shelve'), reason: note, until: instant }),
    z.strictObject({ kind: z.literal('unshelve') }),
  ]),
});
export const alarmStepsAnswer = z
  .object({
    taken: z.array(alarm).readonly().meta({ description: 'After the step, in the order asked for' }),
    refused: z.array(z.object({ id: alarmId, code: z.string() })).readonly(),
  })
  .meta({ id: 'AlarmStepsAnswer' });
