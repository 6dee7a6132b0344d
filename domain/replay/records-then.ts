import type { DeviceId, DeviceModelId, PointId } from '../identifiers.ts';
import type { Localized } from '../localized.ts';
import type { Knowledge } from '../ports/city-past.ts';
import type { EpochMs } from '../time.ts';

/** What a point was called before somebody renamed it at `until`. */
export interface FormerName {
  readonly pointId: PointId;
  readonly until: EpochMs;
  readonly name: Localized;
}
/** A device that served a point in [from, to), and when that was put on record. */
export interface ServedSpan {
  readonly pointId: PointId;
  readonly deviceId: DeviceId;
  readonly modelId: DeviceModelId;
  readonly from: EpochMs;
  readonly to: EpochMs | null;
  readonly recordedAt: EpochMs;
  readonly endRecordedAt: EpochMs | null;
}

/** What a point was called at `at`, of all names it had later than some earlier moment; `null`: as it is called now. */
export function nameThen(former: readonly FormerName[], pointId: PointId, at: EpochMs): Localized | null {
  let found: FormerName | null = null;
  for (const each of former)
    if (each.pointId === pointId && each.until > at && (found === null || each.until < found.until)) found = each;
  return found?.name ?? null;
}

/**
 * Who served the point at `at`, by what was on record then or by what is known now; `spans` are all there ever were of the point. Of a moment before the first
 * of them those are told that came first: nothing else is known.
 */
export function servedThen(spans: readonly ServedSpan[], at: EpochMs, knowledge: Knowledge): readonly ServedSpan[] {
  const beginOf = (span: ServedSpan): EpochMs => (knowledge === 'then' ? span.recordedAt : span.from);
  const first = Math.min(...spans.map(beginOf));
  const moment = Math.max(at, first);
  return spans.filter((span) => {
    const end = knowledge === 'then' ? span.endRecordedAt : span.to;
    return beginOf(span) <= moment && (end === null || end > moment);
  });
}
