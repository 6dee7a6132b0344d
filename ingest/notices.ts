import type { Notice } from '../domain/events.ts';
import type { LiveBus } from '../domain/ports/live-bus.ts';
import type { Registry } from '../domain/ports/registry.ts';
import { type Clock, type DurationMs, minutes } from '../domain/time.ts';
import type { IngestMetrics } from './metrics.ts';

export interface NoticesOptions {
  readonly registry: Pick<Registry, 'notices'>;
  readonly bus: LiveBus;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly onError: (where: string, error: unknown) => void;
  /** The same is not said of the same device again for this long. Default ten minutes. */
  readonly quiet?: DurationMs;
}

export type RaiseNotice = (notice: Omit<Notice, 'id' | 'at'>) => void;

/** Tells the operators: kept in the registry, shown at once. A device that misbehaves all day fills neither list nor disk with it. */
export function createNotices(options: NoticesOptions): RaiseNotice {
  const { registry, bus, metrics, clock, newId, onError, quiet = minutes(10) } = options;
  const saidAt = new Map<string, number>();
  return (notice) => {
    const at = clock();
    if (notice.kind === 'file.damaged') metrics.add('hd_damaged_total');
    if (notice.deviceId !== null) {
      const what = `${notice.kind}\n${notice.deviceId}`;
      if (at - (saidAt.get(what) ?? Number.NEGATIVE_INFINITY) < quiet) {
        metrics.add('hd_notices_not_repeated_total');
        return;
      }
      saidAt.set(what, at);
    }
    const whole: Notice = { ...notice, id: newId(), at };
    // Shown also when it can't be kept: a failing disk is told of too.
    bus.publish('notice.raised', whole);
    registry.notices.raise(whole).catch((error) => onError('notice', error));
  };
}
