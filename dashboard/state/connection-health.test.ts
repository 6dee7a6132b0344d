import { describe, expect, it } from 'vitest';
import { clockOffset, type LineState, longestSilenceMs, stalenessOf } from './connection-health.ts';

const HEARTBEAT = 1_000;
const line = (over: Partial<LineState> = {}): LineState => ({
  startedAt: 0,
  connected: true,
  signedOut: false,
  lastFrameAt: 10_000,
  ...over,
});

describe('how the screen knows that its data is old', () => {
  it.each([
    ['a frame a moment ago', line(), 10_400, { kind: 'fresh' }],
    ['five seconds of silence', line(), 15_000, { kind: 'fresh' }],
    ['more than that', line(), 15_001, { kind: 'stale', since: 10_000, cause: 'silent' }],
    ['a line just lost', line({ connected: false }), 11_000, { kind: 'fresh' }],
    [
      'a line lost for two seconds',
      line({ connected: false }),
      12_000,
      { kind: 'stale', since: 10_000, cause: 'disconnected' },
    ],
    ['the first seconds of the page', line({ lastFrameAt: null, connected: false }), 3_000, { kind: 'starting' }],
    [
      'a page that never got data',
      line({ lastFrameAt: null, connected: false }),
      6_000,
      { kind: 'stale', since: 0, cause: 'disconnected' },
    ],
    ['a session that ended', line({ signedOut: true }), 10_001, { kind: 'stale', since: 10_000, cause: 'signed_out' }],
  ] as const)('judges %s', (_what, state, now, expected) => {
    expect(stalenessOf(state, now, HEARTBEAT)).toEqual(expected);
  });

  it('allows more than two heartbeats where the server beats slowly', () => {
    expect(longestSilenceMs(1_000)).toBe(5_000);
    expect(longestSilenceMs(4_000)).toBe(10_000);
  });

  it("takes the frame that travelled fastest as the measure of the server's clock", () => {
    expect(clockOffset([])).toBe(0);
    expect(clockOffset([-80, -12, -300])).toBe(-12);
  });
});
