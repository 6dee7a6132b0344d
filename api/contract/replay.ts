import { z } from 'zod';
import { KNOWLEDGE } from '../../domain/ports/city-past.ts';
import { alarm, severity } from './alarms.ts';
import { alarmId, deviceId, deviceModelId, instant, localized, pointId } from './wire.ts';

/**
 * The city as it was. Snapshots and frames come as one binary answer each (`application/octet-stream`): the length of a JSON head (uint32, little-endian), the
 * head (UTF-8), then blocks of readings as in `live.ts`, each begun at a multiple of eight bytes. `domain/replay/replay-block.ts` reads and writes it.
 *
 * `known=then` (default): by what was on record at the moment looked at. `known=now`: by when things happened, with what came to light since.
 */
export const knowledge = z.enum(KNOWLEDGE);

/** Series one question may name. */
export const REPLAY_SERIES_MAX = 1_500;
/** Steps of one answer. */
export const REPLAY_FRAMES_MAX = 240;
/** Most readings one answer may be made of: series seen × steps. */
export const REPLAY_READINGS_MAX = 8_000_000;
export const REPLAY_BUCKETS_MAX = 500;
/** A speed of 3600, four frames a second, is steps of 15 minutes; longer ones lose what lies between. */
export const REPLAY_STEP_MAX_MS = 86_400_000;

/** `[device, online, since]` */
const deviceTuple = z.tuple([deviceId, z.boolean(), instant]).readonly();

export const replaySnapshotHead = z.object({
  /** The moment shown: the one asked for, or now where that is still to come. */
  at: instant,
  known: knowledge,
  /** Length of the first block that follows: the readings asked for, 21 bytes each. */
  readingBytes: z.number().int(),
  /** Length of the second: by point number, the rank of each point's state, 255 for what may not be seen. `epoch` as in `GET /map/places`. */
  rankBytes: z.number().int(),
  epoch: z.string(),
  /** Those whose state was known. */
  devices: z.array(deviceTuple).readonly(),
  /** Every alarm open then that the reader may see, suppressed ones too; the worst and newest where there were too many. */
  alarms: z.array(alarm).readonly(),
  alarmsTruncated: z.boolean(),
});
export type ReplaySnapshotHead = z.infer<typeof replaySnapshotHead>;

export const replayFrame = z.object({
  /** End of the step, inclusive. */
  at: instant,
  /** Lengths of its two blocks: readings, and states that changed as in `live.ts`. */
  readingBytes: z.number().int(),
  stateBytes: z.number().int(),
  devices: z.array(deviceTuple).readonly(),
  /** After the last change of the step; `endedAt` set means it has left the list. */
  alarms: z.array(alarm).readonly(),
});
export const replayFramesHead = z.object({
  from: instant,
  /** The end of the last frame: before the one asked for where that is still to come, or where more changed than one answer tells. Go on from here. */
  to: instant,
  known: knowledge,
  frames: z.array(replayFrame).readonly(),
});
export type ReplayFramesHead = z.infer<typeof replayFramesHead>;

/** Most names, and most spans of devices, that one answer tells. */
export const REPLAY_REGISTER_MAX = 5_000;
export const replayRegister = z
  .object({
    names: z
      .array(z.object({ pointId, until: instant, name: localized }))
      .readonly()
      .meta({ description: 'What points were called until they were renamed' }),
    served: z
      .array(
        z.object({
          pointId,
          deviceId,
          modelId: deviceModelId,
          from: instant,
          to: instant.nullable(),
          recordedAt: instant,
          endRecordedAt: instant.nullable(),
        }),
      )
      .readonly()
      .meta({ description: 'Of each point whose devices are others now: every device that ever served it, and when' }),
    isWhole: z.boolean().meta({ description: 'False: there were too many changes, and the earliest are told' }),
  })
  .meta({ id: 'ReplayRegister', description: 'What the register says otherwise now than it did at a moment' });
export type ReplayRegister = z.infer<typeof replayRegister>;

export const replayMarks = z
  .object({
    from: instant,
    widthMs: z.number(),
    items: z.array(z.object({ bucket: z.number().int(), severity, count: z.number().int() })).readonly(),
  })
  .meta({
    id: 'ReplayMarks',
    description: 'Alarms that began, by part of the time and worst severity; parts without any are absent',
  });

export const replayNearest = z
  .object({ at: instant, id: alarmId })
  .nullable()
  .meta({ id: 'ReplayNearest', description: 'The alarm that began next, or last before; null when there is none' });
