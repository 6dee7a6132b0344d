import { z } from 'zod';
import { COMMAND_NAME_PATTERN, COMMAND_STATES, type CommandId, type JsonObject } from '../../domain/device-control.ts';
import { agencyId, deviceId, instant, userId } from './wire.ts';

/** Parameters and configurations are small: they go out over narrow radio. */
const OBJECT_BYTES_MAX = 16_384;
const jsonObject = z
  .record(z.string().max(64), z.json())
  .refine((value) => JSON.stringify(value).length <= OBJECT_BYTES_MAX, 'refusal.jsonTooLarge') as unknown as z.ZodType<
  JsonObject,
  JsonObject
>;

export const commandId = z.string().min(1).max(64) as unknown as z.ZodType<CommandId, CommandId>;

export const deviceCommand = z
  .object({
    id: commandId,
    deviceId,
    agencyId,
    number: z.number().int().min(1).meta({ description: 'The {n} of its topic hd/v1/{device}/cmd/{n}' }),
    name: z.string(),
    params: jsonObject,
    createdBy: userId,
    createdAt: instant,
    expiresAt: instant,
    state: z.enum(COMMAND_STATES),
    stateAt: instant.nullable().meta({ description: 'When it became so; null while it waits' }),
    result: z.json().nullable().meta({ description: 'What the device answered' }),
    error: z.string().nullable(),
  })
  .meta({ id: 'DeviceCommand' });
export type DeviceCommandWire = z.infer<typeof deviceCommand>;

export const commandGiven = z.strictObject({
  name: z.string().regex(COMMAND_NAME_PATTERN),
  params: jsonObject.exactOptional(),
  expiresAt: instant
    .exactOptional()
    .meta({ description: 'Until when it may still reach the device; absent: a day from now; at most 30 days on' }),
});

const desired = z.object({ version: z.number().int().min(1), config: jsonObject, setBy: userId, setAt: instant });
const reported = z.object({
  version: z.number().int().min(1),
  ok: z.boolean(),
  error: z.string().nullable(),
  at: instant,
});
export const deviceConfiguration = z
  .object({
    /** The desired one's, 0 while there is none: what an edit is based on. */
    version: z.number().int().min(0),
    state: z.enum(['none', 'waiting', 'in_force', 'refused']),
    desired: desired.nullable(),
    reported: reported.nullable(),
  })
  .meta({ id: 'DeviceConfiguration' });
export type DeviceConfigurationWire = z.infer<typeof deviceConfiguration>;
export const desiredVersion = desired;
export const configurationWanted = z.strictObject({
  config: jsonObject,
  version: z.number().int().min(0).meta({ description: 'The version this edit is based on; 0 for the first' }),
});
