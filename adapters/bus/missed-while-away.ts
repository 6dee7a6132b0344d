import type { LiveBus } from '../../domain/ports/live-bus.ts';
import { RegistryUnavailableError } from '../../domain/ports/registry.ts';

const AGAIN_AFTER_MS = 2_000;

/**
 * What changed while the registry was away could not be read by those who keep it in memory. Given what went wrong for them, it has them told that they missed
 * something, again and again until nothing goes wrong.
 */
export function missedWhileAway(bus: LiveBus, againAfterMs: number = AGAIN_AFTER_MS): (error: unknown) => void {
  let isWaiting = false;
  return (error) => {
    if (isWaiting || !(error instanceof RegistryUnavailableError)) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      bus.publish('events.missed', {});
    }, againAfterMs).unref();
  };
}
