import { z } from 'zod';
import { CODEC_EXCESSES } from '../../domain/ports/codec-bench.ts';
import { QUALITY_KINDS } from '../../domain/quality.ts';
import { channel } from './assets.ts';
import { gatewaysAway, quarantineProblem } from './quarantine.ts';
import { deviceId, deviceModelId, instant, quantityKey, quarantineId } from './wire.ts';

/** Bytes of a payload to try a codec on: far above what a radio frame holds. */
const TRIAL_PAYLOAD_BYTES = 16_384;
export const CODEC_SOURCE_MAX = 65_536;

export const modelUsage = z
  .object({
    modelId: deviceModelId,
    devices: z.number().int().meta({ description: 'Registered and not retired' }),
    retired: z.number().int(),
  })
  .meta({ id: 'ModelUsage' });

export const modelWithdrawal = z.strictObject({
  reason: z.string().trim().min(1).max(500).meta({ description: 'Why, in words for colleagues' }),
});

export const codecState = z
  .object({
    suspension: z
      .object({ since: instant, excess: z.enum(CODEC_EXCESSES), messagesHeld: z.number().int() })
      .nullable()
      .meta({ description: 'null: messages are given to the codec' }),
    /** Of the model's devices that the caller may look into. */
    heldMessages: z.number().int().nullable().meta({ description: 'In quarantine; null without the right to see it' }),
    away: gatewaysAway,
  })
  .meta({ id: 'CodecState' });

export const modelPayload = z
  .object({
    source: z.enum(['quarantine', 'live']),
    /** Of a quarantined message. */
    quarantineId: quarantineId.nullable(),
    deviceId,
    arrivalTime: instant,
    fPort: z.number().int(),
    receivedTime: instant.meta({ description: 'What a codec is given as recvTime' }),
    base64: z.string().meta({ description: 'The payload alone, out of its network server’s envelope' }),
    problems: z.array(quarantineProblem).readonly(),
  })
  .meta({ id: 'ModelPayload' });
export type ModelPayloadWire = z.infer<typeof modelPayload>;

export const codecTrial = z.strictObject({
  source: z.string().min(1).max(CODEC_SOURCE_MAX).meta({ description: 'JavaScript; saved nowhere' }),
  base64: z.base64().max(Math.ceil(TRIAL_PAYLOAD_BYTES / 3) * 4),
  fPort: z.number().int().min(0).max(255).default(1),
  receivedTime: instant.exactOptional().meta({ description: 'Absent: now' }),
  variables: z.record(z.string().min(1).max(64), z.string().max(256)).exactOptional(),
  channels: z.array(channel).max(256).readonly(),
});

/** JSON as the codec returned it. */
const jsonData = z.record(z.string(), z.json()) as unknown as z.ZodType<
  Readonly<Record<string, unknown>>,
  Readonly<Record<string, unknown>>
>;
const sourcePlace = z.object({ line: z.number().int(), column: z.number().int().nullable() });
export const codecTrialResult = z
  .object({
    outcome: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('decoded'), data: jsonData }),
      z.object({
        kind: z.literal('failed'),
        code: z.enum(['CODEC_FAILED', 'CODEC_LIMIT', 'CODEC_SUSPENDED']),
        detail: z.string(),
        place: sourcePlace.nullable(),
      }),
    ]),
    warnings: z.array(z.string()).readonly(),
    errors: z.array(z.string()).readonly(),
    console: z.array(z.string()).readonly(),
    computedMs: z.number(),
    values: z
      .array(
        z.object({
          channel: z.string(),
          quantity: quantityKey,
          sent: z.number(),
          value: z.number(),
          quality: z.enum(QUALITY_KINDS),
        }),
      )
      .readonly()
      .meta({ description: 'What would be kept, in each quantity’s own unit' }),
    unknownKeys: z.array(z.string()).readonly(),
    silentChannels: z.array(z.string()).readonly(),
    problems: z.array(quarantineProblem).readonly(),
  })
  .meta({ id: 'CodecTrialResult' });
export type CodecTrialResultWire = z.infer<typeof codecTrialResult>;

export const modelReplay = z
  .object({
    messages: z.number().int().meta({ description: 'Put through again' }),
    accepted: z.number().int().meta({ description: 'Readings that were taken' }),
    remaining: z.number().int().meta({ description: 'Messages still held, of which something could not be used' }),
    more: z.boolean().meta({ description: 'There were more messages than one call replays' }),
  })
  .meta({ id: 'ModelReplay' });
