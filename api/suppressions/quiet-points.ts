import type { PointId } from '../../domain/identifiers.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { SuppressionLog } from '../../domain/ports/suppressions.ts';
import { endOf, phaseOf, type SuppressionWindow } from '../../domain/suppression-window.ts';
import type { Clock, EpochMs } from '../../domain/time.ts';
import type { SuppressedPlaces } from './suppressed-places.ts';

/** Windows begin and end by themselves, too. */
const AGAIN_MS = 10_000;

export interface QuietPointsOptions {
  readonly windows: Pick<SuppressionLog, 'windows'>;
  readonly places: SuppressedPlaces;
  readonly bus: LiveBus;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Points that one of the windows keeps quiet at an instant, and its kind: of several, that of the one that lasts longest. */
export async function quietPointsAt(
  windows: readonly SuppressionWindow[],
  places: SuppressedPlaces,
  at: EpochMs,
): Promise<ReadonlyMap<PointId, SuppressionWindow['kind']>> {
  const longest = new Map<PointId, { readonly kind: SuppressionWindow['kind']; readonly until: number }>();
  for (const window of windows) {
    if (phaseOf(window, at) !== 'in_force' || window.scope.kind === 'rule_on_point') continue;
    const until = endOf(window) ?? Number.POSITIVE_INFINITY;
    for (const point of await places.pointsOf(window))
      if (until > (longest.get(point)?.until ?? 0)) longest.set(point, { kind: window.kind, until });
  }
  return new Map([...longest].map(([point, { kind }]) => [point, kind] as const));
}

/** {@link quietPointsAt} now; follows the bus and the clock. */
export function createQuietPoints({ windows, places, bus, clock, onError }: QuietPointsOptions) {
  let now: ReadonlyMap<PointId, SuppressionWindow['kind']> = new Map();
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe: (() => void) | undefined;
  let looking: Promise<void> = Promise.resolve();

  const read = async (): Promise<void> => {
    const at = clock();
    const next = await quietPointsAt(await windows.windows(at), places, at);
    if (next.size === now.size && [...next].every(([point, kind]) => now.get(point) === kind)) return;
    now = next;
    for (const listener of listeners) listener();
  };
  const look = (): Promise<void> => {
    looking = looking.then(read).catch(onError);
    return looking;
  };
  return {
    get now() {
      return now;
    },
    onChanged(listener: () => void): void {
      listeners.add(listener);
    },
    async start(): Promise<void> {
      unsubscribe = bus.subscribe('suppression.changed', () => void look());
      await look();
      timer = setInterval(() => void look(), AGAIN_MS);
      timer.unref();
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      unsubscribe?.();
      await looking;
    },
  };
}
export type QuietPoints = ReturnType<typeof createQuietPoints>;
