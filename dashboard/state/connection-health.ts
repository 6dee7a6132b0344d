/**
 * Whether what the screen shows is as new as it should be. The server sends a frame at least every heartbeat; a screen that looks alive
 * while it is not is the worst thing a control room can have.
 */
export type Staleness =
  | { readonly kind: 'fresh' }
  /** Nothing has come since the page opened; not yet worth a word. */
  | { readonly kind: 'starting' }
  /** No frame for longer than allowed, or the line is down. `since`: when the newest data shown was sent, screen's clock. */
  | { readonly kind: 'stale'; readonly since: number; readonly cause: 'disconnected' | 'silent' | 'signed_out' };

export interface LineState {
  /** Screen's clock, when the page began to connect. */
  readonly startedAt: number;
  readonly connected: boolean;
  readonly signedOut: boolean;
  /** Screen's clock, when the newest frame was received; `null` before the first. */
  readonly lastFrameAt: number | null;
}

/** The longest silence that is still fresh: five seconds, or more than two heartbeats where the server is set slower. */
export const longestSilenceMs = (heartbeatMs: number): number => Math.max(5_000, 2.5 * heartbeatMs);

export function stalenessOf(line: LineState, now: number, heartbeatMs: number): Staleness {
  const allowed = longestSilenceMs(heartbeatMs);
  if (line.signedOut) return { kind: 'stale', since: line.lastFrameAt ?? line.startedAt, cause: 'signed_out' };
  if (line.lastFrameAt === null) {
    return now - line.startedAt <= allowed
      ? { kind: 'starting' }
      : { kind: 'stale', since: line.startedAt, cause: line.connected ? 'silent' : 'disconnected' };
  }
  const silence = now - line.lastFrameAt;
  if (!line.connected && silence > CONNECTION_GRACE_MS)
    return { kind: 'stale', since: line.lastFrameAt, cause: 'disconnected' };
  if (silence > allowed) return { kind: 'stale', since: line.lastFrameAt, cause: 'silent' };
  return { kind: 'fresh' };
}

/** While a screen is fresh every frame makes a new judgement that says the same. */
export const isSameStaleness = (a: Staleness, b: Staleness): boolean =>
  a.kind === 'stale' ? b.kind === 'stale' && a.since === b.since && a.cause === b.cause : a.kind === b.kind;

/** A line that is back within this is not worth a banner. */
const CONNECTION_GRACE_MS = 1_500;

/** Beyond this the screen's clock is said to be wrong; ages are counted by the server's clock all the same. */
export const CLOCK_DIFFERENCE_TOLD_MS = 5_000;

/**
 * Server time minus screen time, from frames: the largest seen of the last ones, since every delay on the way makes a frame's time look earlier.
 * `samples` newest last.
 */
export function clockOffset(samples: readonly number[]): number {
  return samples.length === 0 ? 0 : Math.max(...samples);
}
