import { z } from 'zod';
import { SITE_KINDS } from '../../domain/asset.ts';
import { INCIDENT_EVENT_KINDS, SIGNS, type SignalKey } from '../../domain/incident.ts';
import { alarm, severity } from './alarms.ts';
import {
  agencyId,
  alarmId,
  branded,
  deviceId,
  incidentId,
  instant,
  localized,
  location,
  note,
  pointId,
  siteId,
  textKey,
  userId,
  version,
} from './wire.ts';

export const signalKey = branded<SignalKey>(z.string().min(1).max(300));
export const INCIDENT_MEMBERS_MAX = 500;
/** Alarms that one acknowledgement of an incident acknowledges; the answer says how many are left. */
export const INCIDENT_ACKNOWLEDGE_MAX = 1_000;

const cause = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('site'), siteId: siteId.nullable(), inferred: z.boolean() }),
    z.object({ kind: z.literal('device'), deviceId: deviceId.nullable() }),
    z.object({ kind: z.literal('place'), family: z.string() }),
    z.object({ kind: z.literal('hand') }),
  ])
  .meta({
    id: 'IncidentCause',
    description: 'What is believed to be behind it; ids are null when not shared with the reader',
  });

const count = z.number().int();
export const incident = z
  .object({
    id: incidentId,
    agencyId,
    cause,
    title: z.array(textKey).readonly().meta({ description: 'Phrases of one line' }),
    name: z.string().nullable().meta({ description: 'A person’s own name for it' }),
    location: location.nullable().meta({ description: 'Of the cause, else of the first member' }),
    startedAt: instant,
    endedAt: instant.nullable(),
    severity,
    members: count,
    alarms: count,
    devices: count,
    active: count,
    unacknowledged: count,
    hidden: count.meta({ description: 'Members of other agencies, not shared with the reader' }),
    agencies: z.array(agencyId).readonly(),
    mergedInto: incidentId.nullable(),
    version,
  })
  .meta({ id: 'Incident', description: 'Alarms and lost devices with one cause, as far as the reader may see them' });
export type IncidentWire = z.infer<typeof incident>;

export const incidentDetail = incident
  .extend({
    evidence: z.array(textKey).readonly(),
    numbers: z.array(count).readonly().meta({ description: 'Their numbers in GET /map/places' }),
    points: z.array(pointId).readonly().meta({ description: 'Where members are, for the map; the first thousand' }),
  })
  .meta({ id: 'IncidentDetail' });

export const incidentMember = z
  .object({
    key: signalKey,
    alarm: alarm.nullable(),
    deviceId: deviceId.nullable().meta({ description: 'Of a device whose session was lost' }),
    agencyId,
    pointId,
    pointName: localized.nullable(),
    siteId,
    at: instant,
    endedAt: instant.nullable(),
    sign: z.enum(SIGNS),
    severity,
    byHand: z.boolean(),
  })
  .meta({ id: 'IncidentMember' });
export type IncidentMemberWire = z.infer<typeof incidentMember>;

export const incidentNode = z
  .object({
    siteId,
    parentId: siteId.nullable().meta({ description: 'null: the cause itself' }),
    name: localized,
    kind: z.enum(SITE_KINDS),
    /** `lost`: no data or no supply; `limit`: an alarm of another kind; `unknown`: nothing is measured there. */
    state: z.enum(['lost', 'limit', 'sound', 'unknown']),
  })
  .meta({ id: 'IncidentNode', description: 'A site of the network below the cause' });
export type IncidentNodeWire = z.infer<typeof incidentNode>;
export const incidentNetwork = z
  .object({
    nodes: z.array(incidentNode).readonly(),
    total: count.meta({ description: 'Sites there are; the nodes are the nearest' }),
  })
  .meta({ id: 'IncidentNetwork' });

export const incidentEvent = z
  .object({
    kind: z.enum(INCIDENT_EVENT_KINDS),
    eventTime: instant,
    recordedAt: instant,
    by: userId.nullable(),
    byName: z.string().nullable(),
    note: z.string().nullable(),
    members: count,
    other: incidentId.nullable(),
  })
  .meta({ id: 'IncidentEvent' });

const alarms = z.array(alarmId).min(1).max(INCIDENT_MEMBERS_MAX);
const members = z.array(signalKey).min(1).max(INCIDENT_MEMBERS_MAX);
const name = z.string().trim().min(1).max(200);
export const incidentOpen = z.strictObject({ alarms, name: name.exactOptional() });
export const incidentAdd = z.strictObject({ alarms });
export const incidentMembers = z.strictObject({ members });
export const incidentMerge = z.strictObject({ from: incidentId });
export const incidentName = z.strictObject({ name: name.nullable() });
export const incidentNote = z.strictObject({ note });
export const incidentAcknowledge = z.strictObject({ note: note.exactOptional() });
export const incidentAcknowledged = z
  .object({
    acknowledged: count,
    refused: z.array(z.object({ id: alarmId, code: z.string() })).readonly(),
    left: count.meta({ description: 'Still to be acknowledged: ask again' }),
  })
  .meta({ id: 'IncidentAcknowledged' });
