import type { Notice } from '../../domain/events.ts';
import type { Localized } from '../../domain/localized.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { SuppressionLog } from '../../domain/ports/suppressions.ts';
import { endOf, type SuppressionWindow } from '../../domain/suppression-window.ts';
import { type Clock, type DurationMs, epochMs } from '../../domain/time.ts';

export interface EndRemindersOptions {
  readonly windows: Pick<SuppressionLog, 'endingSoon' | 'remind'>;
  readonly bus: LiveBus;
  readonly clock: Clock;
  readonly nameOf: (window: SuppressionWindow) => Promise<{ readonly scope: Localized; readonly owner: string }>;
  readonly onError: (error: unknown) => void;
  /** How long before its end an owner is reminded. */
  readonly ahead: DurationMs;
  /** How often it is looked. */
  readonly every: DurationMs;
}

/**
 * Tells of maintenance that is about to end: in time to make it longer, before its alarms are there again. Every server looks; the one that puts the reminder on
 * record tells of it.
 */
export function createEndReminders(options: EndRemindersOptions) {
  const { windows, bus, clock, nameOf, onError, ahead, every } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const remind = async (window: SuppressionWindow): Promise<void> => {
    const { scope, owner } = await nameOf(window);
    const until = endOf(window);
    if (until === null) return;
    const notice: Notice = {
      id: `${window.id}-ends-${until}`,
      kind: 'suppression.ending',
      agencyId: window.agencyId,
      deviceId: window.scope.kind === 'device' ? window.scope.deviceId : null,
      text: {
        key: 'notice.suppression_ending',
        params: { scope_vi: scope.vi, scope_en: scope.en, owner, until, reason: window.reason },
      },
      at: clock(),
    };
    if (await windows.remind(window, notice)) bus.publish('notice.raised', notice);
  };
  const look = (): Promise<void> => {
    running = running
      .then(async () => {
        const now = clock();
        for (const window of await windows.endingSoon(now, epochMs(now + ahead))) await remind(window);
      })
      .catch(onError);
    return running;
  };
  return {
    async start(): Promise<void> {
      await look();
      timer = setInterval(() => void look(), every);
      timer.unref();
    },
    /** Looks now. */
    look,
    async stop(): Promise<void> {
      clearInterval(timer);
      await running;
    },
  };
}
