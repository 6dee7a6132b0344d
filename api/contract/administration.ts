import { z } from 'zod';
import { severity } from './alarms.ts';
import { PASSWORD_MAX, PASSWORD_MIN } from './session.ts';
import { sharingGrantCreate } from './users.ts';
import { agencyId, alarmId, domainName, instant, localized, pointId } from './wire.ts';

/** Points and alarms named as examples of what a grant shows. */
export const EFFECT_SAMPLES = 12;

export const openSession = z
  .object({
    id: z
      .string()
      .meta({ description: 'Names the session; not its secret, nor made from it in a way that could be turned back' }),
    createdAt: instant,
    expiresAt: instant,
    isCurrent: z.boolean().meta({ description: 'The session that asks' }),
  })
  .meta({ id: 'OpenSession' });

export const invitation = z
  .object({
    path: z.string().meta({ description: 'Page where the person chooses a password; shown this once, good once' }),
    expiresAt: instant,
  })
  .meta({ id: 'Invitation' });
export const redemption = z.strictObject({
  token: z.string().min(1).max(128),
  password: z.string().min(PASSWORD_MIN).max(PASSWORD_MAX),
});

export const partner = z.object({ id: agencyId, name: localized }).meta({ id: 'SharingPartner' });

export const grantEffectQuestion = z.strictObject({
  ...sharingGrantCreate.shape,
  /** An existing grant that is left out of what is shared already: what ending it would take away. */
  except: z.string().min(1).max(128).exactOptional(),
});
export const grantEffect = z
  .object({
    readers: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'People of the agency shared with; null: everyone, signed in or not' }),
    points: z.number().int().meta({ description: 'Points they will see and don’t see now' }),
    series: z.number().int().meta({ description: 'Series of readings of these points' }),
    openAlarms: z
      .number()
      .int()
      .meta({ description: 'Open alarms at these points; 0 for the public, which is told of none' }),
    pointsSeenAlready: z
      .number()
      .int()
      .meta({ description: 'Points the grant covers that another grant shows already' }),
    devices: z.literal(0).meta({ description: 'Devices, credentials and people are never shared' }),
    domains: z.array(z.object({ domain: domainName, points: z.number().int() })).readonly(),
    pointSamples: z.array(z.object({ id: pointId, name: localized, domain: domainName })).readonly(),
    alarmSamples: z
      .array(z.object({ id: alarmId, severity, ruleName: localized.nullable(), pointName: localized.nullable() }))
      .readonly(),
  })
  .meta({ id: 'GrantEffect', description: 'What a grant would show to whom, before it is made' });
export type GrantEffectWire = z.infer<typeof grantEffect>;

export const agencyHoldings = z
  .object({
    sites: z.number().int(),
    points: z.number().int(),
    devices: z.number().int(),
    rules: z.number().int(),
    openAlarms: z.number().int(),
    users: z.number().int(),
    apiKeys: z.number().int(),
    grantsGiven: z.number().int(),
    grantsReceived: z.number().int(),
  })
  .meta({ id: 'AgencyHoldings', description: 'How much belongs to an agency' });
