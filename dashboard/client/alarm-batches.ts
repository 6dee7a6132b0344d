import type { AlarmFrame } from '../state/live-table.ts';

/** A screen renewed ten times a second keeps up with any flood; an alarm that comes alone is shown at once. */
const BETWEEN_BATCHES_MS = 100;

/** Hands on alarms as they come: the first at once, those that follow within a tenth of a second together. */
export function createAlarmBatches(apply: (frames: readonly AlarmFrame[]) => void) {
  let waiting: AlarmFrame[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let appliedAt = Number.NEGATIVE_INFINITY;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const frames = waiting;
    waiting = [];
    appliedAt = performance.now();
    apply(frames);
  }
  return {
    offer(frame: AlarmFrame): void {
      waiting.push(frame);
      const left = appliedAt + BETWEEN_BATCHES_MS - performance.now();
      if (left <= 0) flush();
      else timer ??= setTimeout(flush, left);
    },
    flush,
    stop(): void {
      clearTimeout(timer);
      waiting = [];
    },
  };
}
