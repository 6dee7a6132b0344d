import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '../../domain/time.ts';
import { ServerClock } from './server-clock.ts';

/** A server's clock and a machine that has run for a minute; each question takes `wayMs`. */
async function room() {
  const state = { server: 1_800_000_000_000, elapsed: 60_000, wayMs: 20, isAway: false };
  const pass = (ms: number): void => {
    state.server += ms;
    state.elapsed += ms;
  };
  const clock = await ServerClock.follow({
    elapsed: () => state.elapsed,
    async ask() {
      if (state.isAway) throw new Error('away');
      pass(state.wayMs / 2);
      const time = epochMs(state.server);
      pass(state.wayMs / 2);
      return time;
    },
  });
  onTestFinished(() => clock.stop());
  return { state, clock, pass };
}

describe('The clock of a server', () => {
  it('is told without asking, and goes on while the server is away', async () => {
    const { state, clock, pass } = await room();
    expect(clock.now()).toBe(state.server);
    state.isAway = true;
    pass(3_600_000);
    await expect(clock.look()).rejects.toThrow('away');
    expect(clock.now()).toBe(state.server);
  });

  it('is followed when it is set, but for what the way alone may make of it', async () => {
    const { state, clock } = await room();
    state.server += 90;
    await clock.look();
    expect(clock.now()).toBe(state.server - 90);
    state.server -= 600_000;
    await clock.look();
    expect(clock.now()).toBe(state.server);
  });

  it('is not taken from an answer that was long on its way', async () => {
    const { state, clock } = await room();
    state.wayMs = 30_000;
    state.server += 600_000;
    await clock.look();
    expect(clock.now()).toBe(state.server - 600_000);
    state.wayMs = 20;
    await clock.look();
    expect(clock.now()).toBe(state.server);
  });
});
