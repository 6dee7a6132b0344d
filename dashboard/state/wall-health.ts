import { CLOCK_DIFFERENCE_TOLD_MS, type Staleness } from './connection-health.ts';

/** How often a wall screen asks the platform for what it is to show. */
export const ASK_EVERY_MS = 5_000;
/** So long without an answer, two questions and a little, and the platform counts as away. */
const AWAY_AFTER_MS = 12_000;
/** No reading of any device for this long: the line may be well, and the city silent. */
const READINGS_OLD_AFTER_MS = 600_000;

/** What keeps a screen from telling the truth, the worst first. `since`: the screen's clock; `null` where it has no beginning. */
export interface WallTrouble {
  readonly kind: 'server_away' | 'line_down' | 'data_silent' | 'readings_old' | 'clock_wrong';
  readonly since: number | null;
}

export interface WallFacts {
  /** Screen's clock. */
  readonly now: number;
  /** When the platform last answered; the page's beginning before it did. */
  readonly answeredAt: number;
  /** Of the live line. */
  readonly staleness: Staleness;
  /** When a reading last came; `null` where the screen isn't sent all of them. */
  readonly readingsAt: number | null;
  /** Platform's clock minus the screen's; `null` while it isn't known. */
  readonly clockOffsetMs: number | null;
}

/** Every trouble there is now. A clock that is wrong by more than five seconds is told: ages and times on the screen are then wrong too. */
export function troublesOf({
  now,
  answeredAt,
  staleness,
  readingsAt,
  clockOffsetMs,
}: WallFacts): readonly WallTrouble[] {
  const troubles: WallTrouble[] = [];
  const isAway = now - answeredAt > AWAY_AFTER_MS;
  if (isAway) troubles.push({ kind: 'server_away', since: answeredAt });
  // Without the platform the line is down as well: that is said once.
  else if (staleness.kind === 'stale')
    troubles.push({ kind: staleness.cause === 'silent' ? 'data_silent' : 'line_down', since: staleness.since });
  else if (readingsAt !== null && now - readingsAt > READINGS_OLD_AFTER_MS)
    troubles.push({ kind: 'readings_old', since: readingsAt });
  if (clockOffsetMs !== null && Math.abs(clockOffsetMs) > CLOCK_DIFFERENCE_TOLD_MS)
    troubles.push({ kind: 'clock_wrong', since: null });
  return troubles;
}

/** What an answer says of the clocks: as if it was written half way between question and answer. Platform's clock minus the screen's, ms. */
export const offsetOf = (answer: { readonly at: number }, askedAt: number, answeredAt: number): number =>
  answer.at - (askedAt + answeredAt) / 2;
