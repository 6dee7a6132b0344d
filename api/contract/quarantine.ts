import { z } from 'zod';
import type { DeviceId } from '../../domain/identifiers.ts';
import { QUARANTINE_CODES, TRANSPORTS } from '../../domain/ports/quarantine.ts';
import { agencyId, branded, deviceId, instant, pageOf, quarantineId } from './wire.ts';

export const QUARANTINE_REPLAY_MAX = 1_000;
/** Who sent it: a device, or a station whose file it was. */
export const quarantineSender = z.union([deviceId, branded<DeviceId>(z.string().regex(/^station:[A-Z0-9-]{2,32}$/))]);
export const quarantineCode = z.enum(QUARANTINE_CODES);
export const quarantineState = z.enum(['held', 'replayed', 'discarded']);
export const quarantineProblem = z.object({
  index: z.number().int(),
  quantity: z.string().nullable(),
  code: quarantineCode,
  detail: z.string(),
});

export const gatewayName = z.object({ id: z.string(), name: z.string() }).meta({ id: 'GatewayName' });
/** Beside what was found: who was not heard. */
export const gatewaysAway = z
  .array(gatewayName)
  .readonly()
  .meta({ description: 'Gateways that did not answer: what they hold is missing here' });

/** Without the bytes: `GET /quarantine/{quarantineId}/bytes` gives those as they came. */
export const quarantinedMessage = z
  .object({
    id: quarantineId,
    deviceId: quarantineSender,
    agencyId: agencyId.nullable(),
    transport: z.enum(TRANSPORTS),
    topic: z.string(),
    sizeBytes: z.number().int(),
    arrivalTime: instant,
    problems: z.array(quarantineProblem).readonly(),
    state: quarantineState,
    gateway: gatewayName.meta({ description: 'That holds it' }),
  })
  .meta({ id: 'QuarantinedMessage' });
export type QuarantinedMessageWire = z.infer<typeof quarantinedMessage>;

export const quarantinePage = pageOf(quarantinedMessage).extend({
  away: gatewaysAway,
  gateways: z.number().int().meta({ description: 'Known, those that did not answer included' }),
});

export const quarantineReplay = z.strictObject({
  ids: z.array(quarantineId).min(1).max(QUARANTINE_REPLAY_MAX),
  /** Allow readings older than the age limit. */
  backfill: z.boolean().default(false),
});
export const quarantineReplayAnswer = z.object({
  items: z.array(
    z.object({ id: quarantineId, accepted: z.number().int(), problems: z.array(quarantineProblem).readonly() }),
  ),
});

export const quarantineCounts = z
  .object({
    items: z
      .array(z.object({ deviceId: quarantineSender, code: quarantineCode, messages: z.number().int() }))
      .readonly(),
    /** Of all gateways together; null unless the caller administers the platform. */
    status: z
      .object({
        messages: z.number(),
        bytes: z.number(),
        capacityBytes: z.number(),
        evictedMessages: z.number(),
        evictedBytes: z.number(),
        damagedMessages: z.number().meta({ description: 'Found damaged and set aside since start' }),
      })
      .nullable(),
    away: gatewaysAway,
  })
  .meta({ id: 'QuarantineCounts' });
